"""Lambda entry: one turn of an evaluation's resources. This function may start and stop runs that ask models."""

import os
from functools import cache
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Engine
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.evaluation import Evaluation
from bedrock_lifecycle.resources.evaluation_await import EvaluationAwait
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from bedrock_lifecycle.resources.quality_gate import QualityGate


@cache
def _engine() -> Engine:
    bedrock = Bedrock(clients.client("bedrock"), os.environ[contract.FOUNDATION_VARIABLE])
    store = Store(clients.brisk("s3"), os.environ[contract.DATA_BUCKET_VARIABLE])
    runs = EvaluationRuns(clients.client("stepfunctions"), os.environ[contract.EVALUATION_WORKFLOW_VARIABLE])
    return Engine(
        clients.ledger(),
        clients.stacks(),
        {
            contract.EVALUATION: Evaluation(bedrock, Preflight(clients.brisk), runs, store),
            contract.EVALUATION_AWAIT: EvaluationAwait(runs, store),
            contract.QUALITY_GATE: QualityGate(bedrock, store),
        },
    )


def on_turn(state: dict[str, Any], context: Any) -> dict[str, Any]:
    return _engine().turn(state, holder=context.aws_request_id)
