"""Sums of scores are exact, whatever the order in which shards arrive."""

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bedrock_lifecycle.evaluation.statistics.sample import FEW, UNITS, Kind, Sample, Spread, paired, together
from tests.support.messages import says
from tests.unit.evaluation.samples import of_differences, of_scores, repeated

SCORES = st.floats(0, 1)
CLUSTERS = st.lists(st.lists(SCORES, min_size=1, max_size=4), min_size=1, max_size=12)


@given(CLUSTERS, st.randoms(use_true_random=False), st.integers(0, 12))
def test_shards_add_up_to_the_same_in_any_order(clusters: list[list[float]], chance: random.Random, cut: int) -> None:
    whole = Sample.of("scores", clusters)
    chance.shuffle(clusters)
    assert together(Sample.of("scores", shard) for shard in (clusters[cut:], clusters[:cut])) == whole
    assert together(Sample.of("scores", [cluster]) for cluster in clusters) == whole


def test_a_large_sample_holds_no_cluster_and_adds_up_all_the_same() -> None:
    clusters = [[0.1, place / 300] for place in range(300)]
    some, more, whole = (Sample.of("scores", each) for each in (clusters[:150], clusters[150:], clusters))
    assert len(some.few) == 150
    assert whole.few == ()
    assert some + more == more + some == whole
    assert (whole + some).few == (some + whole).few == ()
    assert (whole.clusters, whole.records) == (300, 600)


def test_clusters_are_kept_until_they_are_many() -> None:
    assert len(of_scores(*[0.5] * (FEW - 1)).few) == FEW - 1
    assert of_scores(*[0.5] * FEW).few == ()


@given(CLUSTERS)
def test_the_spread_is_that_of_what_each_cluster_adds(clusters: list[list[float]]) -> None:
    spread = Sample.of("scores", clusters).spread
    records = [score for cluster in clusters for score in cluster]
    mean = math.fsum(records) / len(records)
    size = len(records) / len(clusters)
    added = [mean + math.fsum(score - mean for score in cluster) / size for cluster in clusters]
    assert spread.clusters == len(clusters)
    assert spread.mean == pytest.approx(mean, abs=1e-12)
    for found, power in ((spread.variance, 2), (spread.third, 3)):
        assert found == pytest.approx(math.fsum((each - mean) ** power for each in added) / len(clusters), abs=1e-12)


def test_the_sums_do_not_cancel() -> None:
    # As floats, the squares of a million such scores differ from the square of their sum by nothing but errors.
    close = repeated("scores", {(1 - 2**-40,): 500_000, (1.0,): 500_000}).spread
    assert close.variance == pytest.approx(2**-82, rel=1e-12)
    assert close.third == 0


def test_the_clustered_error_is_that_of_all_pairs_within_a_cluster() -> None:
    chance = random.Random(3)
    clusters = [[chance.random() for _ in range(chance.randint(1, 6))] for _ in range(30)]
    records = [score for cluster in clusters for score in cluster]
    mean = sum(records) / len(records)
    all_pairs = sum((one - mean) * (other - mean) for cluster in clusters for one in cluster for other in cluster)
    expected = math.sqrt(all_pairs * 30 / 29) / len(records)
    assert Sample.of("scores", clusters).spread.standard_error == pytest.approx(expected, abs=1e-12)


def test_without_groups_the_error_is_the_standard_error_of_the_mean() -> None:
    chance = random.Random(4)
    scores = [chance.random() for _ in range(50)]
    spread = of_scores(*scores).spread
    assert spread.standard_error == pytest.approx(stats.sem(scores), abs=1e-9)
    assert spread.squared_skewness == pytest.approx(stats.skew(scores) ** 2, abs=1e-9)


def test_large_clusters_are_known_and_count_for_less() -> None:
    sample = Sample.of("scores", [[0.5], [0.5], [0.5], [0.5] * 5]) + Sample.of("scores", [[1, 0]])
    assert sample.largest == 5
    assert sample.spread.heaviest == 2.5
    assert sample.effective_clusters == pytest.approx(100 / 32)
    assert (of_scores(0, 1).spread.heaviest, of_scores(0, 1).effective_clusters) == (1, 2)
    assert Sample.of("scores", []).effective_clusters == 0


def test_what_does_not_vary_is_skewed_beyond_measure_and_one_cluster_has_no_error() -> None:
    assert of_scores(0.5, 0.5).spread.squared_skewness == math.inf
    assert of_scores(0.5).spread.standard_error == math.inf
    assert Spread(2, 0.5, 0.25, 0).standard_error == 0.5


@pytest.mark.parametrize(
    ("sample", "whole", "of_rates"),
    [
        (of_scores(0, 1, 1), True, True),
        (of_differences(-1, 0, 1), True, True),
        (of_scores(0, 0.5), False, False),
        (Sample.of("scores", [[0, 1], [1]]), True, False),
        (of_scores(0) + of_scores(0.5), False, False),
    ],
)
def test_counts_say_everything_of_whole_ungrouped_values(sample: Sample, whole: bool, of_rates: bool) -> None:
    assert (sample.whole, sample.is_of_rates) == (whole, of_rates)


def test_differences_are_ours_less_theirs() -> None:
    sample = paired([[1, 0.5], [0]], [[0, 0.75], [1]])
    assert sample == Sample.of("differences", [[1, -0.25], [-1]])
    assert (sample.lowest, sample.total, sample.records) == (-1, -0.25, 3)
    assert sample.few == ((-UNITS, 1), (UNITS * 3 // 4, 2))
    assert sample.squares == 1.5625


@pytest.mark.parametrize(("ours", "theirs"), [([[1]], [[1], [0]]), ([[1, 0]], [[1]]), ([[1], [0]], [[1, 0]])])
def test_scores_that_do_not_pair_are_refused(ours: Any, theirs: Any) -> None:
    with pytest.raises(ValueError, match="zip"):
        paired(ours, theirs)


@pytest.mark.parametrize(
    ("kind", "value", "bounds"),
    [
        ("scores", 1.5, "[0, 1]"),
        ("scores", -0.1, "[0, 1]"),
        ("differences", -1.5, "[-1, 1]"),
        ("scores", math.nan, "[0, 1]"),
    ],
)
def test_a_value_out_of_bounds_is_refused(kind: Kind, value: float, bounds: str) -> None:
    with pytest.raises(ValueError, match="value") as refused:
        Sample.of(kind, [[0.5], [value]])
    assert says(str(refused.value), bounds, repr(value))


def test_what_makes_no_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="a record"):
        Sample.of("scores", [[0.5], []])
    with pytest.raises(ValueError, match="a record"):
        _ = Sample.of("scores", []).spread
    with pytest.raises(ValueError, match=r"\[0, 1\] \(got -0.5\)"):
        paired([[0.0]], [[-0.5]])
    with pytest.raises(ValueError, match="scores and differences"):
        _ = of_scores(1) + of_differences(1)
