"""Intervals, bounds and tests give what SciPy gives, or what their definition says."""

import itertools
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from bedrock_lifecycle.evaluation.statistics import binomial, bootstrap, bounded, holm, matched_pairs, rates
from bedrock_lifecycle.evaluation.statistics.bisection import first
from bedrock_lifecycle.evaluation.statistics.confidence import level, one_sided, two_sided, two_sided_p_value
from bedrock_lifecycle.evaluation.statistics.means import clustered
from bedrock_lifecycle.evaluation.statistics.sample import FEW, Sample
from tests.support.messages import says
from tests.unit.evaluation import samples
from tests.unit.evaluation.samples import of_differences, of_scores

COUNTS = [(0, 1), (1, 1), (0, 40), (1, 40), (20, 40), (39, 40), (40, 40), (712, 1000), (999_000, 10**6), (3, 10**6)]
CONFIDENCES = [0.8, 0.95, 0.999]
NOT_SURE = [0.5, 1, 1.5, 0, -0.95, math.nan]


@pytest.mark.parametrize(("successes", "records"), COUNTS)
@pytest.mark.parametrize("rate", [0, 1e-6, 0.025, 0.5, 0.712, 0.999, 1])
def test_probabilities_of_counts_are_scipys(successes: int, records: int, rate: float) -> None:
    exact = stats.binom(records, rate)
    assert binomial.probability(successes, records, rate) == pytest.approx(exact.pmf(successes), rel=1e-9, abs=1e-300)
    assert binomial.at_most(successes, records, rate) == pytest.approx(exact.cdf(successes), abs=1e-9)
    assert binomial.at_least(successes, records, rate) == pytest.approx(exact.sf(successes - 1), abs=1e-9)


@given(st.integers(1, 60), st.data())
def test_probabilities_of_all_counts_add_up(records: int, data: st.DataObject) -> None:
    rate = data.draw(st.floats(0, 1))
    assert math.fsum(binomial.probability(each, records, rate) for each in range(records + 1)) == pytest.approx(1)
    successes = data.draw(st.integers(0, records - 1))
    below, above = binomial.at_most(successes, records, rate), binomial.at_least(successes + 1, records, rate)
    assert below + above == pytest.approx(1)
    assert 0 <= below <= 1
    assert 0 <= above <= 1


@pytest.mark.parametrize(("successes", "records"), COUNTS)
@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_intervals_of_a_rate_are_scipys(successes: int, records: int, confidence: float) -> None:
    test = stats.binomtest(successes, records)
    assert rates.wilson(successes, records, confidence) == pytest.approx(
        tuple(test.proportion_ci(confidence, "wilson")), abs=1e-9
    )
    more, less = (stats.binomtest(successes, records, alternative=side) for side in ("greater", "less"))
    assert rates.exact_lower_bound(successes, records, confidence) == pytest.approx(
        more.proportion_ci(confidence, "exact").low, abs=1e-9
    )
    assert rates.exact_upper_bound(successes, records, confidence) == pytest.approx(
        less.proportion_ci(confidence, "exact").high, abs=1e-9
    )


@pytest.mark.parametrize(("ours", "theirs"), [(0, 0), (1, 0), (0, 5), (5, 5), (331, 50), (30, 40), (500_100, 499_000)])
def test_mcnemars_exact_test_is_the_binomial_test(ours: int, theirs: int) -> None:
    expected = stats.binomtest(ours, ours + theirs).pvalue if ours + theirs else 1
    assert matched_pairs.exact_mcnemar(ours, theirs) == pytest.approx(expected, abs=1e-9)
    assert matched_pairs.exact_mcnemar(theirs, ours) == matched_pairs.exact_mcnemar(ours, theirs)


