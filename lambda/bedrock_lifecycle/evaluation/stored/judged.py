"""Which records a judge compares: so many of each shard as its share of all, drawn with a fixed seed."""

import hashlib
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

from bedrock_lifecycle.evaluation.stored.records import Index, Question

CHECKPOINT: Final = 25
"""Pairs whose verdicts are written at once; each is asked twice."""

VERDICT_TOKENS: Final = 64
"""What a judge's reply may have: it is one short object."""


def judged_of_shards(index: Index, records: int) -> list[int]:
    """Return how many records of each shard are judged, `records` in all or every one."""
    ends = [0, *accumulate(each.records for each in index.shards)]
    records = min(records, ends[-1])
    return [records * end // ends[-1] - records * start // ends[-1] for start, end in pairwise(ends)]


def checkpoints(records: int) -> int:
    """Return how many parts the verdicts on so many records have."""
    return -(-records // CHECKPOINT)


def drawn(questions: Sequence[Question], number: int) -> list[Question]:
    """Return so many of a shard's questions, whatever their order, by record."""
    ordered = sorted(questions, key=lambda each: hashlib.sha256(f"judged|{each.record}".encode()).digest())
    return sorted(ordered[:number], key=lambda each: each.record)
