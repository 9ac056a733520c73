"""Which shards a target still has to answer: a shard is done if its answers are there, or all that is made of them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import TUNED, Target, canonical, judgments_id, scores_id
from bedrock_lifecycle.contract.evaluation_store import ANSWERS, JUDGMENTS, SCORES, shard_of
from bedrock_lifecycle.evaluation.stored.judged import CHECKPOINT as JUDGED_AT_ONCE
from bedrock_lifecycle.evaluation.stored.judged import VERDICT_TOKENS, checkpoints, judged_of_shards
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import AskingAgain, Index

TALLY: Final = canonical({"name": "tally", "version": 1})
"""In place of a metric: how the records were answered, without a word of them, and which records they are."""

NOTHING: Final = AskingAgain()

Keys = Callable[[str], Iterable[str]]
"""All keys that begin with a prefix."""


def shards_to_ask(
    plan: EvaluationPlan, index: Index, target: Target, keys: Keys, again: AskingAgain = NOTHING
) -> list[int]:
    """Return the shards of which answers are missing, and numbers too: answers expire, and numbers do not.

    And those of which records are asked again, since too many had no answer.
    """
    answered = parts(keys, f"{ANSWERS}{plan.answers_id(target)}/")
    open_shards = [place for place, each in enumerate(index.shards) if answered[place] < each.checkpoints]
    with_numbers = _with_numbers(plan, index, target, keys) if open_shards else set()
    return sorted({*open_shards} - with_numbers | again.shards.keys())


def answered_records(plan: EvaluationPlan, index: Index, target: Target, keys: Keys) -> int:
    """Return about how many records a target has answered, by what is written; for those who watch."""
    answered = parts(keys, f"{ANSWERS}{plan.answers_id(target)}/")
    shares = (min(1.0, answered[place] / each.checkpoints) * each.records for place, each in enumerate(index.shards))
    return round(sum(shares))


def tokens_to_ask(
    plan: EvaluationPlan, index: Index, target: Target, shards: Iterable[int], keys: Keys, again: AskingAgain = NOTHING
) -> int:
    """Return about how many tokens the questions and answers have that these shards still miss."""
    answered = parts(keys, f"{ANSWERS}{plan.answers_id(target)}/")
    total = 0
    for place in shards:
        its = index.shards[place]
        missing = 1 - answered[place] / its.checkpoints or again.shards.get(place, 0) / its.records
        total += round(missing * (its.tokens + its.records * plan.max_output_tokens))
    return total


def tokens_to_judge(plan: EvaluationPlan, index: Index, rubric_tokens: int, keys: Keys) -> int:
    """Return about how many tokens the verdicts take that a judge has not given yet; reckoned with full answers."""
    if not plan.judge:
        return 0
    drawn = judged_of_shards(index, plan.judge.records)
    total = 0
    for ours, theirs in pairs(plan, plan.tuned):
        its_id = judgments_id(ours, theirs, plan.judge)
        made = parts(keys, f"{JUDGMENTS}{its_id}/")
        # Each pair was asked twice, so a part of replies is a part of verdicts.
        replied = parts(keys, f"{ANSWERS}{its_id}/")
        for place, its in enumerate(index.shards):
            records = max(drawn[place] - max(made[place], replied[place]) * JUDGED_AT_ONCE, 0)
            # Question, both answers and the record's own, in both orders.
            request = its.tokens // its.records + 3 * plan.max_output_tokens + rubric_tokens
            total += records * 2 * (request + VERDICT_TOKENS)
    return total


def _with_numbers(plan: EvaluationPlan, index: Index, target: Target, keys: Keys) -> set[int]:
    """Return the shards of which nobody has to read an answer again."""
    answers = plan.answers_id(target)
    there = set(range(len(index.shards)))
    for metric in (TALLY, *plan.metrics):
        there &= parts(keys, f"{SCORES}{scores_id(answers, metric)}/").keys()
    if plan.judge:
        drawn = judged_of_shards(index, plan.judge.records)
        for ours, theirs in pairs(plan, target):
            made = parts(keys, f"{JUDGMENTS}{judgments_id(ours, theirs, plan.judge)}/")
            there = {place for place in there if made[place] >= checkpoints(drawn[place])}
    return there


def pairs(plan: EvaluationPlan, target: Target) -> list[tuple[str, str]]:
    """Return the pairs of answers that are compared, of which one are the target's."""
    tuned = plan.answers_id(plan.tuned)
    others = [each for each in plan.targets if each.name != TUNED and target.name in (TUNED, each.name)]
    return [(tuned, plan.answers_id(each)) for each in others]


def parts(keys: Keys, prefix: str) -> Counter[int]:
    """Return how many objects there are of each shard under a prefix."""
    return Counter(map(shard_of, keys(prefix)))
