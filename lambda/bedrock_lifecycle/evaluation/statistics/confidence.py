"""How sure a statement is to be, and what a normal distribution makes of it."""

from statistics import NormalDist

_STANDARD_NORMAL = NormalDist()


def one_sided(confidence: float) -> float:
    """Return how many standard errors one bound is away; `confidence` in (0.5, 1), `ValueError` otherwise."""
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence: must be above 0.5 and below 1 (got {confidence!r})")
    return _STANDARD_NORMAL.inv_cdf(confidence)


def two_sided(confidence: float) -> float:
    """Return how many standard errors each bound of an interval is away; `confidence` in (0.5, 1), as above."""
    one_sided(confidence)
    return _STANDARD_NORMAL.inv_cdf((1 + confidence) / 2)


def level(deviations: float) -> float:
    """Return the confidence of one bound so many standard errors away."""
    return _STANDARD_NORMAL.cdf(deviations)


def two_sided_p_value(deviations: float) -> float:
    """Return how likely it is to be at least so many standard errors away, to either side."""
    return 2 * _STANDARD_NORMAL.cdf(-abs(deviations))
