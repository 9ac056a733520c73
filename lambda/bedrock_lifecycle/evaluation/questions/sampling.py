"""Which records are asked, and in which shard each is: equal files are drawn from and cut alike on every machine.

One million records take 16 bytes each while this is decided, so the file may be larger than the memory.
"""

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from bedrock_lifecycle.evaluation.stored.records import SHARD

NOT_DRAWN: Final = -1
_SEED: Final = "bedrock-tuning"


def _eight_bytes() -> "array[int]":
    return array("Q")


@dataclass
class Survey:
    """What was seen of each record, in the order of the file.

    digests: what equal questions have in common.
    groups: the beginning of the digest of what belongs together; the record's own where it stands alone.
    grouped: how many records have something that others may have too.
    """

    digests: "array[int]" = field(default_factory=_eight_bytes)
    groups: "array[int]" = field(default_factory=_eight_bytes)
    grouped: int = 0

    def see(self, record: int, digest: int, group: str) -> None:
        """Note the next record; `record` is its number."""
        self.digests.append(digest)
        self.grouped += bool(group)
        self.groups.append(int(group, 16) if group else _drawn("alone", record))


@dataclass(frozen=True)
class Cut:
    """Where each record is, in the order of the file, `NOT_DRAWN` for those that are not asked.

    sizes: how many records each shard has.
    """

    places: "array[int]"
    sizes: tuple[int, ...]


def cut(survey: Survey, *, records: int | None, grouped: bool) -> Cut:
    """Draw so many records, all for None, and cut them into shards of some 250; what belongs together is in one."""
    chosen = _chosen(len(survey.groups), records)
    if grouped:
        buckets = -(-len(chosen) // SHARD)
        raw = [survey.groups[each] % buckets for each in chosen]
        # No shard without a record.
        used = {bucket: place for place, bucket in enumerate(sorted(set(raw)))}
        shards = [used[bucket] for bucket in raw]
    else:
        shards = [place // SHARD for place in range(len(chosen))]
    places = array("i", [NOT_DRAWN]) * len(survey.groups)
    sizes = [0] * (max(shards, default=-1) + 1)
    for record, shard in zip(chosen, shards, strict=True):
        places[record] = shard
        sizes[shard] += 1
    return Cut(places, tuple(sizes))


def repeated(survey: Survey, its: Cut) -> int:
    """Return how many of the questions an earlier one asks as well."""
    drawn = sorted(_drawn_digests(survey, its))
    return sum(before == after for before, after in pairwise(drawn))


def found_in(survey: Survey, its: Cut, others: set[int]) -> int:
    """Return how many of the questions are among others."""
    return sum(digest in others for digest in _drawn_digests(survey, its))


def _drawn_digests(survey: Survey, its: Cut) -> "array[int]":
    pairs = zip(survey.digests, its.places, strict=True)
    return array("Q", (digest for digest, place in pairs if place != NOT_DRAWN))


def _chosen(count: int, records: int | None) -> Sequence[int]:
    if records is None or records >= count:
        return range(count)
    draws = array("Q", (_drawn("sample", each) for each in range(count)))
    return sorted(sorted(range(count), key=draws.__getitem__)[:records])


def _drawn(what: str, record: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{_SEED}|{what}|{record}".encode()).digest()[:8], "big")
