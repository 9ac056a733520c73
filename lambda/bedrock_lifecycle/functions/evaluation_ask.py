"""Lambda entry: asks one target the questions of one shard, until its time is nearly up."""

import os
import time
from typing import Any, Final

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE, LEDGER_TABLE_VARIABLE
from bedrock_lifecycle.evaluation.asking import Asked, Asking, Bounded, Done, HandOn, Work, World, asking
from bedrock_lifecycle.evaluation.counter import LedgerCounter
from bedrock_lifecycle.evaluation.shards import read_index, read_plan, read_questions
from bedrock_lifecycle.evaluation.store import Store
from bedrock_lifecycle.functions import clients

# No question is begun whose answer may not be written down: as long as the client waits for it, and half a minute.
_LAST_SECONDS: Final = clients.ANSWERED_WITHIN_SECONDS + 30


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
    world = World(
        converse=clients.evaluating("bedrock-runtime").converse,
        store=store,
        counter=LedgerCounter(clients.counting(), os.environ[LEDGER_TABLE_VARIABLE], plan.id, plan.max_tokens),
        now=time.monotonic,
        has_time=lambda: context.get_remaining_time_in_millis() > _LAST_SECONDS * 1000,
    )
    questions = read_questions(store, plan, read_index(store, plan), work.shard)
    return _told(_run(asking(work, questions, world)))


def _run(its: Asking) -> Asked:
    while True:
        try:
            time.sleep(next(its))
        except StopIteration as end:
            ended: Asked = end.value
            return ended


def _told(ended: Asked) -> dict[str, Any]:
    match ended:
        case Done():
            return {"next": "done"}
        case Bounded():
            return {"next": "bounded"}
        case HandOn(seconds):
            return {"next": "again", "seconds": seconds}
