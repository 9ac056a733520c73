"""Which operation a method and a path mean."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from sandbox.bedrock.wire.models import OperationModel, service_model

_LABEL = re.compile(r"\{(\w+)\+?\}")


@dataclass(frozen=True)
class Route:
    """An operation and the shape of its path."""

    operation: OperationModel
    method: str
    pattern: re.Pattern[str]
    literal_length: int


@dataclass(frozen=True)
class Match:
    """The operation of a request, with the labels of its path, decoded."""

    operation: OperationModel
    labels: Mapping[str, str]


def match(service: str, method: str, path: str) -> Match | None:
    """Return what a request asks for.

    A label may hold an ARN, percent-encoded as SDKs send it or decoded by a proxy on the way. A label
    therefore takes slashes too, and the route with the most literal text wins (`.../{id}/stop` over `.../{id}`).
    """
    for route in _routes(service):
        found = route.pattern.fullmatch(path) if route.method == method else None
        if found:
            return Match(route.operation, {name: unquote(value) for name, value in found.groupdict().items()})
    return None


@cache
def _routes(service: str) -> tuple[Route, ...]:
    return tuple(sorted(_read_routes(service), key=lambda route: -route.literal_length))


def _read_routes(service: str) -> Iterator[Route]:
    model = service_model(service)
    for name in model.operation_names:
        operation = model.operation_model(name)
        uri = operation.http["requestUri"].partition("?")[0]
        literals = _LABEL.split(uri)[::2]
        labels = _LABEL.findall(uri)
        pattern = re.escape(literals[0])
        for label, literal in zip(labels, literals[1:], strict=True):
            pattern += f"(?P<{label}>.+){re.escape(literal)}"
        yield Route(operation, operation.http["method"], re.compile(pattern), sum(map(len, literals)))
