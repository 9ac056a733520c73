"""What a gate says of an evaluation's numbers, and how that is told: in numbers, with no word of any record."""

from collections.abc import Sequence
from dataclasses import dataclass

from bedrock_lifecycle.evaluation.gate import Judgment, Requirement, Verdict, decide, judge
from bedrock_lifecycle.evaluation.summary import Summary


class NotMeasured(ValueError):
    """A requirement is about something that the evaluation has not measured."""


@dataclass(frozen=True)
class Judged:
    """Each requirement's judgment, and what follows from them together."""

    verdict: Verdict
    judgments: tuple[Judgment, ...]
    confidence: float

    def __str__(self) -> str:
        passed = sum(each.verdict is Verdict.PASSED for each in self.judgments)
        told = "; ".join(_told(each) for each in self.judgments)
        bounds = f"bounds at {self.confidence * 100:g} %"
        return f"{passed} of {len(self.judgments)} requirements passed ({bounds}): {told}"


def judged(summary: Summary, requirements: Sequence[Requirement], confidence: float) -> Judged:
    """Judge what an evaluation has measured; `NotMeasured` for what it has not, `ValueError` as `gate.judge` has it."""
    judgments: list[Judgment] = []
    for requirement in requirements:
        sample = summary.sample(requirement.measure, requirement.against)
        if sample is None:
            raise NotMeasured(f"it has not measured {_measured(requirement)}")
        judgments.append(judge(requirement, sample, confidence))
    return Judged(decide(judgments), tuple(judgments), confidence)


def _measured(requirement: Requirement) -> str:
    against = f" tuned - {requirement.against}" if requirement.against else ""
    return f"{requirement.measure}{against}"


def _told(judgment: Judgment) -> str:
    form = "+.3f" if judgment.requirement.against else ".3f"
    estimate, low, high, threshold = (
        format(value, form)
        for value in (judgment.estimate, judgment.low, judgment.high, judgment.requirement.threshold)
    )
    more = ""
    if judgment.verdict is Verdict.INCONCLUSIVE:
        more = f", about {judgment.needed:,} would tell" if judgment.needed else ", no number of records would tell"
    return (
        f"{_measured(judgment.requirement)} = {estimate} [{low}, {high}] must be at least {threshold}: "
        f"{judgment.verdict} ({judgment.records:,} records{more})"
    )
