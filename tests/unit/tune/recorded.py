"""Clients that write down each call with the IAM action and the resource that it needs, and may refuse it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.support.bedrock_client import ACCOUNT, REGION
from tune.account.sessions import action_of

WHO: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1"
# Calls that need no permission (STS API reference, GetCallerIdentity).
_FREE: Final = "sts:GetCallerIdentity"

Refusal = Callable[[str, str], Exception | None]


@dataclass(frozen=True)
class Call:
    """A call as IAM sees it. `resource` is `*` where the action knows no resource."""

    action: str
    resource: str


@dataclass
class Recorded:
    """Clients around others. `refuse` gets action and resource, and returns what is raised in place of an answer."""

    aws: Callable[[str], Any]
    refuse: Refusal = field(default=lambda _action, _resource: None)
    calls: set[Call] = field(default_factory=set)

    def __call__(self, service: str) -> Any:
        return _Client(self, service, self.aws(service))

    @property
    def actions(self) -> set[str]:
        return {call.action for call in self.calls}

    def note(self, service: str, method: str, params: Mapping[str, Any]) -> None:
        """Write a call down, and raise what refuses it."""
        operation = _operations(service)[method]
        action = action_of(_signing_name(service), operation)
        if action == _FREE:
            return
        call = Call(action, _resource(service, operation, params))
        self.calls.add(call)
        if error := self.refuse(call.action, call.resource):
            raise error


class _Client:
    def __init__(self, recorded: Recorded, service: str, client: Any) -> None:
        self._recorded = recorded
        self._service = service
        self._client = client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name not in _operations(self._service):
            return found

        def call(**params: Any) -> Any:
            self._recorded.note(self._service, name, params)
            return found(**params)

        return call

    def get_paginator(self, method: str) -> "_Paginator":
        return _Paginator(self, method, self._client.get_paginator(method))


@dataclass
class _Paginator:
    client: _Client
    method: str
    pages: Any

    def paginate(self, **params: Any) -> Iterator[Any]:
        self.client._recorded.note(self.client._service, self.method, params)
        yield from self.pages.paginate(**params)


@cache
def _model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


@cache
def _operations(service: str) -> dict[str, str]:
    return {xform_name(each): each for each in _model(service).operation_names}


def _signing_name(service: str) -> str:
    return str(_model(service).signing_name)


def _resource(service: str, operation: str, params: Mapping[str, Any]) -> str:
    """Return the ARN on which a call is authorized."""
    here = f"{REGION}:{ACCOUNT}"
    match service:
        case "cloudformation" if stack := params.get("StackName"):
            return str(stack) if stack.startswith("arn:") else f"arn:aws:cloudformation:{here}:stack/{stack}/0a1b"
        case "s3" if bucket := params.get("Bucket"):
            key = params.get("Key") if action_of("s3", operation).endswith(("Object", "Parts", "Upload")) else None
            return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"
        case "kms" if key := params.get("KeyId"):
            return str(key) if key.startswith("arn:") else f"arn:aws:kms:{here}:key/{key}"
        case "ssm":
            return f"arn:aws:ssm:{here}:parameter{params['Name']}"
        case "dynamodb":
            return f"arn:aws:dynamodb:{here}:table/{params['TableName']}"
        case "iam":
            return str(params.get("PolicySourceArn") or f"arn:aws:iam::{ACCOUNT}:role/{params['RoleName']}")
        case "bedrock" if not operation.startswith("List") or operation == "ListTagsForResource":
            return _of_bedrock(operation, params)
        case _:
            return "*"


def _of_bedrock(operation: str, params: Mapping[str, Any]) -> str:
    names = (name for name in params if name.lower().endswith(("arn", "id", "identifier")))
    (identifier,) = (str(params[name]) for name in names)
    return (
        identifier
        if ":bedrock:" in identifier
        else f"arn:aws:bedrock:{REGION}:{ACCOUNT}:{_KINDS[operation]}{identifier}"
    )


_KINDS: Final = {
    "GetCustomModel": "custom-model/any/",
    "GetCustomModelDeployment": "custom-model-deployment/",
    "GetFoundationModel": "foundation-model/",
    "GetFoundationModelAvailability": "foundation-model/",
    "GetModelCustomizationJob": "model-customization-job/any/",
    "GetProvisionedModelThroughput": "provisioned-model/",
    "DeleteCustomModel": "custom-model/any/",
}


def denied(action: str, resource: str, policy: str = "identity-based") -> ClientError:
    """Return how AWS refuses an action, in the form of the IAM user guide."""
    message = (
        f"User: {WHO} is not authorized to perform: {action} on resource: {resource} because no {policy} policy allows "
        f"the {action} action"
    )
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, action.partition(":")[2])
