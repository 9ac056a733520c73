"""Answers CloudFormation when the lifecycle itself could not: an execution died, or the front door could not start.

It stands alone, uses the standard library, and is deployed inline: what broke the rest does not break this.
Invoked by EventBridge with an execution's status change, and by Lambda with a front door's failed invocation.
"""

import hashlib
import http.client
import json
import os
import urllib.error
import urllib.request
from typing import Any


def on_event(event: dict[str, Any], _context: object) -> None:
    if "requestPayload" in event and _is_served(event["requestPayload"]):
        # A duplicate delivery failed; the workflow that the first one started answers, and says how it went.
        return
    request, physical_id = _request(event)
    reason = "the lifecycle workflow ended without an answer; see its execution history and the functions' logs"
    body = {
        "Status": "FAILED",
        "Reason": reason,
        "PhysicalResourceId": request.get("PhysicalResourceId") or physical_id,
        "StackId": request["StackId"],
        "RequestId": request["RequestId"],
        "LogicalResourceId": request["LogicalResourceId"],
    }
    try:
        put = urllib.request.Request(  # noqa: S310 - the URL is CloudFormation's own
            request["ResponseURL"], data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
        )
        with urllib.request.urlopen(put, timeout=10):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        error.close()
        # Answered already or expired: nothing is left to say. The error's text would hold the signed URL.
        if error.code not in (403, 404, 410):
            raise RuntimeError(f"CloudFormation refused the answer with HTTP status {error.code}") from None
        # A log line: it may also be the policy of a VPC endpoint that lets no answer through.
        print(f"CloudFormation did not accept the answer (HTTP status {error.code})")  # noqa: T201
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise RuntimeError(f"the answer could not be sent: {type(error).__name__}") from None


def _request(event: dict[str, Any]) -> tuple[dict[str, Any], str]:
    if "requestPayload" in event:
        return event["requestPayload"], "none"
    # The event of an execution encrypted with a customer key carries no input, so the service is asked.
    execution = _step_functions().describe_execution(executionArn=event["detail"]["executionArn"])
    state = json.loads(execution["input"])
    return state["event"], state["physicalId"]


def _is_served(request: dict[str, Any]) -> bool:
    # The name that the front door gives to the execution of a request.
    resource = f"{request['StackId']}|{request['LogicalResourceId']}"
    name = f"{hashlib.sha256(resource.encode()).hexdigest()[:16]}-{request['RequestId']}"[:80]
    from botocore.exceptions import ClientError

    try:
        _step_functions().describe_execution(executionArn=os.environ["EXECUTIONS_ARN"].replace("*", name))
    except ClientError:
        # It does not exist, or that cannot be told: then an answer too many is better than none.
        return False
    return True


def _step_functions() -> Any:
    import boto3

    return boto3.client("stepfunctions", region_name=os.environ["AWS_REGION"])
