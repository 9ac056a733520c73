"""What an evaluation has measured: exact sums of scores, which shards add up in any order to the same numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final, Literal, NamedTuple, Self

Kind = Literal["scores", "differences"]
"""Scores are in [0, 1]; differences of two scores of the same record are in [-1, 1]."""

FEW: Final = 200
"""From so many clusters on, the sums are enough and single clusters are forgotten."""
UNITS: Final = 2**53
"""Scores are counted in whole units, as fine as a float below 1 is, so that sums have no error and no order."""
_POWERS: Final = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3), (4, 0))

Cluster = tuple[int, int]
"""The sum of the values of records that belong together, in units, and how many records these are."""


class FewGroups(NamedTuple):
    """Groups of records that are so few, or so much of a few large ones, that a sort of group may be missing.

    A sort that is less than `missing` of all groups is in none of them in one of 20 test sets or more. That is no
    weakness of a bound: it knows of no group larger than the largest that was seen.
    """

    groups: int
    of_one_size: float
    """How many groups of equal size would say as much."""

    @property
    def missing(self) -> float:
        # (1 - 3 / G) ** G is 5 % (the rule of three).
        return min(1.0, 3 / self.groups)


@dataclass(frozen=True)
class Spread:
    """The mean over all records, and how it varies from cluster to cluster.

    `variance` and `third` are the second and third central moment of what each cluster adds to the mean, divided by the
    number of clusters, not by one less.
    """

    clusters: float
    mean: float
    variance: float
    third: float
    heaviest: float = 1
    """How many times as many records as the mean cluster the largest has."""

    @property
    def standard_error(self) -> float:
        """The clustered standard error of the mean, with the factor G / (G - 1); infinite for one cluster."""
        return math.sqrt(self.variance / (self.clusters - 1)) if self.clusters > 1 else math.inf

    @property
    def squared_skewness(self) -> float:
        """The square of the skewness; infinite if nothing varies."""
        return self.third**2 / self.variance**3 if self.variance else math.inf


@dataclass(frozen=True)
class Sample:
    """Values of one measure, in clusters of records that belong together; ungrouped, each record is its own cluster.

    `few` has the clusters themselves, sorted, as long as there are fewer than `FEW`; beyond it is empty. So the size of
    a sample has a bound, whatever the number of records.
    """

    kind: Kind
    clusters: int
    sums: tuple[int, ...]
    whole: bool
    """Whether every value is a whole number: 0 or 1, or for differences also -1."""
    largest: int
    """How many records the largest cluster has."""
    few: tuple[Cluster, ...]

    @classmethod
    def of(cls, kind: Kind, clusters: Iterable[Sequence[float]]) -> Self:
        """Return the sample of the values of each cluster.

        `ValueError` for a value that is out of the bounds of `kind` or is no number, and for a cluster without any.
        """
        clusters = list(clusters)
        for value in (value for cluster in clusters for value in cluster):
            if not lowest(kind) <= value <= 1:
                raise ValueError(f"a value must be in [{lowest(kind)}, 1] (got {value!r})")
        if not all(clusters):
            raise ValueError("a cluster must have a record (got one without any)")
        sizes = [(sum(round(value * UNITS) for value in cluster), len(cluster)) for cluster in clusters]
        return cls(
            kind,
            len(clusters),
            tuple(sum(total**i * size**j for total, size in sizes) for i, j in _POWERS),
            all(value == round(value) for cluster in clusters for value in cluster),
            max(map(len, clusters), default=0),
            _few(sizes),
        )

    def __add__(self, other: Self) -> Self:
        """Return both together; no cluster may have records in both. `ValueError` if they are of different kinds."""
        if self.kind != other.kind:
            raise ValueError(f"scores and differences cannot be added (got {self.kind} and {other.kind})")
        all_are_there = len(self.few) == self.clusters and len(other.few) == other.clusters
        return type(self)(
            self.kind,
            self.clusters + other.clusters,
            tuple(map(add, self.sums, other.sums)),
            self.whole and other.whole,
            max(self.largest, other.largest),
            _few([*self.few, *other.few]) if all_are_there else (),
        )

    @property
    def records(self) -> int:
        return self._sum(0, 1)

    @property
    def is_of_rates(self) -> bool:
        """Whether counts say everything: whole values of records of which none belong together."""
        return self.whole and self.records == self.clusters

    @property
    def total(self) -> float:
        """The sum of all values."""
        return self._sum(1, 0) / UNITS

    @property
    def squares(self) -> float:
        """The sum of the squares of the clusters' sums."""
        return self._sum(2, 0) / UNITS**2

    @property
    def differing(self) -> float:
        """How many clusters with sums of one size, and 0 for all others, would vary as these do; 0 if none does."""
        return self._sum(2, 0) ** 2 / self._sum(4, 0) if self._sum(4, 0) else 0.0

    @property
    def effective_clusters(self) -> float:
        """How many clusters of equal size would say as much (Kish, 1965); 0 without any record."""
        return self.records**2 / self._sum(0, 2) if self.clusters else 0.0

    @property
    def few_groups(self) -> FewGroups | None:
        """The groups where these say as much as fewer than `FEW` of one size; None where no records belong together."""
        if self.clusters == self.records or self.effective_clusters >= FEW:
            return None
        return FewGroups(self.clusters, self.effective_clusters)

    @property
    def lowest(self) -> int:
        """The lowest value that is possible."""
        return lowest(self.kind)

    @property
    def spread(self) -> Spread:
        """What the normal approximation and its corrections need; `ValueError` without any record."""
        total, records = self._sum(1, 0), self.records
        if not records:
            raise ValueError("a sample must have a record (got none)")
        # With r = sum - mean * records of a cluster, in whole numbers: nothing cancels.
        second = records**2 * self._sum(2, 0) - 2 * total * records * self._sum(1, 1) + total**2 * self._sum(0, 2)
        third = (
            records**3 * self._sum(3, 0)
            - 3 * total * records**2 * self._sum(2, 1)
            + 3 * total**2 * records * self._sum(1, 2)
            - total**3 * self._sum(0, 3)
        )
        # What a cluster adds is r divided by the mean size.
        return Spread(
            self.clusters,
            total / (records * UNITS),
            second * self.clusters / (records**4 * UNITS**2),
            third * self.clusters**2 / (records**6 * UNITS**3),
            self.largest * self.clusters / records,
        )

    def _sum(self, i: int, j: int) -> int:
        """Return the sum over all clusters of the i-th power of the sum times the j-th power of the size."""
        return self.sums[_POWERS.index((i, j))]


def paired(ours: Iterable[Sequence[float]], theirs: Iterable[Sequence[float]]) -> Sample:
    """Return the differences, ours less theirs, of scores of the same records in the same order.

    `ValueError` if the two do not have as many clusters and records, or for a score outside of [0, 1].
    """
    differences = []
    for one, other in zip(ours, theirs, strict=True):
        for score in (*one, *other):
            if not 0 <= score <= 1:
                raise ValueError(f"a score must be in [0, 1] (got {score!r})")
        differences.append([mine - its for mine, its in zip(one, other, strict=True)])
    return Sample.of("differences", differences)


def together(samples: Iterable[Sample]) -> Sample:
    """Return all samples as one; `TypeError` without any."""
    return reduce(add, samples)


def lowest(kind: Kind) -> int:
    """Return the lowest value that is possible."""
    return 0 if kind == "scores" else -1


def _few(clusters: Sequence[Cluster]) -> tuple[Cluster, ...]:
    return tuple(sorted(clusters)) if len(clusters) < FEW else ()
