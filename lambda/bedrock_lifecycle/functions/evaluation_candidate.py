"""Lambda entry: brings the candidate of an evaluation into service, or sees that it is gone; one look at a time.

For a run that died nobody calls again: then it looks until the candidate is gone, or its time is up.
"""

import os
import time
from typing import Any, Final

from bedrock_lifecycle.contract import (
    DATA_BUCKET_VARIABLE,
    FOUNDATION_VARIABLE,
    LEDGER_TABLE_VARIABLE,
    evaluation_of,
)
from bedrock_lifecycle.evaluation.stored.shards import read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.candidate_marks import CandidateMarks
from bedrock_lifecycle.resources.evaluation_candidate import EvaluationCandidate

_LAST_SECONDS: Final = 60


class CandidateLeft(Exception):
    """The candidate is still there: Lambda runs the function again."""


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    evaluation = event["evaluation"] if "evaluation" in event else evaluation_of(event["run"])
    plan = read_plan(Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE]), evaluation)
    is_over = event["step"] == "gone"
    if plan.candidate is None:
        return {"next": "gone"} if is_over else {"next": "failed", "reason": "the plan has no candidate"}
    candidate = EvaluationCandidate(
        Bedrock(clients.client("bedrock"), os.environ[FOUNDATION_VARIABLE]),
        CandidateMarks(clients.client("dynamodb"), os.environ[LEDGER_TABLE_VARIABLE], plan.id),
        plan.candidate,
    )
    if not is_over:
        return candidate.stand()
    return _seen_gone(candidate, context) if "run" in event else candidate.gone()


def _seen_gone(candidate: EvaluationCandidate, context: Any) -> dict[str, Any]:
    while (step := candidate.gone())["next"] == "wait":
        if context.get_remaining_time_in_millis() / 1000 < step["seconds"] + _LAST_SECONDS:
            raise CandidateLeft("the candidate is not gone yet")
        time.sleep(step["seconds"])
    return step
