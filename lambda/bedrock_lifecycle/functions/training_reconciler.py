"""Lambda entry: one turn of a training's resources. This function may create customization jobs."""

from functools import cache
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Engine
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.model_customization import ModelCustomization
from bedrock_lifecycle.resources.training_await import TrainingAwait


@cache
def _engine() -> Engine:
    bedrock = Bedrock(clients.client("bedrock"))
    return Engine(
        clients.ledger(),
        clients.stacks(),
        {
            contract.MODEL_CUSTOMIZATION: ModelCustomization(bedrock, Preflight(clients.brisk)),
            contract.TRAINING_AWAIT: TrainingAwait(bedrock),
        },
    )


def on_turn(state: dict[str, Any], context: Any) -> dict[str, Any]:
    return _engine().turn(state, holder=context.aws_request_id)
