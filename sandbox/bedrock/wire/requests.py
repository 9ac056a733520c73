"""From an HTTP request to the parameters of an operation (REST-JSON)."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from botocore.utils import parse_to_aware_datetime

from sandbox.bedrock.errors import invalid
from sandbox.bedrock.wire.constraints import violations
from sandbox.bedrock.wire.models import Shape
from sandbox.bedrock.wire.routing import Match

Query = Mapping[str, str | Sequence[str]]


def parse(match: Match, query: Query, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the parameters that a request carries; raise ValidationException when they break the model.

    What the service would ignore is ignored (unknown query parameters and headers, null members); an unknown
    member of the body is refused, because it is a typing error far more often than a newer API.
    """
    shape = match.operation.input_shape
    params = _body_parameters(shape, body)
    lowered = {name.lower(): value for name, value in headers.items()}
    for name, member in shape.members.items():
        text = _text_of(member, match.labels, query, lowered)
        if text is not None:
            params[name] = _convert(text, member, name)
    problems = violations(params, shape)
    if problems:
        text = "; ".join(problems)
        raise invalid(f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected: {text}")
    return params


def _body_parameters(shape: Shape, body: bytes) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        return {payload: body}
    if not body:
        return {}
    try:
        content = json.loads(body)
    except ValueError:
        raise invalid("The request body is not valid JSON") from None
    if not isinstance(content, dict):
        raise invalid("The request body must be a JSON object")
    located = {name for name, member in shape.members.items() if "location" in member.serialization}
    misplaced = sorted(located & content.keys())
    if misplaced:
        raise invalid(f"The request body holds {', '.join(misplaced)}, which belongs elsewhere")
    return {name: _without_nulls(value) for name, value in content.items() if value is not None}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(member) for member in value]
    return value


def _text_of(member: Shape, labels: Mapping[str, str], query: Query, headers: Mapping[str, str]) -> str | None:
    location = member.serialization.get("location")
    name = member.serialization.get("name", "")
    if location == "uri":
        return labels.get(name)
    if location == "header":
        return headers.get(name.lower())
    value = query.get(name) if location == "querystring" else None
    if value is None or isinstance(value, str):
        return value
    return value[0] if value else None


_CONVERTERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "integer": int,
    "long": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "timestamp": parse_to_aware_datetime,
}


def _convert(text: str, member: Shape, name: str) -> Any:
    try:
        return _CONVERTERS.get(member.type_name, str)(text)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise invalid(f"Value at '{name}' is not a {member.type_name}") from None