def score_statistic(ours: int, theirs: int, records: int, difference: float) -> float:
    """Return Tango's statistic from its definition: the most likely share of `theirs` is looked for, not solved for."""

    def unlikely(share: float) -> float:
        likelihoods = (
            (ours, share + difference),
            (theirs, share),
            (records - ours - theirs, 1 - 2 * share - difference),
        )
        return -sum(count * math.log(max(each, 1e-300)) for count, each in likelihoods if count)

    low, high = max(0.0, -difference), (1 - difference) / 2
    share = optimize.minimize_scalar(unlikely, bounds=(low, high), method="bounded", options={"xatol": 1e-14}).x
    return (ours - theirs - records * difference) / math.sqrt(records * (2 * share + difference - difference**2))


@pytest.mark.parametrize(("ours", "theirs", "records"), [(331, 50, 1000), (10, 6, 40), (9, 3, 60), (1, 7, 21)])
@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_tangos_bounds_are_where_his_statistic_is_at_its_limit(
    ours: int, theirs: int, records: int, confidence: float
) -> None:
    low, high = matched_pairs.tango(ours, theirs, records, confidence)
    z = stats.norm.ppf((1 + confidence) / 2)
    assert score_statistic(ours, theirs, records, low) == pytest.approx(z, abs=1e-6)
    assert score_statistic(ours, theirs, records, high) == pytest.approx(-z, abs=1e-6)
    assert matched_pairs.tango(theirs, ours, records, confidence) == pytest.approx((-high, -low), abs=1e-12)


