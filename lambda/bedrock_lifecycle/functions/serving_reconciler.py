"""Lambda entry: one turn of what serves a model. This function may buy and delete Provisioned Throughput."""

import os
from functools import cache
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Engine
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.promoted_model import PromotedModel
from bedrock_lifecycle.resources.registry import serving_resources
from bedrock_lifecycle.resources.serving_bake import ServingBake


@cache
def _engine() -> Engine:
    bedrock = Bedrock(clients.client("bedrock"), os.environ[contract.FOUNDATION_VARIABLE])
    preflight = Preflight(clients.brisk)
    return Engine(
        clients.ledger(),
        clients.stacks(),
        {
            **serving_resources(bedrock, preflight, clients.evaluation_store()),
            contract.PROMOTED_MODEL: PromotedModel(bedrock, preflight),
            contract.SERVING_BAKE: ServingBake(bedrock, clients.baking),
        },
    )


def on_turn(state: dict[str, Any], context: Any) -> dict[str, Any]:
    return _engine().turn(state, holder=context.aws_request_id)
