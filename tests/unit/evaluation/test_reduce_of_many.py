"""A million records are reduced in far less memory than the function has: parts are read one by one."""

import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from typing import Final

import pytest

from bedrock_lifecycle.contract.evaluation_identity import Target
from bedrock_lifecycle.evaluation.results.reduce import summarized
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext
from bedrock_lifecycle.evaluation.scoring.part import GROUPS, PartialScores
from bedrock_lifecycle.evaluation.scoring.part_of_shard import part_of
from bedrock_lifecycle.evaluation.scoring.scoring import Scored
from bedrock_lifecycle.evaluation.scoring.tally import AnsweredShard, Tally
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bench.peak import peak_kibibytes
from tests.conftest import ROOT
from tests.unit.evaluation.worlds import EXACT, ROUGE, plan

MOST_MEGABYTES: Final = 256
SHARD: Final = 250
TARGETS: Final = [Target(name=name, model=name) for name in ("tuned", "base", "stronger")]


def body(shard: int) -> bytes:
    """Return the part of a shard whose records are in groups, so that there are as many slices as there can be."""
    chance = random.Random(shard)
    records = tuple(range(shard * SHARD + 1, (shard + 1) * SHARD + 1))
    answered = AnsweredShard(
        records=records,
        clusters=tuple(f"{shard:08x}{chance.randrange(60):08x}" for _ in records),
        lengths=tuple(chance.randint(1, 5000) for _ in records),
        tally=Tally(answered=SHARD, latencies={str(each * 100): 1 for each in range(10, 100)}),
    )
    scored = [
        Scored(
            target,
            answered,
            {
                "exact_match": {record: float(chance.random() < 0.6) for record in records},
                "rouge_l": {record: chance.random() for record in records},
            },
        )
        for target in TARGETS
    ]
    return part_of(scored, SHARD, ("exact_match", "rouge_l"), {}, 0).to_json()


def reduced(shards: int, *, of: int) -> Summary:
    """Return the summary of so many parts, which are those of so few shards again and again."""
    return of_bodies([body(shard) for shard in range(of)], shards)


def of_bodies(bodies: Sequence[bytes], shards: int) -> Summary:
    parts = (PartialScores.from_json(bodies[place % len(bodies)]) for place in range(shards))
    return summarized(plan(targets=TARGETS, metrics=[EXACT, ROUGE], group_by="any"), parts, ScoreContext(), "any")


def peak(bodies: Sequence[bytes], shards: int) -> int:
    tracemalloc.start()
    of_bodies(bodies, shards)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_number_of_shards() -> None:
    bodies = [body(0), body(1)]
    assert peak(bodies, 12) < 1.2 * peak(bodies, 4)


def test_nor_does_the_summary() -> None:
    few, many = reduced(2, of=2), reduced(8, of=8)
    assert many.records == 8 * SHARD
    assert len({each.label for each in many.slices if each.by == "group"}) == GROUPS
    assert len(many.to_json()) < 1.2 * len(few.to_json())


@pytest.mark.slow
def test_4_000_shards_are_reduced_in_less_memory_than_the_function_has() -> None:
    code = "from tests.unit.evaluation import test_reduce_of_many as its; its.reduce_all()"
    path = os.pathsep.join(map(str, (ROOT, ROOT / "lambda")))
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
    )
    records, megabytes = map(int, done.stdout.split())
    assert records == 1_000_000
    assert megabytes < MOST_MEGABYTES


def reduce_all() -> None:
    """Print how many records were reduced, and the most memory that this process had, in MB."""
    summary = reduced(4_000, of=16)
    sys.stdout.write(f"{summary.records} {peak_kibibytes() // 1024}\n")
