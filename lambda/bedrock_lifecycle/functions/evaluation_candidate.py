"""Lambda entry: brings the candidate of an evaluation into service, or sees that it is gone; one look at a time.

For a run that died nobody calls again: then it looks until the candidate is gone, or its time is up.
"""

import os
import time
from typing import Any, Final

from bedrock_lifecycle.contract import (
    FOUNDATION_VARIABLE,
    LEDGER_TABLE_VARIABLE,
    evaluation_of,
)
from bedrock_lifecycle.evaluation.stored.shards import read_plan
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.functions.evaluation_turn import kept
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.candidate_marks import CandidateMarks
from bedrock_lifecycle.resources.evaluation_candidate import EvaluationCandidate

_LAST_SECONDS: Final = 60


class CandidateLeft(Exception):
    """The candidate is still there: Lambda runs the function again."""


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    # The event of a run that died has its name alone; a run that an older definition began has no name.
    run = event.get("run", "")
    has_died = "evaluation" not in event
    evaluation = evaluation_of(run) if has_died else event["evaluation"]
    plan = read_plan(kept(), evaluation)
    is_over = event["step"] == "gone"
    if plan.candidate is None:
        return {"next": "gone"} if is_over else {"next": "failed", "reason": "the plan has no candidate"}
    candidate = EvaluationCandidate(
        Bedrock(clients.client("bedrock"), os.environ[FOUNDATION_VARIABLE]),
        CandidateMarks(clients.client("dynamodb"), os.environ[LEDGER_TABLE_VARIABLE], plan.id, run),
        plan.candidate,
    )
    if not is_over:
        return candidate.stand()
    return _seen_gone(candidate, context) if has_died else candidate.gone()


def _seen_gone(candidate: EvaluationCandidate, context: Any) -> dict[str, Any]:
    while (step := candidate.gone())["next"] == "wait":
        if context.get_remaining_time_in_millis() / 1000 < step["seconds"] + _LAST_SECONDS:
            raise CandidateLeft("the candidate is not gone yet")
        time.sleep(step["seconds"])
    return step
