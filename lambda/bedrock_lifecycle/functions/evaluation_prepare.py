"""Lambda entry: writes an evaluation's questions, and says whom its workflow asks, how fast, and whether at all."""

import os
from collections.abc import Callable
from typing import Any, Final

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE
from bedrock_lifecycle.evaluation.asking.preparing import prepared
from bedrock_lifecycle.evaluation.questions.questions import QuestionsUnfinished, QuestionWriter
from bedrock_lifecycle.evaluation.questions.test_data import NotUsable
from bedrock_lifecycle.evaluation.scoring.references import check_of
from bedrock_lifecycle.evaluation.stored.shards import read_plan
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import PERMANENT, counter_of, kept

# What is left then is for the answer.
_LAST_SECONDS: Final = 60


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    def has_time() -> bool:
        return bool(context.get_remaining_time_in_millis() > _LAST_SECONDS * 1000)

    try:
        return {**_prepared(event["evaluation"], has_time), "run": event.get("run", "")}
    except QuestionsUnfinished:
        return {"next": "again"}
    except (NotUsable, *PERMANENT) as problem:
        return {"next": "refused", "reason": str(problem)}


def _prepared(evaluation: str, has_time: Callable[[], bool]) -> dict[str, Any]:
    store = kept()
    plan = read_plan(store, evaluation)
    s3, bucket = clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE]
    index = QuestionWriter(s3, bucket, store, plan, has_time, check_of(plan.metrics)).index()
    return prepared(plan, index, store, counter_of(plan), clients.evaluating)
