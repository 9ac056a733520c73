"""Lambda entry: writes an evaluation's questions, and says whom its workflow asks, how fast, and whether at all."""

import os
from typing import Any, Final

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE
from bedrock_lifecycle.evaluation.asking.preparing import prepared
from bedrock_lifecycle.evaluation.questions.questions import OutOfTime, QuestionWriter
from bedrock_lifecycle.evaluation.questions.test_data import NotUsable
from bedrock_lifecycle.evaluation.scoring.definitions import UnknownMetric
from bedrock_lifecycle.evaluation.scoring.references import check_of
from bedrock_lifecycle.evaluation.stored.shards import read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import counter_of

# What is left then is for the answer.
_LAST_SECONDS: Final = 60


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    s3, bucket = clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE]
    store = Store(s3, bucket)
    plan = read_plan(store, event["evaluation"])

    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > _LAST_SECONDS * 1000)

    try:
        index = QuestionWriter(s3, bucket, store, plan, has_time, check_of(plan.metrics)).index()
    except OutOfTime:
        return {"next": "again"}
    except (NotUsable, UnknownMetric) as problem:
        return {"next": "refused", "reason": str(problem)}
    return prepared(plan, index, store, counter_of(plan), clients.evaluating)
