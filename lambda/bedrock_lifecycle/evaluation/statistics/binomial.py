"""Exact probabilities of counts, to some 14 digits also for millions of records (Loader, 2000)."""

import math
from itertools import count


def probability(successes: int, records: int, rate: float) -> float:
    """Return how likely exactly so many successes are.

    `successes` in 0 to `records`, `rate` in [0, 1].
    """
    failures = records - successes
    if not successes:
        # 1 - rate itself would lose the digits of a small rate.
        return math.exp(records * math.log1p(-rate)) if rate < 1 else float(not records)
    if not failures:
        return float(rate**records)
    if not 0 < rate < 1:
        return 0.0
    logarithm = (
        _stirling_error(records)
        - _stirling_error(successes)
        - _stirling_error(failures)
        - _deviance(successes, records * rate)
        - _deviance(failures, records * (1 - rate))
    )
    return math.exp(logarithm) * math.sqrt(records / (2 * math.pi * successes * failures))


def at_most(successes: int, records: int, rate: float) -> float:
    """Return how likely it is to have so many successes or fewer, in [0, 1]; bounds as above."""
    return at_least(records - successes, records, 1 - rate)


def at_least(successes: int, records: int, rate: float) -> float:
    """Return how likely it is to have so many successes or more, in [0, 1]; bounds as above."""
    if successes <= records * rate:
        # The tail that has the peak is what the other one leaves.
        return 1 - _upper_tail(records - successes + 1, records, 1 - rate) if successes else 1.0
    return _upper_tail(successes, records, rate)


def _upper_tail(successes: int, records: int, rate: float) -> float:
    """Add up from so many successes on, beyond the peak, until nothing is added any more."""
    term = total = probability(successes, records, rate)
    for k in count(successes):
        term *= (records - k) / (k + 1) * rate / (1 - rate) if k < records else 0
        if total + term == total:
            return min(total, 1.0)
        total += term
    raise AssertionError("the terms of a tail become nothing")


def _stirling_error(n: int) -> float:
    """Return log(n!) less Stirling's formula."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - 0.5 * math.log(2 * math.pi)
    square = n * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n


def _deviance(observed: float, expected: float) -> float:
    """Return observed * log(observed / expected) + expected - observed, also where the two are close."""
    difference = observed - expected
    if abs(difference) >= 0.1 * (observed + expected):
        return observed * math.log(observed / expected) + expected - observed
    ratio = difference / (observed + expected)
    total, term = difference * ratio, 2 * observed * ratio
    for odd in count(3, 2):
        term *= ratio * ratio
        if total + term / odd == total:
            return total
        total += term / odd
    raise AssertionError("the terms of the series become nothing")
