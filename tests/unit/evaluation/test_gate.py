"""A gate judges the bounds: passed, failed, or inconclusive with how many records it would take."""

from collections.abc import Callable

import pytest
from scipy import stats

from bedrock_lifecycle.evaluation.results.gate import Judgment, Requirement, Verdict, decide, judge
from bedrock_lifecycle.evaluation.statistics.intervals import bounds
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from tests.support.messages import says
from tests.unit.evaluation.samples import of_differences, of_scores, pairs, rates, repeated

PASSED, FAILED, INCONCLUSIVE = Verdict.PASSED, Verdict.FAILED, Verdict.INCONCLUSIVE
AT_LEAST = Requirement.at_least("exact_match", 0.7)
BETTER = Requirement.better_than("rouge_l", "base", by=0.05)
NOT_WORSE = Requirement.not_worse_than("exact_match", "stronger", by=0.05)


def test_requirements_are_thresholds() -> None:
    assert Requirement("exact_match", 0.7) == AT_LEAST
    assert Requirement("rouge_l", 0.05, "base") == BETTER
    assert Requirement("exact_match", -0.05, "stronger") == NOT_WORSE


@pytest.mark.parametrize(
    ("requirement", "sample", "verdict"),
    [
        (AT_LEAST, rates(760, 1000), PASSED),
        (AT_LEAST, rates(710, 1000), INCONCLUSIVE),
        (AT_LEAST, rates(690, 1000), INCONCLUSIVE),
        (AT_LEAST, rates(640, 1000), FAILED),
        (AT_LEAST, rates(1, 1), INCONCLUSIVE),
        (AT_LEAST, rates(0, 1), INCONCLUSIVE),
        (Requirement.at_least("json_schema", 0.99), rates(298, 298), INCONCLUSIVE),
        (Requirement.at_least("json_schema", 0.99), rates(299, 299), PASSED),
        (Requirement.at_least("json_schema", 1), rates(299, 299), INCONCLUSIVE),
        (Requirement.at_least("json_schema", 1), rates(298, 299), FAILED),
        (Requirement.at_least("any", 0), rates(0, 10), PASSED),
        (BETTER, pairs(200, 100, 1000), PASSED),
        (BETTER, pairs(150, 100, 1000), INCONCLUSIVE),
        (BETTER, pairs(100, 120, 1000), FAILED),
        (NOT_WORSE, pairs(100, 100, 1000), PASSED),
        (NOT_WORSE, pairs(100, 150, 1000), INCONCLUSIVE),
        (NOT_WORSE, pairs(100, 220, 1000), FAILED),
        (Requirement.better_than("any", "base", by=0), repeated("differences", {(0.1,): 30, (0.2,): 30}), PASSED),
    ],
)
def test_a_requirement_is_judged_by_its_bounds(requirement: Requirement, sample: Sample, verdict: Verdict) -> None:
    found = judge(requirement, sample, 0.95)
    assert found.verdict is verdict
    assert (found.low, found.high) == bounds(sample, 0.95)
    assert (found.requirement, found.records) == (requirement, sample.records)
    assert found.estimate == pytest.approx(sample.total / sample.records)
    assert (found.needed is None) or verdict is INCONCLUSIVE


def share_that_tells(records: int, rate: float) -> float:
    """Return in which share of evaluations a bound is on the right side of the threshold of 0.7."""
    at_threshold, true = stats.binom(records, 0.7), stats.binom(records, rate)
    if rate > 0.7:
        return float(true.sf(at_threshold.isf(0.05)))
    return float(true.cdf(at_threshold.ppf(0.05) - 1))


