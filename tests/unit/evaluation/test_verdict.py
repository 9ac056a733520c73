"""A gate judges what an evaluation has measured, and nothing else."""

import pytest

from bedrock_lifecycle.evaluation.results.gate import Requirement, Verdict
from bedrock_lifecycle.evaluation.results.reduce import summarized
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext
from bedrock_lifecycle.evaluation.results.verdict import NotMeasured, judged
from bedrock_lifecycle.evaluation.results.words import of_judgments
from bedrock_lifecycle.evaluation.scoring.part import PartialScores
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference
from tests.support.messages import says
from tests.unit.evaluation.samples import pairs, rates
from tests.unit.evaluation.worlds import plan

MEASURED = summarized(
    plan(),
    [
        PartialScores(
            records=1000,
            of=1000,
            scores={"tuned": {"exact_match": rates(760, 1000)}},
            differences=(
                Difference(theirs="base", measure="exact_match", sample=pairs(200, 100, 1000)),
                Difference(theirs="base", measure="judge", sample=Sample.of("differences", [])),
            ),
        )
    ],
    ScoreContext(),
    "any",
)
HIGH = Requirement.at_least("exact_match", 0.7)
BETTER = Requirement.better_than("exact_match", "base", by=0.05)


def test_the_gate_s_verdict_is_that_of_all_requirements() -> None:
    found = judged(MEASURED, [HIGH, BETTER], 0.95)
    assert found.verdict is Verdict.PASSED
    assert [each.requirement for each in found.judgments] == [HIGH, BETTER]
    assert str(found) == of_judgments(found.judgments, 0.95)
    assert judged(MEASURED, [HIGH, Requirement.at_least("exact_match", 0.9)], 0.95).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("requirement", "token"),
    [
        (Requirement.at_least("rouge_l", 0.5), "rouge_l tuned"),
        (Requirement.better_than("exact_match", "other", by=0.1), "exact_match tuned - other"),
        # Of which no pair counted.
        (Requirement.better_than("judge", "base", by=0), "judge tuned - base"),
    ],
)
def test_what_was_not_measured_is_refused(requirement: Requirement, token: str) -> None:
    with pytest.raises(NotMeasured) as refused:
        judged(MEASURED, [HIGH, requirement], 0.95)
    assert says(refused.value, token)
