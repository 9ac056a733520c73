"""Lambda entry: asks one target the questions of one shard, until its time is nearly up."""

import os
from typing import Any

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE
from bedrock_lifecycle.evaluation.asking.asking import Work, asking
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan, read_questions
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import ran, world_of


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    store = Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE])
    plan = read_plan(store, event["evaluation"])
    target = plan.targets[event["target"]]
    work = Work(
        answers_id=plan.answers_id(target),
        shard=event["shard"],
        # The candidate's ARN is known to the workflow alone.
        model=plan.asked_as.get(target.name) or event["arn"],
        max_output_tokens=plan.max_output_tokens,
        seconds=event["pace"],
    )
    questions = read_questions(store, plan, read_index(store, plan), work.shard)
    return ran(asking(work, questions, world_of(plan, store, context)))
