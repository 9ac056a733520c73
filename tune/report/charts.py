"""The numbers of an evaluation as charts of intervals; those of one kind have one scale."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.evaluation.results.numbers import difference, score
from bedrock_lifecycle.evaluation.results.statistician import CONFIDENCE
from bedrock_lifecycle.evaluation.statistics import intervals
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, Slice, Summary
from tune.pictures.intervals import IntervalChart, IntervalRow, drawn
from tune.terminal.escaped import visible

_WHOLE: Final = (0.0, 1.0)
_MANY: Final = 10_000

_Row = tuple[str, Sample]


@lru_cache(_MANY)
def interval(sample: Sample) -> intervals.Interval:
    """Return the interval that is shown of a sample, in charts and tables: a bootstrap takes a tenth of a second."""
    return intervals.interval(sample, CONFIDENCE)


def of_scores(numbers: Summary) -> Iterator[str]:
    """Yield a chart for each measure, with all models."""
    for place, measure in enumerate(measures(numbers)):
        rows = [(its.name, found) for its in numbers.targets if (found := scored(numbers, its.name, measure))]
        yield _drawn(f"scores-{place}", measure, "score", rows, _WHOLE)


def of_differences(numbers: Summary) -> Iterator[str]:
    """Yield a chart for each measure, with all models that the tuned one is compared with."""
    by_measure: dict[str, list[Difference]] = {}
    for each in numbers.differences:
        by_measure.setdefault(each.measure, []).append(each)
    reached = [each for its in numbers.differences for each in _bounds(its.sample)]
    for place, (measure, its) in enumerate(sorted(by_measure.items())):
        rows = [(f"{TUNED} - {each.theirs}", each.sample) for each in its]
        yield _drawn(f"differences-{place}", f"{measure}, paired", "difference", rows, reached, is_signed=True)


def of_slices(numbers: Summary, by: str) -> Iterator[str]:
    """Yield a chart for each measure: the tuned model's scores of each part of the records."""
    for place, (measure, its) in enumerate(sliced(numbers, by, TUNED).items()):
        rows = [(each.label, each.sample) for each in its]
        yield _drawn(f"slices-by-{by}-{place}", f"{measure} of {TUNED}", "score", rows, _WHOLE)


def measures(numbers: Summary) -> list[str]:
    """Return every measure that has scores, by its name."""
    return sorted({measure for its in numbers.scores.values() for measure in its})


def scored(numbers: Summary, target: str, measure: str) -> Sample | None:
    """Return a target's scores of a measure; None where it has none."""
    return numbers.scores.get(target, {}).get(measure)


def sliced(numbers: Summary, by: str, target: str) -> dict[str, list[Slice]]:
    """Return a target's slices by measure: by the length that they begin with, or the largest groups first."""
    found: dict[str, list[Slice]] = {}
    for each in sorted(numbers.slices, key=lambda its: (its.measure, *_place(its))):
        if (each.by, each.target) == (by, target):
            found.setdefault(each.measure, []).append(each)
    return found


def _place(its: Slice) -> tuple[int, str]:
    digits = "".join(each for each in its.label.partition(" to ")[0] if each.isdecimal())
    return (int(digits or 0), its.label) if its.by == "length" else (-its.sample.records, its.label)


def _drawn(
    name: str, title: str, x_name: str, rows: Sequence[_Row], reaches: Sequence[float], *, is_signed: bool = False
) -> str:
    written = difference if is_signed else score
    shown = []
    for label, sample in rows:
        its = interval(sample)
        # The bootstrap's middle need not hold the estimate.
        low, high = min(its.low, its.estimate), max(its.high, its.estimate)
        shown.append(IntervalRow(visible(label), low, its.estimate, high, written(its.estimate)))
    told = "; ".join(f"{each.name} {each.told} [{written(each.low)}, {written(each.high)}]" for each in shown)
    return drawn(
        IntervalChart(
            name=name,
            title=visible(title),
            description=f"Intervals at {CONFIDENCE * 100:g} %: {told}.",
            x_name=x_name,
            rows=tuple(shown),
            reference=0.0 if is_signed else None,
            reaches=tuple(reaches),
        )
    )


def _bounds(sample: Sample) -> tuple[float, float]:
    its = interval(sample)
    return min(its.low, its.estimate), max(its.high, its.estimate)
