"""Intervals of a rate: the share of records that have a score of 1."""

import math

from bedrock_lifecycle.evaluation.statistics.binomial import at_least
from bedrock_lifecycle.evaluation.statistics.bisection import first
from bedrock_lifecycle.evaluation.statistics.confidence import one_sided, two_sided


def wilson(successes: int, records: int, confidence: float) -> tuple[float, float]:
    """Return the two-sided score interval of a rate (Wilson, 1927), within [0, 1].

    `successes` in 0 to `records`, `records` from 1 on, `confidence` in (0.5, 1); `ValueError` otherwise.
    """
    _check(successes, records)
    z = two_sided(confidence)
    centre = (successes + z * z / 2) / (records + z * z)
    width = z * math.sqrt(successes * (records - successes) / records + z * z / 4) / (records + z * z)
    # At the ends the bound is the end, which rounding could miss.
    low = 0.0 if not successes else centre - width
    return low, 1.0 if successes == records else centre + width


def exact_lower_bound(successes: int, records: int, confidence: float) -> float:
    """Return the one-sided lower bound of a rate (Clopper and Pearson, 1934).

    Whatever the rate, the bound is above it in at most 1 - `confidence` of all evaluations. Bounds as above.
    """
    _check(successes, records)
    one_sided(confidence)
    if not successes:
        return 0.0
    return first(lambda rate: at_least(successes, records, rate) >= 1 - confidence, 0.0, successes / records)


def exact_upper_bound(successes: int, records: int, confidence: float) -> float:
    """Return the one-sided upper bound of a rate, as above."""
    return 1 - exact_lower_bound(records - successes, records, confidence)


def _check(successes: int, records: int) -> None:
    if not 0 <= successes <= records or not records:
        raise ValueError(f"successes must be from 0 to the number of records, 1 or more (got {successes} of {records})")
