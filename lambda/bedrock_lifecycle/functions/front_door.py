"""Lambda entry: the service token of the lifecycle's custom resources."""

import os
from functools import cache
from typing import Any

from bedrock_lifecycle.contract import STATE_MACHINE_VARIABLE
from bedrock_lifecycle.engine.front_door import FrontDoor
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.resources import registry


@cache
def _front_door() -> FrontDoor:
    step_functions = clients.client("stepfunctions", patient=True)
    return FrontDoor(
        clients.ledger(patient=True), step_functions, os.environ[STATE_MACHINE_VARIABLE], registry.physical_id
    )


def on_event(event: dict[str, Any], _context: object) -> None:
    _front_door().accept(event)
