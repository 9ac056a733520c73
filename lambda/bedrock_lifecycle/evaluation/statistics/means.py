"""Intervals of a mean."""

from bedrock_lifecycle.evaluation.statistics.confidence import two_sided
from bedrock_lifecycle.evaluation.statistics.sample import Sample


def clustered(sample: Sample, confidence: float) -> tuple[float, float]:
    """Return the two-sided normal interval of the mean with the clustered standard error (Miller, 2024).

    `confidence` in (0.5, 1), two clusters or more; `ValueError` otherwise.
    """
    z = two_sided(confidence)
    spread = sample.spread
    if sample.clusters < 2:
        raise ValueError("the clustered error needs two clusters or more (got 1)")
    width = z * spread.standard_error
    return max(float(sample.lowest), spread.mean - width), min(1.0, spread.mean + width)
