"""What a gate says of an evaluation's numbers, and how that is told: in numbers, with no word of any record."""

from collections.abc import Sequence
from dataclasses import dataclass

from bedrock_lifecycle.evaluation.results.gate import Judgment, Requirement, Verdict, decide, judge
from bedrock_lifecycle.evaluation.results.words import of_judgments, of_measure
from bedrock_lifecycle.evaluation.stored.summary import Summary


class NotMeasured(ValueError):
    """A requirement is about something that the evaluation has not measured."""


@dataclass(frozen=True)
class Judged:
    """Each requirement's judgment, and what follows from them together."""

    verdict: Verdict
    judgments: tuple[Judgment, ...]
    confidence: float

    def __str__(self) -> str:
        return of_judgments(self.judgments, self.confidence)


def judged(summary: Summary, requirements: Sequence[Requirement], confidence: float) -> Judged:
    """Judge what an evaluation has measured; `NotMeasured` for what it has not, `ValueError` as `gate.judge` has it."""
    judgments: list[Judgment] = []
    for requirement in requirements:
        sample = summary.sample(requirement.measure, requirement.against)
        if sample is None:
            raise NotMeasured(f"it has not measured {of_measure(requirement.measure, requirement.against)}")
        judgments.append(judge(requirement, sample, confidence))
    return Judged(decide(judgments), tuple(judgments), confidence)
