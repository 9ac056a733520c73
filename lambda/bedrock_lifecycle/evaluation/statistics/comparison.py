"""Two models on the same records: the difference, whether chance explains it, and what could have been seen."""

import math
from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.evaluation.statistics import sign_changes
from bedrock_lifecycle.evaluation.statistics.confidence import one_sided, two_sided
from bedrock_lifecycle.evaluation.statistics.intervals import Interval, discordant, interval
from bedrock_lifecycle.evaluation.statistics.matched_pairs import exact_mcnemar
from bedrock_lifecycle.evaluation.statistics.sample import FEW, Sample

POWER: Final = 0.8
"""A difference counts as one that could be seen if it is in so many evaluations of its size."""


@dataclass(frozen=True)
class Comparison:
    """What the differences of two models' scores say. `p_value` is for one comparison; see `holm` for several."""

    difference: Interval
    p_value: float
    detectable: float
    """The smallest true difference that this test set would show with `POWER`."""


def compare(differences: Sample, confidence: float) -> Comparison:
    """Compare two models by the differences of their scores; `confidence` in (0.5, 1).

    `ValueError` without any record, or for scores instead of differences.
    """
    if differences.kind != "differences":
        raise ValueError("a comparison needs the differences of paired scores (got scores)")
    return Comparison(
        interval(differences, confidence),
        p_value(differences),
        minimum_detectable_effect(differences, confidence),
    )


def p_value(differences: Sample) -> float:
    """Return the two-sided p-value of no difference: McNemar's exact one for rates.

    For means and clusters it is that of changing the signs of whole clusters. From `FEW` clusters on that is the normal
    approximation if as many of them differ, and otherwise what it is at most.
    """
    if differences.is_of_rates:
        return exact_mcnemar(*discordant(differences))
    if not differences.squares:
        return 1.0
    if differences.few:
        return sign_changes.p_value([total for total, _ in differences.few])
    deviations = differences.total / math.sqrt(differences.squares)
    return sign_changes.normal_p_value(deviations, is_normal=differences.differing >= FEW)


def minimum_detectable_effect(differences: Sample, confidence: float) -> float:
    """Return the smallest true difference that such a sample would show with `POWER`, at most 1.

    It is for as much disagreement as was seen, at least in one cluster. For rates, at 95 %, that is 2.8 times the root
    of: the share of records that differ, divided by the number of records. `confidence` in (0.5, 1), or `ValueError`.
    """
    deviations = two_sided(confidence) + one_sided(POWER)
    one_cluster = differences.records / differences.clusters
    squares = max(differences.squares, one_cluster**2)
    return min(1.0, deviations * math.sqrt(squares) / differences.records)
