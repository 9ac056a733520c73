"""The percentile bootstrap, for samples that are too small for the normal distribution."""

import random
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import itemgetter
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
    # Whole numbers: sums of floats differ between versions of Python.
    totals, sizes = zip(*sample.few, strict=True)
    are_alone = sample.largest == 1
    means = sorted(
        sum(drawn(totals)) / (len(sizes) if are_alone else sum(drawn(sizes))) for drawn in _resamples(sample.clusters)
    )
    low, high = quantile(means, (1 - confidence) / 2), quantile(means, (1 + confidence) / 2)
    return low / UNITS, high / UNITS


@lru_cache(maxsize=2)
def _resamples(clusters: int) -> list[Callable[[Sequence[int]], Iterable[int]]]:
    """Return what draws each of the samples, once for all measures of as many clusters: it takes most of the time."""
    # Of all that the module offers, random() alone gives the same numbers in every version of Python.
    draw = random.Random(SEED).random  # noqa: S311 - it keeps no secret
    # A slice, since a getter of one place alone does not return a sequence.
    return [
        itemgetter(*(int(draw() * clusters) for _ in range(clusters))) if clusters > 1 else itemgetter(slice(None))
        for _ in range(RESAMPLES)
    ]


def quantile(ordered: list[float], share: float) -> float:
    """Return the value below which a share in [0, 1] of the ordered values is, between two of them if need be."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
