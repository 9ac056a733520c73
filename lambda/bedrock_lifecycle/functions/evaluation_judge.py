"""Lambda entry: has the judge compare the answers of one shard, until its time is nearly up."""

from typing import Any

from bedrock_lifecycle.evaluation.judging.judging import judging
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.functions.evaluation_turn import ends_a_run, kept, ran, rhythm_of, world_of


@ends_a_run
def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    store = kept()
    plan = read_plan(store, event["evaluation"])
    index, world = read_index(store, plan), world_of(plan, store, context)
    return ran(judging(store, plan, index, event["shard"], world, rhythm_of(event)))
