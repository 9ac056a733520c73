"""Lambda entry: scores the answers of one shard, and writes down what they add to the summary."""

from typing import Any

from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import ends_a_run, kept


@ends_a_run
def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    del context
    store = kept()
    plan = read_plan(store, event["evaluation"])
    score_shard(store, plan, read_index(store, plan), event["shard"], _invoke)
    return {"next": "done"}


def _invoke(**request: Any) -> Any:
    # Only a metric of the team's own needs the client.
    return clients.evaluating("lambda").invoke(**request)
