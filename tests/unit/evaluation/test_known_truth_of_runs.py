"""Whole evaluations of models whose quality is known, from answers to the gate: what they say is true as often as said.

`test_known_truth.py` has the same of samples alone, for more kinds of models.
"""

import math
import random
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import pytest

from bedrock_lifecycle.contract.evaluation_identity import metric_definition
from bedrock_lifecycle.contract.evaluation_store import summary_key
from bedrock_lifecycle.evaluation.results.gate import Requirement, Verdict
from bedrock_lifecycle.evaluation.results.reduce import Ended
from bedrock_lifecycle.evaluation.results.summarizing import summarize
from bedrock_lifecycle.evaluation.results.verdict import judged
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.statistics.intervals import interval
from bedrock_lifecycle.evaluation.stored.summary import Summary
from tests.unit.evaluation.worlds import BASE_MODEL, EXACT, TUNED_MODEL, MemoryWorld, answer, plan, question

Print = Callable[[str], None]

EVALUATIONS: Final = 1000
MARGIN: Final = 0.015
REFERENCE: Final = "a b c d"
F1: Final = {REFERENCE: 1.0, "a b": 2 / 3, "x": 0.0}
# What the tuned and the base model answer to a record, and how often that is so.
SHARES: Final = {(REFERENCE, REFERENCE): 0.4, (REFERENCE, "a b"): 0.25, ("a b", REFERENCE): 0.1, ("x", "x"): 0.25}
PLAN: Final = plan(metrics=[EXACT, metric_definition("token_f1", 1)], group_by="any")


def truth(measure: str, against: str | None) -> float:
    """Return what an evaluation of all records that there could be would measure."""
    score = F1 if measure == "token_f1" else {text: float(text == REFERENCE) for text in F1}
    base = 1 if against else 0
    return sum(share * (score[ours] - base * score[theirs]) for (ours, theirs), share in SHARES.items())


ASKED: Final = [(measure, against) for measure in ("exact_match", "token_f1") for against in (None, "base")]


def just_not_good_enough(measure: str, against: str | None) -> Requirement:
    """Return what the true value misses by next to nothing, which is where a gate errs most."""
    # Beyond rounding: what is measured exactly at the truth is not above it.
    return Requirement(measure, truth(measure, against) + 1e-9, against)


@dataclass(frozen=True)
class Size:
    """Two shards of so many groups, of so many records each; records of a group are answered alike."""

    groups: int
    of: int = 1


def evaluation(size: Size, chance: Callable[[], float]) -> Summary:
    """Run one evaluation on records that are drawn, and return its summary as it is read."""
    world, kinds = MemoryWorld(), list(SHARES)
    bounds = list(accumulate(SHARES.values()))[:-1]
    drawn = [[kinds[bisect(bounds, chance())] for _ in range(size.groups)] for _ in range(2)]
    records = [
        [
            (shard * 10_000 + group * size.of + place + 1, f"{shard}-{group}" if size.of > 1 else "", kind)
            for group, kind in enumerate(its)
            for place in range(size.of)
        ]
        for shard, its in enumerate(drawn)
    ]
    index = world.has_questions(
        PLAN,
        [[question(record, reference=REFERENCE, cluster=cluster) for record, cluster, _ in its] for its in records],
    )
    for shard, its in enumerate(records):
        for place, target in enumerate((TUNED_MODEL, BASE_MODEL)):
            world.has_answers(PLAN, target, shard, [answer(record, kind[place]) for record, _, kind in its])
        score_shard(world.store, PLAN, index, shard, None)  # type: ignore[arg-type]
    assert summarize(world.store, PLAN, index, tokens=0, throttled=0, made="any") == Ended("complete")
    return Summary.from_json(world.store.read(summary_key(PLAN.id)))


def evaluations(size: Size, number: int) -> Iterator[Summary]:
    chance = random.Random(1).random
    return (evaluation(size, chance) for _ in range(number))


def told(size: Size, number: int) -> tuple[Counter[tuple[str, str | None]], Counter[tuple[str, str | None]]]:
    """Return how often each interval holds the truth, and how often a gate passes what is just not good enough."""
    held: Counter[tuple[str, str | None]] = Counter()
    passed: Counter[tuple[str, str | None]] = Counter()
    for summary in evaluations(size, number):
        for asked in ASKED:
            sample = summary.sample(*asked)
            assert sample is not None
            assert sample.clusters == 2 * size.groups
            its = interval(sample, 0.95)
            held[asked] += its.low <= truth(*asked) <= its.high
            passed[asked] += judged(summary, [just_not_good_enough(*asked)], 0.95).verdict is Verdict.PASSED
    return held, passed


@pytest.mark.slow
def test_of_1_000_evaluations_95_percent_hold_the_truth_and_few_pass_what_is_not_good_enough(table: Print) -> None:
    size = Size(100)
    held, passed = told(size, EVALUATIONS)
    for asked in ASKED:
        measure, against = asked
        table(
            f"run:  {measure + (' - ' + against if against else ''):22} {size}  coverage "
            f"{held[asked] / EVALUATIONS:5.1%}, a gate passes at the threshold {passed[asked] / EVALUATIONS:5.1%}"
        )
    for asked in ASKED:
        assert held[asked] / EVALUATIONS == pytest.approx(0.95, abs=MARGIN)
        assert passed[asked] / EVALUATIONS <= 0.05


@pytest.mark.parametrize("size", [Size(100), Size(100, of=2)], ids=str)
def test_of_a_few_evaluations_most_hold_the_truth_and_few_pass_what_is_not_good_enough(size: Size) -> None:
    number = 15
    held, passed = told(size, number)
    assert all(held[asked] >= 0.8 * number for asked in ASKED)
    assert all(passed[asked] <= 0.2 * number for asked in ASKED)


def test_a_gate_passes_what_is_good_enough_and_fails_what_is_not() -> None:
    (summary,) = evaluations(Size(100), 1)
    assert math.isclose(truth("exact_match", "base"), 0.15)
    far = [Requirement.at_least("exact_match", 0.5), Requirement.not_worse_than("token_f1", "base", by=0.1)]
    assert judged(summary, far, 0.95).verdict is Verdict.PASSED
    beyond = [*far, Requirement.better_than("exact_match", "base", by=0.4)]
    assert judged(summary, beyond, 0.95).verdict is Verdict.FAILED
