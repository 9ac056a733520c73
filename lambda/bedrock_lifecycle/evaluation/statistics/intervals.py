"""Which method a sample gets, by what it holds and by its size."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bedrock_lifecycle.evaluation.statistics.bootstrap import percentile
from bedrock_lifecycle.evaluation.statistics.bounded import lower_bound, upper_bound
from bedrock_lifecycle.evaluation.statistics.matched_pairs import tango
from bedrock_lifecycle.evaluation.statistics.means import clustered
from bedrock_lifecycle.evaluation.statistics.rates import exact_lower_bound, exact_upper_bound, wilson
from bedrock_lifecycle.evaluation.statistics.sample import FEW, Sample

# Cochran (1977) asks for 25 times the squared skewness before a mean counts as normal; twice that holds the coverage
# which the tests measure.
_CLUSTERS_FOR_EACH_SQUARED_SKEWNESS: Final = 50
# Where fewer records have the rarer result, or differ at all, the coverage of counts jumps with the true rate.
_RARE: Final = 20


class Method(StrEnum):
    """How an interval was computed."""

    WILSON = "Wilson"
    TANGO = "Tango"
    CLUSTERED = "normal, clustered errors"
    BOOTSTRAP = "percentile bootstrap"
    BOUNDED = "bounded"


@dataclass(frozen=True)
class Interval:
    """An estimate and its two-sided interval."""

    estimate: float
    low: float
    high: float
    confidence: float
    method: Method
    coverage_is_promised: bool
    """Whether the true value is in such an interval as often as `confidence` says, within 1.5 points.

    That takes `FEW` clusters of about one size, and values that vary. Those of `BOUNDED` hold it as often or more
    often, at any size.
    """


def interval(sample: Sample, confidence: float) -> Interval:
    """Return the interval of the mean of a sample of one record or more; `confidence` in (0.5, 1), or `ValueError`."""
    method = _method(sample)
    if method is Method.WILSON:
        low, high = wilson(round(sample.total), sample.records, confidence)
    elif method is Method.TANGO:
        low, high = tango(*discordant(sample), sample.records, confidence)
    elif method is Method.CLUSTERED:
        low, high = clustered(sample, confidence)
    elif method is Method.BOOTSTRAP:
        low, high = percentile(sample, confidence)
    else:
        each = (1 + confidence) / 2
        low = lower_bound(sample.spread, sample.lowest, each)
        high = upper_bound(sample.spread, 1, each)
    return Interval(sample.spread.mean, low, high, confidence, method, _coverage_is_promised(sample, method))


def bounds(sample: Sample, confidence: float) -> tuple[float, float]:
    """Return two one-sided bounds of the mean of a sample, as `interval` does; each holds with `confidence` or more.

    They are what a decision rests on: at any size, and for values of which nearly all are the same.
    """
    if sample.kind == "scores" and sample.is_of_rates:
        successes = round(sample.total)
        return (
            exact_lower_bound(successes, sample.records, confidence),
            exact_upper_bound(successes, sample.records, confidence),
        )
    spread = sample.spread
    return lower_bound(spread, sample.lowest, confidence), upper_bound(spread, 1, confidence)


def discordant(sample: Sample) -> tuple[int, int]:
    """Return in how many records we alone have a 1, and they alone: of differences of rates."""
    difference, either = round(sample.total), round(sample.squares)
    return (either + difference) // 2, (either - difference) // 2


def _method(sample: Sample) -> Method:
    if sample.is_of_rates:
        return Method.WILSON if sample.kind == "scores" else Method.TANGO
    if _is_skewed(sample):
        return Method.BOUNDED
    if sample.clusters < FEW:
        return Method.BOOTSTRAP
    # Sizes may differ, but a few clusters must not have most of the records.
    return Method.CLUSTERED if sample.effective_clusters >= FEW / 2 else Method.BOUNDED


def _coverage_is_promised(sample: Sample, method: Method) -> bool:
    if sample.clusters < FEW:
        return False
    if method is Method.WILSON:
        successes = round(sample.total)
        return min(successes, sample.records - successes) >= _RARE
    return method is Method.CLUSTERED or (method is Method.TANGO and sum(discordant(sample)) >= _RARE)


def _is_skewed(sample: Sample) -> bool:
    """Tell whether too few clusters differ from the rest for the mean to be normal, or none does."""
    return sample.clusters < _CLUSTERS_FOR_EACH_SQUARED_SKEWNESS * sample.spread.squared_skewness
