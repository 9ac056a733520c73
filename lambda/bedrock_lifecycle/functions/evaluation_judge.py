"""Lambda entry: has the judge compare the answers of one shard, until its time is nearly up."""

import os
from typing import Any

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE
from bedrock_lifecycle.evaluation.judging.judging import judging
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import ran, world_of


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    store = Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE])
    plan = read_plan(store, event["evaluation"])
    return ran(judging(store, plan, read_index(store, plan), event["shard"], world_of(plan, store, context)))
