"""Acknowledgements of findings, each with the reason why the finding does not apply here.

Two tools check the same things under different names. A reason is given once, where the resource is made, and told
to both: to the cdk-nag packs as an acknowledgement, to checkov in the template's metadata.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from aws_cdk import Acknowledgment, CfnResource, Names, Reference, Stack, Token, Tokenization, Validations
from constructs import Construct

_NIST: Final = "NIST.800.53.R5"
_HIPAA: Final = "HIPAA.Security"
_PCI: Final = "PCI.DSS.321"

Rule = Literal[
    "AccessLogging",
    "DynamoDBInBackupPlan",
    "EnvironmentEncryption",
    "IAMNoInlinePolicy",
    "LambdaConcurrency",
    "LambdaDLQ",
    "LambdaInsideVPC",
    "S3BucketReplicationEnabled",
    "S3DefaultEncryptionKMS",
]

# The packs of cdk-nag 3.0.2 that have the rule, under its name; the rule of checkov 3.3.30.
_KNOWN_AS: Final[Mapping[Rule, tuple[tuple[str, ...], str | None]]] = {
    "AccessLogging": ((), "CKV_AWS_18"),  # the packs see by themselves that a bucket is where the logs go
    "DynamoDBInBackupPlan": ((_NIST, _HIPAA), None),
    "EnvironmentEncryption": ((), "CKV_AWS_173"),
    "IAMNoInlinePolicy": ((_NIST, _HIPAA, _PCI), None),
    "LambdaConcurrency": ((_NIST, _HIPAA), "CKV_AWS_115"),
    "LambdaDLQ": ((_NIST, _HIPAA), "CKV_AWS_116"),
    "LambdaInsideVPC": ((_NIST, _HIPAA, _PCI), "CKV_AWS_117"),
    "S3BucketReplicationEnabled": ((_NIST, _HIPAA, _PCI), None),
    "S3DefaultEncryptionKMS": ((_NIST, _HIPAA, _PCI), None),
}


def acknowledge(scope: Construct, rule: Rule, reason: str) -> None:
    """Acknowledge a rule's finding on one resource, or on the resources below a construct that wraps none.

    The ids are the qualified ones: so the finding stays in the validation report, with its reason.
    """
    packs, checkov_id = _KNOWN_AS[rule]
    if packs:
        findings = [Acknowledgment(id=f"{pack}::{pack}-{rule}", reason=reason) for pack in packs]
        Validations.of(scope).acknowledge(*findings)
    if checkov_id:
        resource = cast("CfnResource", scope.node.default_child)
        told: Mapping[str, Any] = resource.get_metadata("checkov") or {"skip": []}
        resource.add_metadata("checkov", {"skip": [*told["skip"], {"id": checkov_id, "comment": reason}]})


def acknowledge_inline_policy(scope: Construct) -> None:
    """Acknowledge that roles below `scope` have policies of their own instead of managed ones."""
    reason = "these permissions belong to this role only, and are deleted with it; nobody may attach them elsewhere"
    acknowledge(scope, "IAMNoInlinePolicy", reason)


def acknowledge_wildcard(scope: Construct, resource: str, reason: str) -> None:
    """Acknowledge AwsSolutions-IAM5 for one resource with a wildcard in the policies below `scope`."""
    stack = Stack.of(scope)
    finding = f"AwsSolutions::AwsSolutions-IAM5[Resource::{_as_reported(stack.resolve(_as_imported(resource, stack)))}]"
    Validations.of(scope).acknowledge(Acknowledgment(id=finding, reason=reason))


def acknowledge_reading_metrics(scope: Construct, reason: str) -> None:
    """Acknowledge that a role below `scope` reads what training runs leave, which the service role alone should."""
    finding = "BedrockTuning::BedrockTuning-OutputReadableByOthers"
    Validations.of(scope).acknowledge(Acknowledgment(id=finding, reason=reason))


def _as_imported(resource: str, stack: Stack) -> str:
    """Return an ARN as a stack's template has it: what another stack made is imported there, by its export's name."""
    for token in Tokenization.reverse_string(resource).tokens:
        if Reference.is_reference(token):
            reference = cast("Reference", token)
            made_in = Stack.of(reference.target)
            text = Token.as_string(token)
            if _is_nested_in(made_in, stack):
                resource = resource.replace(text, f"<{_parameter(reference)}>")
            elif made_in.node.path != stack.node.path and not made_in.nested_stack_parent:
                # The export that the reference itself makes when the app is synthesized.
                resource = resource.replace(text, made_in.export_value(text))
    return resource


def _is_nested_in(outer: Stack, stack: Stack) -> bool:
    parent = stack.nested_stack_parent
    return parent is not None and (parent.node.path == outer.node.path or _is_nested_in(outer, parent))


def _parameter(reference: Reference) -> str:
    """Return the parameter by which the CDK gives a nested stack what a stack around it made."""
    return re.sub(r"\W", "", f"referenceto{Names.node_unique_id(reference.target.node)}{reference.display_name}")


def _as_reported(value: Any) -> str:
    """Return a resolved ARN in the notation of cdk-nag: `<LogicalId.Arn>/train/*`."""
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_as_reported(part) for part in parts)
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return f"<{logical_id}.{attribute}>"
        case {"Fn::ImportValue": str(export)}:
            return export
        case {"Ref": str(logical_id)}:
            return f"<{logical_id}>"
        case {"Fn::Select": _}:
            return json.dumps(value, separators=(",", ":"))
        case _:
            return str(value)
