"""Bounds of a mean that hold whatever the values are, since these have a lowest and a highest.

Gaffke (2005) adds the worst possible value to the sample, gives all values random weights that add up to 1 (a flat
Dirichlet distribution), and takes a quantile of the mean. For rates that is the bound of Clopper and Pearson. No
counterexample is known, and no proof. Here the quantile follows from the first three moments, for which sums are
enough: by Cornish and Fisher, or by Wilson and Hilferty where that is further away. Where records are grouped, the
worst cluster is as large as the largest that was seen: a bound cannot know of larger ones.
"""

import math

from bedrock_lifecycle.evaluation.statistics.confidence import one_sided
from bedrock_lifecycle.evaluation.statistics.sample import Spread


def lower_bound(spread: Spread, lowest: float, confidence: float) -> float:
    """Return the one-sided lower bound of a mean, not below `lowest`.

    One cluster or more; `confidence` in (0.5, 1), `ValueError` otherwise.
    """
    return max(lowest, _bound(spread, lowest, -one_sided(confidence)))


def upper_bound(spread: Spread, highest: float, confidence: float) -> float:
    """Return the one-sided upper bound of a mean, not above `highest`; bounds as above."""
    return min(highest, _bound(spread, highest, one_sided(confidence)))


def _bound(spread: Spread, worst: float, z: float) -> float:
    # What a cluster as large as any adds if all its records have the worst value.
    worst = spread.mean + (worst - spread.mean) * spread.heaviest
    count = spread.clusters + 1
    mean = (spread.clusters * spread.mean + worst) / count
    # The moments around the mean that the worst value has moved.
    moved, away = spread.mean - mean, worst - mean
    variance = (spread.clusters * (spread.variance + moved**2) + away**2) / count
    third = (spread.clusters * (spread.third + 3 * spread.variance * moved + moved**3) + away**3) / count
    if not variance:
        return mean
    skewness = 2 * third / (variance * math.sqrt(variance)) * math.sqrt(count + 1) / (count + 2)
    further = min if z < 0 else max
    deviations = further(_cornish_fisher(z, skewness), _wilson_hilferty(z, skewness))
    return mean + math.sqrt(variance / (count + 1)) * deviations


def _cornish_fisher(z: float, skewness: float) -> float:
    return z + (z * z - 1) * skewness / 6


def _wilson_hilferty(z: float, skewness: float) -> float:
    """Return the quantile of a gamma distribution; unlike the other one it does not turn back in a far tail."""
    if not skewness:
        return z
    return 2 / skewness * ((1 + skewness * z / 6 - skewness**2 / 36) ** 3 - 1)
