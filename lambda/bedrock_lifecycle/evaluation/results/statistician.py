"""What a statistician would say before anybody believes the numbers; no word of a record is quoted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.evaluation.results.numbers import counted, of_few_groups, share
from bedrock_lifecycle.evaluation.scoring.definitions import headlines
from bedrock_lifecycle.evaluation.statistics.intervals import Method, interval
from bedrock_lifecycle.evaluation.statistics.sample import FEW, Sample
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.summary import Summary

CONFIDENCE: Final = 0.95
"""Of the intervals that are shown."""
# From these shares and numbers on a warning is worth its line; figures of this project's.
_MANY_LOOKS: Final = 10
_NOTABLE: Final = 0.01


@dataclass(frozen=True, kw_only=True)
class ScoreContext:
    """What is known beside the scores.

    looks: how many evaluations have looked at the test file, this one among them.
    trained_on: how many of the questions are in the training data; None where these were not compared.
    repeated: how many of the questions are asked by an earlier record as well.
    tokens, throttled: what the counter of the evaluation says.
    """

    looks: int = 1
    trained_on: int | None = None
    repeated: int = 0
    tokens: int = 0
    throttled: int = 0


def warnings(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> tuple[str, ...]:
    """Return the warnings that a summary deserves, the gravest first."""
    return tuple(warning for each in _ALL for warning in each(summary, plan, known))


def _trained_on(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    if known.trained_on:
        yield (
            f"{known.trained_on:,} of {summary.of:,} test questions are in the training data too: the tuned model may "
            "only remember their answers; remove them from one of the files"
        )
    if known.trained_on is None:
        yield (
            "the test questions were not looked for in the training data, which is not in this environment's bucket: "
            "check where it was trained that the two files have none in common"
        )


def _few(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    sample = _any_sample(summary)
    if sample and sample.clusters < FEW:
        groups = f" in {sample.clusters:,} groups" if sample.clusters < sample.records else ""
        yield (
            f"{sample.records:,} records{groups} are few: no interval is promised to hold the truth as often as it "
            f"says; use {FEW} or more"
        )


def _few_groups(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    sample = _any_sample(summary)
    if sample and (few := sample.few_groups):
        yield f"{of_few_groups(few)}; add groups"


def _unpromised(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    """Name the intervals whose coverage is not promised although there are enough records."""
    sample = _any_sample(summary)
    if not sample or sample.clusters < FEW:
        return
    told = headlines(plan.metrics)
    samples = [
        *((f"{measure} of {name}", its[measure]) for name, its in summary.scores.items() for measure in told),
        *(
            (f"{each.measure} against {each.theirs}", each.sample)
            for each in summary.differences
            if each.measure in told
        ),
    ]
    names = [name for name, its in samples if _is_unpromised(its)]
    if names:
        yield (
            f"too few records have the rarer result for the interval to be promised of: {', '.join(names)}; a gate's "
            "bounds hold all the same"
        )


def _is_unpromised(sample: Sample) -> bool:
    its = interval(sample, CONFIDENCE)
    # Those that are bounded hold the truth as often or more often.
    return not its.coverage_is_promised and its.method is not Method.BOUNDED


def _repeated(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    if known.repeated and not plan.questions.group_by:
        yield (
            f"{known.repeated:,} of {summary.of:,} questions are asked by an earlier record as well, and records are "
            "not grouped: intervals are narrower than they should be; set group_by, or remove them"
        )


def _unanswered(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    for each in summary.targets:
        asked = each.answered + each.unanswered
        if each.unanswered and each.unanswered >= _NOTABLE * asked:
            yield (
                f"{share(each.unanswered, asked)} of the records have no answer of {each.name}, and score 0 "
                f"({counted(each.errors)})"
            )


def _cut(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    for each in summary.targets:
        cut = each.stop_reasons.get("max_tokens", 0)
        if cut and cut >= _NOTABLE * each.answered:
            yield (
                f"{share(cut, each.answered)} of {each.name}'s answers were cut at max_output_tokens = "
                f"{plan.max_output_tokens:,}"
            )


def _looked_at(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    if known.looks >= _MANY_LOOKS:
        yield (
            f"{known.looks:,} evaluations have looked at this test file: what was chosen by their results, a threshold "
            "too, fits it better than new records; take a new test file from time to time"
        )


def _flipped(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    for each in summary.judge:
        asked = each.agreed + each.flipped + each.no_verdict
        if each.flipped or each.no_verdict:
            yield (
                f"the judge preferred another answer in the other order in {each.flipped:,} of {asked:,} pairs with "
                f"{each.theirs}, and gave no verdict in {each.no_verdict:,}: these count for nobody"
            )


def _once(summary: Summary, plan: EvaluationPlan, known: ScoreContext) -> Iterator[str]:
    yield (
        "each record was answered once, at temperature 0, which is not deterministic: the intervals are about other "
        "records, not about other answers to the same ones"
    )


def _any_sample(summary: Summary) -> Sample | None:
    return next((each for its in summary.scores.values() for each in its.values()), None)


_ALL: Final[tuple[Callable[[Summary, EvaluationPlan, ScoreContext], Iterator[str]], ...]] = (
    _trained_on,
    _few,
    _few_groups,
    _unpromised,
    _repeated,
    _unanswered,
    _cut,
    _looked_at,
    _flipped,
    _once,
)
