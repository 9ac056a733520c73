"""The end of a workflow: tell CloudFormation how the request went."""

import json
from collections.abc import Mapping
from typing import Any

from bedrock_lifecycle.engine import response


def respond(state: Mapping[str, Any], send: response.Send = response.send) -> dict[str, bool]:
    """Answer the request of a workflow's state: with the step it settled on, or with the error that ended it."""
    event = state["event"]
    if state.get("step", {}).get("next") != "answer":
        body = response.compose(
            event=event,
            status="FAILED",
            physical_id=event.get("PhysicalResourceId") or state["physicalId"],
            reason=f"the lifecycle function failed: {_cause(state.get('failure', {}))}",
        )
    else:
        step = state["step"]
        body = response.compose(
            event=event,
            status=step["status"],
            physical_id=step["physicalId"],
            reason=step["reason"],
            attributes=step["attributes"],
        )
    return {"delivered": send(event["ResponseURL"], body)}


def _cause(failure: Mapping[str, Any]) -> str:
    """Return the message of a Step Functions error output; its Cause is JSON when a Lambda function raised."""
    cause = str(failure.get("Cause", ""))
    try:
        raised = json.loads(cause)
    except ValueError:
        return cause or str(failure.get("Error", "unknown error"))
    message = raised.get("errorMessage") if isinstance(raised, dict) else None
    return str(message or failure.get("Error", "unknown error"))
