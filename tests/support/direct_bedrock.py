"""A client of the simulated Bedrock without the wire, for tests that make very many calls.

What requests and responses look like on the wire is checked elsewhere, through real boto3 clients.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore import xform_name

from bedrock_lifecycle.contract import TAG_FOUNDATION
from sandbox.bedrock import SimulatedBedrock
from sandbox.bedrock.errors import ServiceError
from sandbox.bedrock.names import Scope
from sandbox.bedrock.operations import OPERATIONS
from sandbox.bedrock.operations.call import Call
from sandbox.bedrock.operations.performing import perform
from tests.support.bedrock_client import ACCOUNT, CALLER_ARN, REGION
from tests.support.calls import Calls, client_error

_OPERATIONS = {xform_name(name): name for name in OPERATIONS["bedrock"]}
# What changes something that is there, and the member that names it.
_CHANGES = {
    "StopModelCustomizationJob": "jobIdentifier",
    "DeleteCustomModel": "modelIdentifier",
    "UpdateProvisionedModelThroughput": "provisionedModelId",
    "DeleteProvisionedModelThroughput": "provisionedModelId",
    "UpdateCustomModelDeployment": "customModelDeploymentIdentifier",
    "DeleteCustomModelDeployment": "customModelDeploymentIdentifier",
    "TagResource": "resourceARN",
    "UntagResource": "resourceARN",
}


class DirectBedrock:
    """Has the methods of boto3's `bedrock` client that are simulated.

    With a `foundation` it changes only what carries that tag, as the policies of the functions have it; what is named
    by its name counts as without tags.
    """

    def __init__(
        self, simulated: SimulatedBedrock, calls: Calls, region: str = REGION, foundation: str | None = None
    ) -> None:
        self._foundation = foundation
        self._simulated = simulated
        self._scope = Scope(ACCOUNT, region)
        self._calls = calls

    def as_function_of(self, foundation: str) -> "DirectBedrock":
        """Return the same client with no more rights than a Foundation's functions have."""
        return DirectBedrock(self._simulated, self._calls, self._scope.region, foundation)

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
        if self._foundation and not self._may(operation, params, call.region.tags):
            raise client_error("AccessDeniedException", f"may not {operation}: {params}", 403, operation)
        self._calls.heard(operation, params)
        try:
            result = perform("bedrock", operation, call, params)
        except ServiceError as error:
            raise client_error(error.code, error.message, error.status, operation) from None
        return {name: value for name, value in result.items() if value is not None}

    def _may(self, operation: str, params: dict[str, Any], tags: Mapping[str, Mapping[str, str]]) -> bool:
        lists = [params[name] for name in ("tags", "jobTags", "customModelTags") if name in params]
        given = [{tag["key"]: tag["value"] for tag in each}.get(TAG_FOUNDATION) for each in lists]
        if operation not in _CHANGES:
            return not operation.startswith("Create") or set(given) == {self._foundation}
        its = tags.get(params[_CHANGES[operation]], {}).get(TAG_FOUNDATION)
        return its == self._foundation or (operation == "TagResource" and its is None and given == [self._foundation])


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
