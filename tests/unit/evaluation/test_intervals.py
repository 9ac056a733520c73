"""Each sample gets the method that fits what it holds and its size."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bedrock_lifecycle.evaluation.statistics import bootstrap, bounded, matched_pairs, means, rates
from bedrock_lifecycle.evaluation.statistics.comparison import compare, minimum_detectable_effect, p_value
from bedrock_lifecycle.evaluation.statistics.intervals import Interval, Method, bounds, discordant, interval
from bedrock_lifecycle.evaluation.statistics.sample import Kind, Sample
from tests.support.messages import says
from tests.unit.evaluation.samples import of_differences, of_scores, pairs, repeated
from tests.unit.evaluation.samples import rates as of_rates

HALVES = repeated("scores", {(0.5,): 40})
EVEN = tuple(place / 10 for place in range(11))


def even(clusters: int) -> Sample:
    """Return scores that are spread evenly: nothing about them is skewed."""
    return repeated("scores", {(EVEN[place % 11],): clusters // 11 + (place < clusters % 11) for place in range(11)})


def grouped(clusters: int) -> Sample:
    """Return rates in clusters of two."""
    return repeated("scores", {(1.0, 1.0): clusters // 2, (0.0, 1.0): clusters - clusters // 2})


@pytest.mark.parametrize(
    ("sample", "method", "is_promised"),
    [
        (of_rates(20, 199), Method.WILSON, False),
        (of_rates(19, 200), Method.WILSON, False),
        (of_rates(20, 200), Method.WILSON, True),
        (of_rates(180, 200), Method.WILSON, True),
        (of_rates(181, 200), Method.WILSON, False),
        (pairs(10, 10, 199), Method.TANGO, False),
        (pairs(10, 9, 200), Method.TANGO, False),
        (pairs(15, 5, 200), Method.TANGO, True),
        (even(199), Method.BOOTSTRAP, False),
        (even(200), Method.CLUSTERED, True),
        (grouped(199), Method.BOOTSTRAP, False),
        (grouped(200), Method.CLUSTERED, True),
        (HALVES, Method.BOUNDED, False),
        (repeated("scores", {(0.5,): 1}), Method.BOUNDED, False),
        (repeated("scores", {(1.0,): 990, (0.5,): 10}), Method.BOUNDED, False),
        (repeated("scores", {(1.0, 1.0): 300}), Method.BOUNDED, False),
        (repeated("scores", {(1.0,): 100, (0.0,): 100, (0.5,) * 8: 5}), Method.CLUSTERED, True),
        (repeated("scores", {(1.0,): 100, (0.0,): 100, (0.5,) * 9: 5}), Method.BOUNDED, False),
        (repeated("scores", {(1.0,): 39, (0.5,): 1}), Method.BOUNDED, False),
    ],
)
def test_the_method_is_chosen_by_content_and_size(sample: Sample, method: Method, is_promised: bool) -> None:
    found = interval(sample, 0.95)
    assert (found.method, found.coverage_is_promised) == (method, is_promised)
    assert sample.lowest <= found.low <= found.estimate <= found.high <= 1
    assert found.low < found.high
    assert found.estimate == pytest.approx(sample.total / sample.records)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (of_rates(712, 1000), rates.wilson(712, 1000, 0.9)),
        (pairs(331, 50, 1000), matched_pairs.tango(331, 50, 1000, 0.9)),
        (even(500), means.clustered(even(500), 0.9)),
        (even(40), bootstrap.percentile(even(40), 0.9)),
        (
            HALVES,
            (bounded.lower_bound(HALVES.spread, 0, 0.95), bounded.upper_bound(HALVES.spread, 1, 0.95)),
        ),
    ],
)
def test_the_interval_is_the_methods(sample: Sample, expected: tuple[float, float]) -> None:
    found = interval(sample, 0.9)
    assert (found.low, found.high, found.confidence) == (*expected, 0.9)


def test_bounds_are_exact_for_rates_and_hold_for_all_else() -> None:
    assert bounds(of_rates(99, 100), 0.95) == (
        rates.exact_lower_bound(99, 100, 0.95),
        rates.exact_upper_bound(99, 100, 0.95),
    )
    for sample in (pairs(3, 1, 40), even(1000), grouped(40)):
        assert bounds(sample, 0.95) == (
            bounded.lower_bound(sample.spread, sample.lowest, 0.95),
            bounded.upper_bound(sample.spread, 1, 0.95),
        )


def test_counts_of_a_comparison_are_read_from_its_sums() -> None:
    assert discordant(pairs(331, 50, 1000)) == (331, 50)
    assert discordant(pairs(0, 2, 3)) == (0, 2)


def test_rates_are_compared_by_mcnemar() -> None:
    found = compare(pairs(331, 50, 1000), 0.95)
    assert found.difference == interval(pairs(331, 50, 1000), 0.95)
    assert found.p_value == matched_pairs.exact_mcnemar(331, 50)
    assert found.detectable == pytest.approx(0.0547, abs=5e-5)


def test_means_are_compared_by_changing_signs() -> None:
    differences = [0.1, 0.3, -0.2, 0.4, 0.25, 0.05, -0.1, 0.35, 0.15, 0.2]
    # All 1,024 ways to change signs, as the exact form of the test.
    exact = stats.permutation_test([differences], lambda values: sum(values), permutation_type="samples").pvalue
    assert p_value(of_differences(*differences)) == pytest.approx(exact, abs=0.01)
    assert p_value(Sample.of("differences", [[each, each] for each in differences])) == pytest.approx(
        p_value(of_differences(*differences))
    )


def test_nothing_that_differs_is_no_evidence() -> None:
    assert p_value(of_differences(0.0, 0.0)) == 1
    assert p_value(Sample.of("differences", [[0.5, -0.5], [0.0]])) == 1
    assert p_value(pairs(0, 0, 40)) == 1


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        # The example's 40 test records with 40 % that differ, and 1,000 with 24 %.
        (pairs(8, 8, 40), 0.280),
        (pairs(130, 110, 1000), 0.0434),
        # As if one record differed.
        (pairs(0, 0, 1000), 2.8016 / 1000),
        (repeated("differences", {(0.0, 0.0): 500}), 2.8016 / 500),
        (pairs(1, 1, 2), 1),
        # Whole clusters that differ count as one record each.
        (repeated("differences", {(1.0, 1.0): 60, (-1.0, -1.0): 60, (0.0, 0.0): 380}), 2.8016 * math.sqrt(0.24 / 500)),
    ],
)
def test_the_smallest_difference_that_would_be_seen(sample: Sample, expected: float) -> None:
    assert minimum_detectable_effect(sample, 0.95) == pytest.approx(expected, abs=5e-4)
    assert minimum_detectable_effect(sample, 0.99) >= minimum_detectable_effect(sample, 0.95)


def test_scores_alone_are_no_comparison() -> None:
    with pytest.raises(ValueError, match="differences") as refused:
        compare(of_scores(1), 0.95)
    assert says(str(refused.value), "got scores")


@pytest.mark.parametrize("sample", [of_rates(1, 2), pairs(1, 0, 2), even(10), even(300), of_scores(0.5)])
def test_no_confidence_out_of_bounds(sample: Sample) -> None:
    for function in (interval, bounds):
        with pytest.raises(ValueError, match="confidence"):
            function(sample, 1)


def test_nothing_has_no_interval() -> None:
    for function in (interval, bounds):
        with pytest.raises(ValueError, match="got"):
            function(Sample.of("scores", []), 0.95)


@given(
    st.sampled_from(["scores", "differences"]),
    st.lists(st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=1, max_size=3), min_size=1, max_size=30),
    st.sampled_from([1, 20]),
    st.floats(0.55, 0.999),
)
@settings(max_examples=40)
def test_every_sample_has_an_interval_and_bounds_around_its_mean(
    kind: Kind, clusters: list[list[float]], times: int, confidence: float
) -> None:
    sign = -1 if kind == "differences" else 1
    signed = [[sign * each for each in cluster] if len(cluster) == 2 else cluster for cluster in clusters]
    sample = Sample.of(kind, signed * times)
    found = interval(sample, confidence)
    low, high = bounds(sample, confidence)
    assert sample.lowest <= found.low <= found.high <= 1
    assert sample.lowest <= low <= sample.spread.mean <= high <= 1


def test_a_larger_sample_of_the_same_has_a_narrower_interval() -> None:
    def width(found: Interval) -> float:
        return found.high - found.low

    widths = [width(interval(of_rates(7 * scale, 10 * scale), 0.95)) for scale in (1, 10, 100, 1000)]
    assert widths == sorted(widths, reverse=True)
