"""Several comparisons at once."""

from collections.abc import Sequence


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Return the p-values, each adjusted for all of them (Holm, 1979), in the order given.

    Of all comparisons without a true difference, the chance that any is at or below 5 % is at most 5 %. Each p-value in
    [0, 1]; `ValueError` otherwise.
    """
    for each in p_values:
        if not 0 <= each <= 1:
            raise ValueError(f"a p-value must be in [0, 1] (got {each!r})")
    result = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        result[place] = highest
    return result
