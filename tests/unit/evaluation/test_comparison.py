"""What chance makes of a difference, where only few groups of records differ."""

import itertools
import math

import pytest
from scipy import stats

from bedrock_lifecycle.evaluation.statistics.comparison import p_value
from bedrock_lifecycle.evaluation.statistics.sample import FEW, Sample
from tests.unit.evaluation.samples import repeated


def of_groups(*totals: float) -> Sample:
    """Return groups of two records; only their sums matter."""
    return Sample.of("differences", [[total / 2, total / 2] for total in totals])


def only_some_differ(better: int, worse: int, groups: int) -> Sample:
    same = groups - better - worse
    return repeated("differences", {(1.0, 1.0): better, (-1.0, -1.0): worse, (0.0, 0.0): same})


@pytest.mark.parametrize("totals", [(1,), (0.3, 0.3), (1, 1, 1, 1), (2, 0.1, -0.4, 0.25, 1), (0.5, 0, 0, 0.5, -0.5, 1)])
def test_the_p_value_of_a_few_groups_is_the_share_of_all_signs_they_could_have(totals: tuple[float, ...]) -> None:
    signs = list(itertools.product((1, -1), repeat=len(totals)))
    sums = [abs(sum(sign * total for sign, total in zip(each, totals, strict=True))) for each in signs]
    as_far = sum(each >= abs(sum(totals)) - 1e-12 for each in sums)
    assert p_value(of_groups(*totals)) == pytest.approx(as_far / len(signs))
    assert p_value(of_groups(*(-each for each in totals))) == p_value(of_groups(*totals))


@pytest.mark.parametrize("differing", [1, 2, 4, 5, 11, 12, 16, 40, 150])
@pytest.mark.parametrize("groups", [FEW - 1, FEW, 1000])
def test_without_a_difference_at_most_one_of_twenty_evaluations_finds_one(differing: int, groups: int) -> None:
    found = sum(
        float(stats.binom.pmf(better, differing, 0.5))
        for better in range(differing + 1)
        if p_value(only_some_differ(better, differing - better, groups)) <= 0.05
    )
    assert found <= 0.05


def test_where_enough_groups_differ_the_p_value_is_the_normal_one() -> None:
    sample = only_some_differ(230, 170, 1000)
    assert p_value(sample) == pytest.approx(2 * stats.norm.sf(60 / math.sqrt(400)))


def test_no_difference_and_a_sure_one() -> None:
    assert p_value(of_groups(0, 0)) == 1
    assert p_value(of_groups(*[0.5] * 100)) < 0.001
    assert p_value(only_some_differ(100, 0, 1000)) < 0.001
