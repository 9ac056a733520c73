"""Lambda entry: one turn of a throughput. This function may buy and delete Provisioned Throughput."""

from functools import cache
from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Engine
from bedrock_lifecycle.functions import clients
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.provisioned_throughput import ProvisionedThroughput


@cache
def _engine() -> Engine:
    bedrock = Bedrock(clients.client("bedrock"))
    return Engine(
        clients.ledger(),
        clients.stacks(),
        {contract.PROVISIONED_THROUGHPUT: ProvisionedThroughput(bedrock, Preflight(clients.brisk))},
    )


def on_turn(state: dict[str, Any], context: Any) -> dict[str, Any]:
    return _engine().turn(state, holder=context.aws_request_id)
