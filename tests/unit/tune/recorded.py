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

# What a call needs besides, on its bucket: without it S3 tells nobody that there is no such object.
_BESIDES: Final = {"HeadObject": ("s3:ListBucket",)}

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
    region: str = REGION
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
        resource = _resource(service, operation, params, self.region)
        bucket = f"arn:aws:s3:::{params.get('Bucket')}"
        for call in (Call(action, resource), *(Call(each, bucket) for each in _BESIDES.get(operation, ()))):
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


# Resources by the parameter that names them.
_NAMED: Final = {
    "PolicySourceArn": "{}",
    "StackName": "stack/{}/0a1b",
    "KeyId": "key/{}",
    "TableName": "table/{}",
    "RoleName": "role/{}",
    "QuotaCode": "bedrock/{}",
    "stateMachineArn": "{}",
    "Name": "parameter{}",
    "executionArn": "{}",
    "TopicArn": "{}",
}


def _resource(service: str, operation: str, params: Mapping[str, Any], region: str) -> str:
    """Return the ARN on which a call is authorized."""
    if service == "s3":
        return _of_s3(params)
    if service == "bedrock":
        return _of_bedrock(operation, params, region)
    named = next((each for each in _NAMED if each in params), None)
    if named is None:
        return "*"
    where = "" if service == "iam" else region
    is_arn = params[named].startswith("arn:")
    its = _NAMED[named].format(params[named])
    return str(params[named]) if is_arn else f"arn:aws:{_signing_name(service)}:{where}:{ACCOUNT}:{its}"


def _of_s3(params: Mapping[str, Any]) -> str:
    if "Bucket" not in params:
        return "*"
    deleted = params.get("Delete", {}).get("Objects", [{}])
    key = params.get("Key") or deleted[0].get("Key")
    return f"arn:aws:s3:::{params['Bucket']}/{key}" if key else f"arn:aws:s3:::{params['Bucket']}"


def _of_bedrock(operation: str, params: Mapping[str, Any], region: str) -> str:
    if operation in _WITHOUT or (operation.startswith("List") and operation != "ListTagsForResource"):
        return "*"
    names = (name for name in params if name.lower().endswith(("arn", "id", "identifier")))
    (identifier,) = (str(params[name]) for name in names)
    if ":bedrock:" in identifier:
        return identifier
    # Base models are nobody's.
    account = "" if operation == "GetFoundationModel" else ACCOUNT
    return f"arn:aws:bedrock:{region}:{account}:{_KINDS[operation]}{identifier}"


# Actions that know no resource (service authorization reference).
_WITHOUT: Final = ("GetFoundationModelAvailability",)
_KINDS: Final = {
    "GetCustomModel": "custom-model/any/",
    "GetCustomModelDeployment": "custom-model-deployment/",
    "DeleteCustomModelDeployment": "custom-model-deployment/",
    "GetFoundationModel": "foundation-model/",
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
