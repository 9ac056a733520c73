"""Lambda entry: adds the parts of all shards up to the summary of an evaluation."""

import os
from datetime import UTC, datetime
from typing import Any

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.evaluation.results.summarizing import summarize
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import counter_of


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    del context
    store = Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE])
    plan = read_plan(store, event["evaluation"])
    counted = counter_of(plan).read()
    made = datetime.fromtimestamp(int(clock.wall_clock()), UTC).isoformat()
    how = summarize(store, plan, read_index(store, plan), tokens=counted.tokens, throttled=counted.throttled, made=made)
    return {"next": "done", "outcome": how.outcome, "reason": how.reason}
