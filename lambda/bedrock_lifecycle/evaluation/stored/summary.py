"""The numbers of an evaluation: exact sums, from which gate, report and command line compute what they tell."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self, TypeVar

from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.evaluation.statistics.sample import Sample

_Told = TypeVar("_Told")


@dataclass(frozen=True, kw_only=True)
class TargetAnswers:
    """How one target answered. Latencies are in milliseconds; None without any answer.

    stop_reasons: of the answers; errors: codes of what came in place of the others.
    """

    name: str
    model: str
    answered: int
    unanswered: int
    input_tokens: int
    output_tokens: int
    stop_reasons: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)
    latency_p50: int | None = None
    latency_p95: int | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Paired differences of a measure, the tuned model's less another's, on the same records.

    `both`, `ours`, `theirs`, `neither` count records of a measure that is 0 or 1; None for any other measure.
    """

    theirs: str
    measure: str
    sample: Sample
    both: int | None = None
    ours: int | None = None
    neither: int | None = None
    theirs_only: int | None = None


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The scores of a part of the records: by the `length` of the reference in characters, or by `group`.

    A group's label is the beginning of a digest of what its records have in common, which may be confidential.
    """

    by: str
    label: str
    target: str
    measure: str
    sample: Sample


@dataclass(frozen=True, kw_only=True)
class Worst:
    """A record, by its number in the test file from 1 on, in which the tuned model is far behind another."""

    record: int
    measure: str
    theirs: str
    difference: float


@dataclass(frozen=True, kw_only=True)
class JudgeTold:
    """What a judge found of pairs: how often both orders agreed, and how often they did not, or it said nothing.

    unasked: pairs that needed no judge, since their answers are equal or one is missing.
    """

    theirs: str
    agreed: int
    flipped: int
    no_verdict: int
    unasked: int = 0


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What an evaluation has measured.

    is_complete: whether every record was asked of every target; a gate takes no other.
    records, of: how many records were scored, and how many there are to score.
    looks: how many evaluations have looked at this test file, this one among them.
    trained_on: how many of the questions are also in the training data; None where that was not looked at.
    scores: samples by target's name and measure.
    warnings: what a statistician would say, in words that quote no record.
    """

    evaluation: str
    is_complete: bool
    made: str
    test_sha256: str
    records: int
    of: int
    targets: tuple[TargetAnswers, ...]
    scores: Mapping[str, Mapping[str, Sample]]
    differences: tuple[Difference, ...] = ()
    slices: tuple[Slice, ...] = ()
    worst: tuple[Worst, ...] = ()
    judge: tuple[JudgeTold, ...] = ()
    looks: int = 1
    trained_on: int | None = None
    tokens: int = 0
    throttled: int = 0
    warnings: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return it as text, which equal summaries have in common."""
        return json.dumps({"version": 1, **asdict(self)}, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the summary of a text; fields that this code does not know are left out."""
        raw: dict[str, Any] = json.loads(text)
        known = {name: value for name, value in raw.items() if name in cls.__dataclass_fields__}
        return cls(
            **{
                **known,
                **measured_of(known),
                "targets": told(TargetAnswers, known.get("targets", ())),
                "warnings": tuple(known.get("warnings", ())),
            }
        )

    @property
    def model(self) -> str:
        """The name of the tuned model; empty where there is none."""
        return next((each.model for each in self.targets if each.name == TUNED), "")

    def sample(self, measure: str, against: str | None) -> Sample | None:
        """Return the tuned model's scores of a measure or, against another model, the paired differences."""
        if against is None:
            return self.scores.get(TUNED, {}).get(measure)
        found = (each.sample for each in self.differences if (each.measure, each.theirs) == (measure, against))
        return next(found, None)


def measured_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was measured from what JSON has of it: the fields that a summary and its parts have in common."""
    return {
        "scores": {
            target: {measure: sample_of(each) for measure, each in measures.items()}
            for target, measures in raw["scores"].items()
        },
        "differences": told(Difference, raw.get("differences", ())),
        "slices": told(Slice, raw.get("slices", ())),
        "worst": told(Worst, raw.get("worst", ())),
        "judge": told(JudgeTold, raw.get("judge", ())),
    }


def told(kind: type[_Told], raw: Iterable[Mapping[str, Any]]) -> tuple[_Told, ...]:
    """Return records from what JSON has of them; fields that this code does not know are left out."""
    known = kind.__dataclass_fields__  # type: ignore[attr-defined]
    return tuple(
        kind(**{key: sample_of(its) if key == "sample" else its for key, its in each.items() if key in known})
        for each in raw
    )


def sample_of(raw: Mapping[str, Any]) -> Sample:
    """Return a sample from what JSON has of it; its whole numbers have any size."""
    return Sample(
        kind=raw["kind"],
        clusters=raw["clusters"],
        sums=tuple(raw["sums"]),
        whole=raw["whole"],
        largest=raw["largest"],
        few=tuple((total, size) for total, size in raw["few"]),
    )
