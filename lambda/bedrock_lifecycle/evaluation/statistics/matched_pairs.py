"""Two rates on the same records: only the records tell on which the two differ."""

import math

from bedrock_lifecycle.evaluation.statistics.binomial import at_most
from bedrock_lifecycle.evaluation.statistics.bisection import first
from bedrock_lifecycle.evaluation.statistics.confidence import two_sided


def tango(only_ours: int, only_theirs: int, records: int, confidence: float) -> tuple[float, float]:
    """Return the two-sided score interval of the difference of two paired rates (Tango, 1998), within [-1, 1].

    `only_ours` counts the records that have a 1 for us alone, `only_theirs` those for them alone; together at most
    `records`, which is from 1 on; `confidence` in (0.5, 1); `ValueError` otherwise.
    """
    _check(only_ours, only_theirs, records)
    z = two_sided(confidence)
    estimate = (only_ours - only_theirs) / records

    def is_compatible(difference: float) -> bool:
        return abs(_score(only_ours, only_theirs, records, difference)) <= z

    low = first(is_compatible, -1.0, estimate)
    return low, -first(lambda negative: is_compatible(-negative), -1.0, -estimate)


def exact_mcnemar(only_ours: int, only_theirs: int) -> float:
    """Return the two-sided p-value of McNemar's exact test: how likely chance alone splits the two counts so unevenly.

    Both counts from 0 on; `ValueError` otherwise. If both are 0 it is 1.
    """
    _check(only_ours, only_theirs, max(1, only_ours + only_theirs))
    return min(1.0, 2 * at_most(min(only_ours, only_theirs), only_ours + only_theirs, 0.5))


def _score(only_ours: int, only_theirs: int, records: int, difference: float) -> float:
    """Return how many standard errors the estimate is away from a difference, if that were the true one."""
    away = only_ours - only_theirs - records * difference
    # The most likely share of `only_theirs` under that difference solves a quadratic equation.
    b = (2 * records - only_ours + only_theirs) * difference - only_ours - only_theirs
    c = -only_theirs * difference * (1 - difference)
    theirs = (math.sqrt(max(0.0, b * b - 8 * records * c)) - b) / (4 * records)
    variance = records * (2 * theirs + difference * (1 - difference))
    return away / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, away)


def _check(only_ours: int, only_theirs: int, records: int) -> None:
    if min(only_ours, only_theirs) < 0 or only_ours + only_theirs > records or not records:
        raise ValueError(
            "the records that differ must be 0 or more, and together at most all records, 1 or more "
            f"(got {only_ours} and {only_theirs} of {records})"
        )
