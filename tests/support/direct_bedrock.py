"""A client of the simulated Bedrock without the wire, for tests that make very many calls.

What requests and responses look like on the wire is checked elsewhere, through real boto3 clients.
"""

from collections.abc import Callable, Iterator
from typing import Any

from botocore import xform_name

from sandbox.bedrock import SimulatedBedrock
from sandbox.bedrock.errors import ServiceError
from sandbox.bedrock.names import Scope
from sandbox.bedrock.operations import OPERATIONS
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.operations.performing import perform
from tests.support.bedrock_client import ACCOUNT, CALLER_ARN, REGION
from tests.support.calls import Calls, client_error

_OPERATIONS = {xform_name(name): name for name in OPERATIONS["bedrock"]}


class DirectBedrock:
    """Has the methods of boto3's `bedrock` client that are simulated."""

    def __init__(self, simulated: SimulatedBedrock, calls: Calls, region: str = REGION) -> None:
        self._simulated = simulated
        self._scope = Scope(ACCOUNT, region)
        self._calls = calls

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method not in _OPERATIONS:
            raise AttributeError(method)
        operation = _OPERATIONS[method]

        def call(**params: Any) -> dict[str, Any]:
            mutating = not operation.startswith(("Get", "List"))
            return self._calls.make("bedrock", operation, lambda: self._answer(operation, params), mutating=mutating)

        return call

    def get_paginator(self, method: str) -> "_Paginator":
        """Return what boto3 returns for an operation with pages."""
        return _Paginator(getattr(self, method))

    def _answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self._simulated.settle()
        simulation = self._simulated._simulation
        simulation.count(operation)
        call = Call(simulation, self._scope, CALLER_ARN, simulation.now())
        try:
            result = perform("bedrock", operation, call, params)
        except ServiceError as error:
            raise client_error(error.code, error.message, error.status, operation) from None
        return {name: value for name, value in result.items() if value is not None}


class _Paginator:
    def __init__(self, method: Callable[..., dict[str, Any]]) -> None:
        self._method = method

    def paginate(self, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the pages."""
        page = self._method(**params)
        while page.get("nextToken"):
            yield page
            page = self._method(**params, nextToken=page["nextToken"])
        yield page
