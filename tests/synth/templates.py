"""Reads synthesized templates: one JSON document a stack, resources by construct, policies as plain grants."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from aws_cdk import CfnElement, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template
from constructs import IConstruct

from bedrock_tuning.spending.metadata import SPENDING

Json = dict[str, Any]


class Grant(NamedTuple):
    """One action allowed on one resource; `condition` is the statement's condition as canonical JSON."""

    action: str
    resource: str
    condition: str = "{}"


def to_json(stack: Stack) -> Json:
    """Return the template of a stack; the app must be complete, because this synthesizes it."""
    return dict(Template.from_stack(stack).to_json())


def logical_id(construct: IConstruct) -> str:
    """Return the logical id of a construct, or of what it wraps."""
    element = construct if isinstance(construct, CfnElement) else construct.node.default_child
    assert isinstance(element, CfnElement), f"{construct.node.path} wraps no resource"
    resolved: str = Stack.of(element).resolve(element.logical_id)
    return resolved


def resource(template: Json, construct: IConstruct) -> Json:
    """Return the resource that a construct made."""
    found: Json = template["Resources"][logical_id(construct)]
    return found


def properties(template: Json, construct: IConstruct) -> Json:
    """Return the properties of the resource that a construct made."""
    found: Json = resource(template, construct)["Properties"]
    return found


def resources_of_type(template: Json, kind: str) -> dict[str, Json]:
    """Return the resources of one type by logical id."""
    return {name: each for name, each in template["Resources"].items() if each["Type"] == kind}


def readable(value: object) -> Any:
    """Return a value with intrinsic functions as text: `<LogicalId.Attribute>`, partition `aws`."""
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(readable(part)) for part in parts)
        case Mapping() if (reference := _reference(value)) is not None:
            return reference
        case Mapping():
            return {key: readable(each) for key, each in value.items()}
        case list():
            return [readable(each) for each in value]
        case _:
            return value


def _reference(value: Mapping[str, object]) -> str | None:
    match value:
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::ImportValue": str(name)}:
            return f"<import {name}>"
        case {"Fn::Sub": str(text)}:
            return text
        case _:
            return None


def condition(**operators: Mapping[str, object]) -> str:
    """Return a condition as it stands in a `Grant`: condition(StringEquals={"aws:SourceAccount": "1"})."""
    return json.dumps(operators, sort_keys=True)


def statements(document: Json) -> list[Json]:
    """Return the statements of a policy document, readable."""
    return [readable(each) for each in document["Statement"]]


def as_list(value: object) -> list[Any]:
    """Return what may stand in a policy with or without brackets as a list."""
    return value if isinstance(value, list) else [value]


def grants(template: Json, role: iam.IRole) -> set[Grant]:
    """Return everything that a role may do; its policies must only allow, and none may hide in the role."""
    held = properties(template, role)
    assert not held.keys() & {"Policies", "ManagedPolicyArns"}, "the role has policies that this does not read"
    return set(_grants_of(template, logical_id(role)))


def all_grants(template: Json) -> Iterator[tuple[str, Grant]]:
    """Yield every grant of every role of a template, with the logical id of the role."""
    for name in resources_of_type(template, "AWS::IAM::Role"):
        for each in _grants_of(template, name):
            yield name, each


def _grants_of(template: Json, role: str) -> Iterator[Grant]:
    for policy in resources_of_type(template, "AWS::IAM::Policy").values():
        if {"Ref": role} not in policy["Properties"]["Roles"]:
            continue
        for statement in statements(policy["Properties"]["PolicyDocument"]):
            assert statement["Effect"] == "Allow"
            assert not statement.keys() & {"NotAction", "NotResource"}
            when = json.dumps(statement.get("Condition", {}), sort_keys=True)
            for action in as_list(statement["Action"]):
                for on in as_list(statement["Resource"]):
                    yield Grant(action, on, when)


def without_metadata(template: Json) -> Json:
    """Return a template without what tools write beside resources; what they say of spending stays."""
    result = {**template, "Resources": {}}
    for name, each in template["Resources"].items():
        result["Resources"][name] = {key: value for key, value in each.items() if key != "Metadata"}
        if SPENDING in each.get("Metadata", {}):
            result["Resources"][name]["Metadata"] = {SPENDING: each["Metadata"][SPENDING]}
    return result


def without_code_hash(template: Json) -> Json:
    """Return a template in which the functions' code has no hash: other code is no other infrastructure."""
    result: Json = json.loads(json.dumps(template))
    for function in resources_of_type(result, "AWS::Lambda::Function").values():
        if "S3Key" in function["Properties"]["Code"]:
            function["Properties"]["Code"]["S3Key"] = "<hash of lambda/>.zip"
    return result
