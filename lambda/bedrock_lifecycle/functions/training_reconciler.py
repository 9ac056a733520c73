"""Lambda entry: one turn of a training's resources. This function may create customization jobs."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Engine
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.announcement import Announcement
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.model_customization import ModelCustomization
from bedrock_lifecycle.resources.training_await import TrainingAwait


@cache
def _engine() -> Engine:
    bedrock = Bedrock(clients.client("bedrock"), os.environ[contract.FOUNDATION_VARIABLE])
    return Engine(
        clients.ledger(),
        clients.stacks(),
        {
            contract.MODEL_CUSTOMIZATION: ModelCustomization(bedrock, Preflight(clients.brisk)),
            contract.TRAINING_AWAIT: TrainingAwait(bedrock, _announce()),
        },
    )


def _announce() -> Callable[[str, str], None] | None:
    is_heard = contract.ANNOUNCE_VARIABLE in os.environ
    return Announcement(clients.client("events")).not_started if is_heard else None


def on_turn(state: dict[str, Any], context: Any) -> dict[str, Any]:
    return _engine().turn(state, holder=context.aws_request_id)
