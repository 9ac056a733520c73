"""The percentile bootstrap, for samples that are too small for the normal distribution."""

import random
from typing import Final

from bedrock_lifecycle.evaluation.statistics.confidence import two_sided
from bedrock_lifecycle.evaluation.statistics.sample import FEW, UNITS, Sample

SEED: Final = 20261130
RESAMPLES: Final = 2000


def percentile(sample: Sample, confidence: float) -> tuple[float, float]:
    """Return the two-sided interval of the mean: of `RESAMPLES` samples of as many clusters, the middle ones' means.

    The same sample has the same interval, whatever the order of its clusters: the seed is fixed. `confidence` in
    (0.5, 1), fewer than `FEW` clusters, one at least; `ValueError` otherwise.
    """
    two_sided(confidence)
    if not sample.few:
        raise ValueError(f"the bootstrap needs 1 to {FEW - 1} clusters (got {sample.clusters})")
    # Of all that the module offers, random() alone gives the same numbers in every version of Python.
    draw = random.Random(SEED).random  # noqa: S311 - it keeps no secret
    clusters = sample.few
    means = []
    for _ in range(RESAMPLES):
        # Whole numbers: sums of floats differ between versions of Python.
        drawn = [clusters[int(draw() * len(clusters))] for _ in clusters]
        means.append(sum(total for total, _ in drawn) / sum(size for _, size in drawn))
    means.sort()
    low, high = quantile(means, (1 - confidence) / 2), quantile(means, (1 + confidence) / 2)
    return low / UNITS, high / UNITS


def quantile(ordered: list[float], share: float) -> float:
    """Return the value below which a share in [0, 1] of the ordered values is, between two of them if need be."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