@pytest.mark.parametrize("successes", [720, 710, 690, 680])
def test_inconclusive_says_how_many_records_would_tell_in_four_of_five_evaluations(successes: int) -> None:
    needed = judge(AT_LEAST, rates(successes, 1000), 0.95).needed
    assert needed is not None
    assert needed > 1000
    assert set(str(needed)[2:]) == {"0"}  # two digits
    assert 0.79 < share_that_tells(needed, successes / 1000) < 0.85
    assert share_that_tells(needed // 2, successes / 1000) < 0.65


def test_no_number_of_records_tells_what_is_at_the_threshold() -> None:
    assert judge(AT_LEAST, rates(700, 1000), 0.95).needed is None
    assert judge(Requirement.at_least("any", 0.7000001), rates(700, 1000), 0.95).needed is None
    assert judge(Requirement.at_least("json_schema", 1), rates(299, 299), 0.95).needed is None


def test_all_that_is_right_needs_more_records_too() -> None:
    needed = judge(Requirement.at_least("json_schema", 0.99), rates(100, 100), 0.95).needed
    assert needed is not None
    assert 299 < needed < 700


def test_needed_records_count_records_and_not_clusters() -> None:
    single = judge(AT_LEAST, repeated("scores", {(1.0,): 71, (0.0,): 29}), 0.95).needed
    grouped = judge(AT_LEAST, repeated("scores", {(1.0,) * 10: 71, (0.0,) * 10: 29}), 0.95).needed
    assert single is not None
    assert grouped is not None
    assert grouped == pytest.approx(10 * single, rel=0.1)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([PASSED], PASSED),
        ([PASSED, PASSED], PASSED),
        ([PASSED, INCONCLUSIVE], INCONCLUSIVE),
        ([FAILED, INCONCLUSIVE, PASSED], FAILED),
        ([INCONCLUSIVE, FAILED], FAILED),
    ],
)
def test_a_gate_passes_only_if_every_requirement_does(verdicts: list[Verdict], expected: Verdict) -> None:
    assert decide(Judgment(AT_LEAST, each, 0.5, 0, 1, 10) for each in verdicts) is expected


def test_a_gate_without_a_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match="none"):
        decide([])


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_bounds_is_refused(value: float) -> None:
    ways: list[Callable[[], Requirement]] = [
        lambda: Requirement.at_least("any", value),
        lambda: Requirement.better_than("any", "base", by=value),
        lambda: Requirement.not_worse_than("any", "base", by=value),
    ]
    for make in ways:
        with pytest.raises(ValueError, match="0 to 1") as refused:
            make()
        assert says(str(refused.value), repr(value))


@pytest.mark.parametrize(
    ("requirement", "sample", "got"),
    [
        (AT_LEAST, of_differences(1), "differences"),
        (BETTER, of_scores(1), "scores"),
        (NOT_WORSE, of_scores(1), "scores"),
    ],
)
def test_a_sample_of_the_wrong_kind_is_refused(requirement: Requirement, sample: Sample, got: str) -> None:
    with pytest.raises(ValueError, match="judged") as refused:
        judge(requirement, sample, 0.95)
    assert says(str(refused.value), requirement.measure, f"got {got}")


def test_a_confidence_out_of_bounds_and_an_empty_sample_are_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        judge(AT_LEAST, rates(1, 2), 1)
    with pytest.raises(ValueError, match="got"):
        judge(AT_LEAST, Sample.of("scores", []), 0.95)


@pytest.mark.parametrize(
    "requirement",
    [Requirement.at_least("json_schema", 0.99), Requirement.better_than("rouge_l", "base", by=0.05), NOT_WORSE],
)
def test_a_requirement_is_handed_over_as_text(requirement: Requirement) -> None:
    assert Requirement.from_text(requirement.to_text()) == requirement


def test_a_requirement_of_no_distance_at_all_has_one_text() -> None:
    better, not_worse = (make("any", "base", by=0) for make in (Requirement.better_than, Requirement.not_worse_than))
    assert better.to_text() == not_worse.to_text() == '{"against":"base","measure":"any","threshold":0.0}'


@pytest.mark.parametrize("text", ["", "{}", "[]", '"any"', "null", '{"measure":"any","threshold":[],"against":null}'])
def test_another_text_is_no_requirement(text: str) -> None:
    with pytest.raises(ValueError, match="requirement"):
        Requirement.from_text(text)
