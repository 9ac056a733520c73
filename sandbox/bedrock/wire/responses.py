"""From the result of an operation, or an error, to an HTTP response (REST-JSON)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from sandbox.bedrock.errors import ServiceError
from sandbox.bedrock.wire.constraints import violations
from sandbox.bedrock.wire.models import OperationModel, Shape, is_document


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def render(operation: OperationModel, result: Mapping[str, Any]) -> Response:
    """Return the response of an operation; members of the result that are None are left out.

    The result is held against the service model as strictly as a request is: a simulation that answers what
    AWS never would is worse than none.
    """
    shape = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    content = _present(result, shape)
    problems = violations(content, shape)
    if problems:
        msg = f"the answer of {operation.name} does not fit its model: {'; '.join(problems)}"
        raise AssertionError(msg)
    headers = {"Content-Type": "application/json"}
    body_members: dict[str, Any] = {}
    for name, value in content.items():
        if shape.members[name].serialization.get("location") == "header":
            headers[shape.members[name].serialization["name"]] = str(value)
        else:
            body_members[name] = value
    payload = shape.serialization.get("payload")
    body = body_members[payload] if payload else json.dumps(_wire(body_members, shape)).encode()
    return Response(status, headers, body)


def render_error(error: ServiceError) -> Response:
    """Return the response of an error: the code in a header, the message in the body."""
    body = json.dumps({"message": error.message, **error.fields}).encode()
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return Response(error.status, headers, body)


def stamped(response: Response, now: datetime, request_id: str) -> Response:
    """Return the response with the headers that every one has: the simulated date and the id of the request."""
    extra = {"Date": format_datetime(now, usegmt=True), "x-amzn-RequestId": request_id}
    return Response(response.status, {**response.headers, **extra}, response.body)


def _present(value: Any, shape: Shape) -> Any:
    if is_document(shape):
        return value
    if shape.type_name == "structure":
        return {
            name: _present(member, shape.members[name]) if name in shape.members else member
            for name, member in value.items()
            if member is not None
        }
    if shape.type_name == "list":
        return [_present(member, shape.member) for member in value]
    return value


def _wire(value: Any, shape: Shape) -> Any:
    if is_document(shape):
        return value
    if shape.type_name == "structure":
        return {name: _wire(member, shape.members[name]) for name, member in value.items()}
    if shape.type_name == "list":
        return [_wire(member, shape.member) for member in value]
    if shape.type_name == "timestamp":
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return float(value) if shape.type_name in {"float", "double"} else value
