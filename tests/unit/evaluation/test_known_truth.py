"""2,000 evaluations of models whose quality is known: how often intervals hold it, and what a gate lets pass.

Rates are worked out exactly instead: every count that there can be, weighed by its probability.
"""

import math
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import pytest
from scipy import stats

from bedrock_lifecycle.evaluation.results.gate import Requirement, Verdict, judge
from bedrock_lifecycle.evaluation.statistics.bootstrap import percentile
from bedrock_lifecycle.evaluation.statistics.comparison import POWER, minimum_detectable_effect, p_value
from bedrock_lifecycle.evaluation.statistics.intervals import Method, interval
from bedrock_lifecycle.evaluation.statistics.rates import wilson
from bedrock_lifecycle.evaluation.statistics.sample import FEW
from tests.unit.evaluation.samples import Truth, everywhere, of_single, pairs, rates

Print = Callable[[str], None]

EVALUATIONS: Final = 2000
MARGIN: Final = 0.015
TENTHS: Final = [place / 10 for place in range(11)]
TRUTHS: Final = [
    of_single("even", "scores", everywhere(TENTHS)),
    of_single("70 % right", "scores", {1.0: 0.7, **dict.fromkeys((0.1, 0.3, 0.5, 0.7, 0.9), 0.06)}),
    of_single("95 % right", "scores", {1.0: 0.95, 0.0: 0.02, 0.5: 0.03}),
    of_single("5 % right", "scores", {0.0: 0.95, 1.0: 0.02, 0.5: 0.03}),
    of_single("99 % right", "scores", {1.0: 0.99, 0.25: 0.01}),
    of_single("close", "scores", {0.48: 0.3, 0.5: 0.4, 0.52: 0.3}),
    of_single("differences", "differences", {-0.6: 0.1, -0.2: 0.2, 0.0: 0.3, 0.2: 0.25, 0.7: 0.15}),
    of_single("few differ", "differences", {0.0: 0.97, -0.5: 0.01, 0.8: 0.02}),
    of_single("some got worse", "differences", {0.0: 0.6, 0.1: 0.35, -0.9: 0.05}),
    of_single("pairs of rates", "differences", {-1.0: 0.1, 0.0: 0.6, 1.0: 0.3}),
    of_single("pairs, few differ", "differences", {-1.0: 0.03, 0.0: 0.96, 1.0: 0.01}),
    of_single("pairs, only worse", "differences", {-1.0: 0.05, 0.0: 0.95}),
    Truth("clusters", "scores", {(1.0, 1.0, 0.8): 0.3, (0.0, 0.2): 0.2, (0.5,): 0.3, (0.9, 0.7, 0.6, 0.8): 0.2}),
    Truth("a few large", "scores", {(1.0,): 0.9, (0.0,) * 20: 0.05, (1.0,) * 20: 0.05}),
    Truth("clusters of rates", "scores", {(1.0, 1.0, 1.0): 0.6, (0.0, 0.0): 0.2, (1.0, 0.0): 0.2}),
]


def just_not_good_enough(truth: Truth) -> Requirement:
    """Return what the true value misses by next to nothing, which is where a gate errs most."""
    return Requirement("any", math.nextafter(truth.mean, 2), "base" if truth.kind == "differences" else None)


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [40, FEW, 1000])
@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_a_gate_lets_few_pass_and_intervals_hold_the_truth_as_promised(
    truth: Truth, clusters: int, table: Print
) -> None:
    samples = list(truth.samples(clusters, EVALUATIONS))
    requirement = just_not_good_enough(truth)
    passed = share(judge(requirement, sample, 0.95).verdict is Verdict.PASSED for sample in samples)
    name = f"{truth.name:17} n = {clusters:4}"
    table(f"gate: {name}  passes at the threshold {passed:5.1%}")
    assert passed <= 0.05
    if clusters < FEW:
        return  # the bootstrap takes its time, and promises nothing
    intervals = [interval(sample, 0.95) for sample in samples]
    held = share(each.low <= truth.mean <= each.high for each in intervals)
    promised = share(each.coverage_is_promised for each in intervals)
    methods = ", ".join(f"{method} {times}" for method, times in Counter(each.method for each in intervals).items())
    table(f"mean: {name}  coverage {held:6.1%}, promised in {promised:6.1%}  {methods}")
    assert held >= 0.95 - MARGIN
    # Where some samples look too skewed, these get wider intervals.
    assert held <= 0.95 + MARGIN or promised < 0.99


def share(of: Iterable[bool]) -> float:
    return sum(of) / EVALUATIONS


@pytest.mark.slow
def test_the_bootstrap_of_40_records_is_close_and_not_promised(table: Print) -> None:
    truth, evaluations = TRUTHS[0], 100
    intervals = [percentile(sample, 0.95) for sample in truth.samples(40, evaluations)]
    held = sum(low <= truth.mean <= high for low, high in intervals) / evaluations
    table(f"mean: {truth.name:17} n =   40  coverage {held:6.1%} of {evaluations}, not promised  {Method.BOOTSTRAP}")
    assert 0.85 <= held < 1


@pytest.mark.parametrize("records", [40, 200, 1000])
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.5, 0.712, 0.9, 0.95, 0.99])
def test_rates(rate: float, records: int, table: Print) -> None:
    counts = range(records + 1)
    chances = [float(stats.binom.pmf(count, records, rate)) for count in counts]
    intervals = [wilson(count, records, 0.95) for count in counts]
    held = sum(chance for chance, (low, high) in zip(chances, intervals, strict=True) if low <= rate <= high)
    requirement = Requirement.at_least("any", math.nextafter(rate, 2))
    least = bisect(counts, False, key=lambda count: judge(requirement, rates(count, records), 0.95).verdict == "passed")
    passed = sum(chances[least:])
    is_promised = interval(rates(round(rate * records), records), 0.95).coverage_is_promised
    table(
        f"rate: {rate:17} n = {records:4}  coverage {held:6.1%}, {'' if is_promised else 'not '}promised; "
        f"a gate passes it at the threshold {passed:5.1%}"
    )
    assert 0 < passed <= 0.05 or records * math.log(rate) > math.log(0.05)  # too few records for any to pass
    if is_promised:
        assert held == pytest.approx(0.95, abs=MARGIN)


@pytest.mark.slow
def test_the_detectable_difference_is_detected_in_four_of_five_evaluations() -> None:
    # A quarter of 1,000 records differ, by as much as such a test set can show.
    detectable = minimum_detectable_effect(pairs(125, 125, 1000), 0.95)
    ours, theirs = 0.125 + detectable / 2, 0.125 - detectable / 2
    truth = of_single("any", "differences", {-1.0: theirs, 0.0: 0.75, 1.0: ours})
    significant = sum(p_value(sample) <= 0.05 for sample in truth.samples(1000, EVALUATIONS))
    assert significant / EVALUATIONS == pytest.approx(POWER, abs=0.04)


@pytest.mark.slow
def test_without_a_difference_few_evaluations_find_one() -> None:
    for truth in (
        of_single("any", "differences", {-1.0: 0.1, 0.0: 0.8, 1.0: 0.1}),
        of_single("any", "differences", {-0.5: 0.2, 0.0: 0.5, 0.2: 0.2, 0.6: 0.1}),
    ):
        for records in (40, 200):
            found = sum(p_value(sample) <= 0.05 for sample in truth.samples(records, EVALUATIONS))
            assert found <= (0.05 + MARGIN) * EVALUATIONS
