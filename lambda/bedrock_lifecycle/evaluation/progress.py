"""Which shards a target still has to answer: a shard is done if its answers are there, or all that is made of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import TUNED, Target, canonical, judgments_id, scores_id
from bedrock_lifecycle.contract.evaluation_store import ANSWERS, JUDGMENTS, SCORES, shard_of
from bedrock_lifecycle.evaluation.judged import checkpoints, judged_of_shards
from bedrock_lifecycle.evaluation.plan import Plan
from bedrock_lifecycle.evaluation.records import Index

TALLY: Final = canonical({"name": "tally", "version": 1})
"""In place of a metric: how the records were answered, without a word of them, and which records they are."""

Keys = Callable[[str], Iterable[str]]
"""All keys that begin with a prefix."""


def shards_to_ask(plan: Plan, index: Index, target: Target, keys: Keys) -> list[int]:
    """Return the shards of which answers are missing, and numbers too: answers expire, and numbers do not."""
    answered = _parts(keys, f"{ANSWERS}{plan.answers_id(target)}/")
    open_shards = [place for place, each in enumerate(index.shards) if answered[place] < each.checkpoints]
    return open_shards and [place for place in open_shards if place not in _with_numbers(plan, index, target, keys)]


def answered_records(plan: Plan, index: Index, target: Target, keys: Keys) -> int:
    """Return about how many records a target has answered, by what is written; for those who watch."""
    answered = _parts(keys, f"{ANSWERS}{plan.answers_id(target)}/")
    shares = (min(1.0, answered[place] / each.checkpoints) * each.records for place, each in enumerate(index.shards))
    return round(sum(shares))


def _with_numbers(plan: Plan, index: Index, target: Target, keys: Keys) -> set[int]:
    """Return the shards of which nobody has to read an answer again."""
    answers = plan.answers_id(target)
    there = set(range(len(index.shards)))
    for metric in (TALLY, *plan.metrics):
        there &= _parts(keys, f"{SCORES}{scores_id(answers, metric)}/").keys()
    if plan.judge:
        drawn = judged_of_shards(index, plan.judge.records)
        for ours, theirs in _pairs(plan, target):
            made = _parts(keys, f"{JUDGMENTS}{judgments_id(ours, theirs, plan.judge)}/")
            there = {place for place in there if made[place] >= checkpoints(drawn[place])}
    return there


def _pairs(plan: Plan, target: Target) -> list[tuple[str, str]]:
    """Return the pairs of answers that are compared, of which one are the target's."""
    tuned = plan.answers_id(next(each for each in plan.targets if each.name == TUNED))
    others = [each for each in plan.targets if each.name != TUNED and target.name in (TUNED, each.name)]
    return [(tuned, plan.answers_id(each)) for each in others]


def _parts(keys: Keys, prefix: str) -> Counter[int]:
    return Counter(map(shard_of, keys(prefix)))
