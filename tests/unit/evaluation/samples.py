"""Samples by what they hold, made without their records, and truths to draw them from."""

import random
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bedrock_lifecycle.evaluation.statistics.sample import FEW, Kind, Sample


def of_scores(*scores: float) -> Sample:
    return Sample.of("scores", ([score] for score in scores))


def of_differences(*differences: float) -> Sample:
    return Sample.of("differences", ([difference] for difference in differences))


def repeated(kind: Kind, clusters: Mapping[tuple[float, ...], int]) -> Sample:
    """Return the sample that has each cluster so many times, without adding up each of them."""
    ones = [(Sample.of(kind, [cluster]), times) for cluster, times in clusters.items() if times]
    number = sum(times for _, times in ones)
    few = sorted(cluster for one, times in ones for cluster in one.few * times) if number < FEW else ()
    sums = [sum(one.sums[place] * times for one, times in ones) for place in range(len(ones[0][0].sums))]
    return Sample(kind, number, tuple(sums), all(one.whole for one, _ in ones), max(map(len, clusters)), tuple(few))


def rates(successes: int, records: int) -> Sample:
    return repeated("scores", {(1.0,): successes, (0.0,): records - successes})


def pairs(only_ours: int, only_theirs: int, records: int) -> Sample:
    same = records - only_ours - only_theirs
    return repeated("differences", {(1.0,): only_ours, (-1.0,): only_theirs, (0.0,): same})


@dataclass(frozen=True)
class Truth:
    """Clusters of a few sorts, each with its share of all: so the true mean is known."""

    name: str
    kind: Kind
    shares: Mapping[tuple[float, ...], float]

    @property
    def mean(self) -> float:
        total = sum(share * sum(cluster) for cluster, share in self.shares.items())
        return total / sum(share * len(cluster) for cluster, share in self.shares.items())

    def samples(self, clusters: int, number: int, seed: int = 1) -> Iterator[Sample]:
        """Yield so many samples of so many clusters, the same ones in every version of Python."""
        chance = random.Random(seed).random
        sorts = list(self.shares)
        bounds = list(accumulate(self.shares.values()))[:-1]
        for _ in range(number):
            drawn = Counter(bisect(bounds, chance()) for _ in range(clusters))
            yield repeated(self.kind, {sorts[place]: times for place, times in drawn.items()})


def of_single(name: str, kind: Kind, shares: Mapping[float, float]) -> Truth:
    """Return a truth whose records are not grouped."""
    return Truth(name, kind, {(value,): share for value, share in shares.items()})


def everywhere(values: Sequence[float]) -> dict[float, float]:
    """Return equal shares."""
    return {value: 1 / len(values) for value in values}
