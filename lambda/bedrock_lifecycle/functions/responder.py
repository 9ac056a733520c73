"""Lambda entry: answers CloudFormation at the end of a workflow."""

from typing import Any

from bedrock_lifecycle.engine import responder


def on_event(state: dict[str, Any], _context: object) -> dict[str, bool]:
    return responder.respond(state)
