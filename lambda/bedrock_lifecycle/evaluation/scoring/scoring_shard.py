"""One shard of a run, from its answers to its part of the summary."""

from collections.abc import Callable
from typing import Any

from bedrock_lifecycle.contract.evaluation_identity import judgments_id
from bedrock_lifecycle.contract.evaluation_store import judgments_key, part_key
from bedrock_lifecycle.evaluation.judging.judge_verdicts import Verdicts
from bedrock_lifecycle.evaluation.scoring.definitions import headlines
from bedrock_lifecycle.evaluation.scoring.part_of_shard import part_of
from bedrock_lifecycle.evaluation.scoring.scoring import Scoring
from bedrock_lifecycle.evaluation.stored.judged import checkpoints, judged_of_shards
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import Index
from bedrock_lifecycle.evaluation.stored.store import Store


def score_shard(store: Store, plan: EvaluationPlan, index: Index, shard: int, invoke: Callable[..., Any]) -> None:
    """Score a shard and write its part, over that of an earlier run which had fewer answers; raises as `Scoring.of`."""
    scoring = Scoring(store, plan, index, shard, invoke)
    scored = [scoring.of(target) for target in plan.targets]
    tuned, *others = plan.targets
    drawn = judged_of_shards(index, plan.judge.records)[shard] if plan.judge else 0
    verdicts = {}
    if plan.judge and drawn:
        for other in others:
            its = judgments_id(plan.answers_id(tuned), plan.answers_id(other), plan.judge)
            verdicts[other.name] = _verdicts(store, its, shard, checkpoints(drawn))
    unjudged = sum(drawn - len(its.outcomes) for its in verdicts.values())
    part = part_of(scored, index.shards[shard].records, headlines(plan.metrics), verdicts, unjudged)
    store.write(part_key(plan.id, shard), part.to_json())


def _verdicts(store: Store, judgments: str, shard: int, parts: int) -> Verdicts:
    found = Verdicts({})
    for part in range(parts):
        body = store.found(judgments_key(judgments, shard, part))
        if body is not None:
            found |= Verdicts.from_json(body)
    return found
