"""Lambda entry: scores the answers of one shard, and writes down what they add to the summary."""

import os
from typing import Any

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE
from bedrock_lifecycle.evaluation.scoring.scoring_shard import score_shard
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    del context
    store = Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE])
    plan = read_plan(store, event["evaluation"])
    score_shard(store, plan, read_index(store, plan), event["shard"], _invoke)
    return {"next": "done"}


def _invoke(**request: Any) -> Any:
    # Only a metric of the team's own needs the client.
    return clients.evaluating("lambda").invoke(**request)