def test_tangos_interval_is_the_published_one() -> None:
    # Fagerland, Lydersen and Laake (2014), airway hyper-responsiveness: -0.517 to -0.026.
    assert matched_pairs.tango(1, 7, 21, 0.95) == pytest.approx((-0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize(("ours", "theirs", "records"), [(0, 0, 40), (40, 0, 40), (0, 40, 40), (0, 0, 1), (3, 0, 40)])
def test_tangos_interval_stays_within_bounds_and_has_a_width(ours: int, theirs: int, records: int) -> None:
    low, high = matched_pairs.tango(ours, theirs, records, 0.95)
    assert -1 <= low <= (ours - theirs) / records <= high <= 1
    assert low < high


def test_the_clustered_interval_is_the_normal_one() -> None:
    chance = random.Random(5)
    scores = [chance.random() for _ in range(300)]
    expected = stats.norm.interval(0.95, loc=stats.tmean(scores), scale=stats.sem(scores))
    assert clustered(of_scores(*scores), 0.95) == pytest.approx(expected, abs=1e-9)
    assert clustered(of_scores(0, 1), 0.95) == (0, 1)
    assert clustered(of_differences(-1, 1), 0.95) == (-1, 1)


def test_the_bootstrap_is_close_to_all_resamples_there_are() -> None:
    clusters: list[list[float]] = [[0.0], [0.5, 0.6], [0.7], [1.0, 0.9, 0.95], [0.2]]
    means = sorted(
        sum(map(sum, drawn)) / sum(map(len, drawn)) for drawn in itertools.product(clusters, repeat=len(clusters))
    )
    found = bootstrap.percentile(Sample.of("scores", clusters), 0.9)
    assert found == pytest.approx([bootstrap.quantile(means, 0.05), bootstrap.quantile(means, 0.95)], abs=0.02)
    assert found == bootstrap.percentile(Sample.of("scores", reversed(clusters)), 0.9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 1))
def test_quantiles_are_scipys(values: list[float], share: float) -> None:
    expected = stats.scoreatpercentile(values, 100 * share)
    assert bootstrap.quantile(sorted(values), share) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("successes", "records"), [(40, 40), (38, 40), (198, 200), (150, 200), (6, 200), (990, 1000)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_the_bounds_of_a_mean_are_close_to_the_exact_ones_where_it_is_a_rate(
    successes: int, records: int, confidence: float
) -> None:
    spread = samples.rates(successes, records).spread
    width = math.sqrt(spread.variance / records) + 1 / records
    assert bounded.lower_bound(spread, 0, confidence) == pytest.approx(
        rates.exact_lower_bound(successes, records, confidence), abs=0.2 * width
    )
    assert bounded.upper_bound(spread, 1, confidence) == pytest.approx(
        rates.exact_upper_bound(successes, records, confidence), abs=0.2 * width
    )


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99, 0.999, 0.9999])
@pytest.mark.parametrize("records", [10, 40, 200, 2000])
def test_the_bounds_of_a_mean_hold_as_often_as_they_say_where_it_is_a_rate(confidence: float, records: int) -> None:
    for successes in (1, 2, 5, records // 2, records - 1, records):
        spread = samples.rates(successes, records).spread
        low, high = bounded.lower_bound(spread, 0, confidence), bounded.upper_bound(spread, 1, confidence)
        # If the bound were the truth, as many would be as rare.
        above, below = stats.binom.sf(successes - 1, records, low), stats.binom.cdf(successes, records, high)
        missed = max(above, below if high < 1 else 0)
        # Of 10 records, at 90 %, 1 in 14 of these is told too much; from 40 on 1 in 40.
        assert missed <= (1 - confidence) * (1.07 if records < 40 else 1.025)


def test_the_bounds_of_a_mean_are_quantiles_of_random_weights() -> None:
    chance = random.Random(6)
    differences = [chance.choice([-0.9, -0.1, 0, 0, 0.05, 0.3]) for _ in range(40)]
    spread = of_differences(*differences).spread
    means = {worst: sorted(weighed([*differences, worst], chance) for _ in range(4000)) for worst in (-1, 1)}
    assert bounded.lower_bound(spread, -1, 0.95) == pytest.approx(bootstrap.quantile(means[-1], 0.05), abs=0.005)
    assert bounded.upper_bound(spread, 1, 0.95) == pytest.approx(bootstrap.quantile(means[1], 0.95), abs=0.005)


@pytest.mark.parametrize(
    "clusters",
    [
        [[0.2], [0.9], [1], [1], [0.4]],
        [[1], [1], [0.75]],
        [[0.5]],
        [[0], [0.1]],
        [[1, 0.5], [0.5, 0.75], [1], [0.25, 1, 1, 0.75]] * 5,
    ],
)
def test_the_moments_are_those_with_the_worst_value_among_the_others(clusters: list[list[float]]) -> None:
    spread = Sample.of("scores", clusters).spread
    size = sum(map(len, clusters)) / len(clusters)
    largest = max(map(len, clusters)) / size
    added = [spread.mean + (sum(cluster) - spread.mean * len(cluster)) / size for cluster in clusters]
    for bound, worst, z in (
        (bounded.lower_bound, 0, -stats.norm.ppf(0.95)),
        (bounded.upper_bound, 1, stats.norm.ppf(0.95)),
    ):
        # The worst cluster is as large as the largest.
        every = [*added, spread.mean + (worst - spread.mean) * largest]
        deviation = math.sqrt(stats.moment(every, 2) / (len(every) + 1))
        skewness = 2 * stats.skew(every) * math.sqrt(len(every) + 1) / (len(every) + 2)
        cornish_fisher = z + (z**2 - 1) * skewness / 6
        wilson_hilferty = 2 / skewness * ((1 + skewness * z / 6 - skewness**2 / 36) ** 3 - 1) if skewness else z
        further = min if z < 0 else max
        expected = stats.tmean(every) + deviation * further(cornish_fisher, wilson_hilferty)
        assert bound(spread, worst, 0.95) == pytest.approx(min(1, max(0, expected)), abs=1e-9)


def weighed(values: list[float], chance: random.Random) -> float:
    """Return the mean of values with weights of a flat Dirichlet distribution."""
    weights = [chance.expovariate(1) for _ in values]
    return sum(map(float.__mul__, weights, map(float, values))) / sum(weights)


def test_the_bounds_of_a_mean_are_within_the_values_that_are_possible() -> None:
    lowest, highest = of_differences(-1, -1).spread, of_differences(1, 1).spread
    assert bounded.lower_bound(lowest, -1, 0.95) == -1
    assert bounded.upper_bound(highest, 1, 0.95) == 1
    assert -1 < bounded.upper_bound(lowest, 1, 0.95) < 1
    assert -1 < bounded.lower_bound(highest, -1, 0.95) < 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holms_p_values_are_those_of_all_sets_of_comparisons(p_values: list[float]) -> None:
    places = range(len(p_values))
    sets = [each for size in places for each in itertools.combinations(places, size + 1)]
    # A comparison is significant if each set that holds it is, by its smallest p-value and Bonferroni.
    closed = [
        max(min(1.0, len(each) * min(p_values[other] for other in each)) for each in sets if place in each)
        for place in places
    ]
    assert holm.adjusted(p_values) == pytest.approx(closed)


def test_normal_quantiles_are_scipys() -> None:
    for confidence in CONFIDENCES:
        assert one_sided(confidence) == pytest.approx(stats.norm.ppf(confidence), abs=1e-9)
        assert two_sided(confidence) == pytest.approx(stats.norm.ppf((1 + confidence) / 2), abs=1e-9)
        assert level(one_sided(confidence)) == pytest.approx(confidence, abs=1e-9)
    assert two_sided_p_value(-2) == two_sided_p_value(2) == pytest.approx(2 * stats.norm.sf(2), abs=1e-9)


def test_the_first_number_that_holds_is_found_to_the_last_digit() -> None:
    assert first(lambda number: number >= 0.3, 0, 1) == 0.3
    assert first(lambda _: True, 0, 1) == pytest.approx(0, abs=1e-300)
    assert first(lambda _: False, 0, 1) == 1


FUNCTIONS: dict[str, Callable[[float], object]] = {
    "wilson": lambda confidence: rates.wilson(1, 2, confidence),
    "lower": lambda confidence: rates.exact_lower_bound(0, 2, confidence),
    "upper": lambda confidence: rates.exact_upper_bound(2, 2, confidence),
    "tango": lambda confidence: matched_pairs.tango(1, 0, 2, confidence),
    "clustered": lambda confidence: clustered(of_scores(0, 1), confidence),
    "bootstrap": lambda confidence: bootstrap.percentile(of_scores(0, 1), confidence),
    "bounded below": lambda confidence: bounded.lower_bound(of_scores(0, 1).spread, 0, confidence),
    "bounded above": lambda confidence: bounded.upper_bound(of_scores(0, 1).spread, 1, confidence),
}


@pytest.mark.parametrize("confidence", NOT_SURE)
@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_confidence_out_of_bounds_is_refused(function: Callable[[float], object], confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence") as refused:
        function(confidence)
    assert says(str(refused.value), "0.5", repr(confidence))


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (lambda: rates.wilson(3, 2, 0.95), "3 of 2"),
        (lambda: rates.wilson(-1, 2, 0.95), "-1 of 2"),
        (lambda: rates.exact_lower_bound(0, 0, 0.95), "0 of 0"),
        (lambda: rates.exact_upper_bound(3, 2, 0.95), "of 2"),
        (lambda: matched_pairs.tango(2, 1, 2, 0.95), "2 and 1 of 2"),
        (lambda: matched_pairs.tango(0, 0, 0, 0.95), "0 and 0 of 0"),
        (lambda: matched_pairs.exact_mcnemar(-1, 3), "-1 and 3"),
        (lambda: clustered(of_scores(1), 0.95), "got 1"),
        (lambda: bootstrap.percentile(of_scores(*[0.5] * FEW), 0.95), f"got {FEW}"),
        (lambda: bootstrap.percentile(Sample.of("scores", []), 0.95), "got 0"),
        (lambda: holm.adjusted([0.5, 1.5]), "1.5"),
        (lambda: holm.adjusted([math.nan]), "nan"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_its_value(function: Callable[[], object], values: str) -> None:
    with pytest.raises(ValueError, match="got") as refused:
        function()
    assert says(str(refused.value), values)
