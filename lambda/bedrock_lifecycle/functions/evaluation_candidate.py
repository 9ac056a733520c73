"""Lambda entry: brings the candidate of an evaluation into service, or sees that it is gone; one look at a time."""

import os
from typing import Any

from bedrock_lifecycle.contract import (
    DATA_BUCKET_VARIABLE,
    FOUNDATION_VARIABLE,
    LEDGER_TABLE_VARIABLE,
    evaluation_of,
)
from bedrock_lifecycle.evaluation.shards import read_plan
from bedrock_lifecycle.evaluation.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.candidate_marks import CandidateMarks
from bedrock_lifecycle.resources.evaluation_candidate import EvaluationCandidate


def on_event(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    # The event of a run that died has the run's name alone.
    evaluation = event.get("evaluation") or evaluation_of(event["run"])
    plan = read_plan(Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE]), evaluation)
    is_over = event["step"] == "gone"
    if plan.candidate is None:
        return {"next": "gone"} if is_over else {"next": "failed", "reason": "the plan has no candidate"}
    candidate = EvaluationCandidate(
        Bedrock(clients.client("bedrock"), os.environ[FOUNDATION_VARIABLE]),
        CandidateMarks(clients.client("dynamodb"), os.environ[LEDGER_TABLE_VARIABLE], plan.id),
        plan.candidate,
    )
    return candidate.gone() if is_over else candidate.stand()
