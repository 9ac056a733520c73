"""Acknowledgements of cdk-nag findings, each with the reason why the finding does not apply here."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import Construct


def acknowledge_wildcard(scope: Construct, resource: str, reason: str) -> None:
    """Acknowledge AwsSolutions-IAM5 for one resource with a wildcard in the policies below `scope`.

    The id is the qualified one: so the finding stays in the validation report, with its reason.
    """
    finding = f"AwsSolutions::AwsSolutions-IAM5[Resource::{_as_reported(Stack.of(scope).resolve(resource))}]"
    Validations.of(scope).acknowledge(Acknowledgment(id=finding, reason=reason))


def _as_reported(value: Any) -> str:
    """Return a resolved ARN in the notation of cdk-nag: `<LogicalId.Arn>/train/*`."""
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_as_reported(part) for part in parts)
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return f"<{logical_id}.{attribute}>"
        case {"Ref": str(logical_id)}:
            return f"<{logical_id}>"
        case _:
            return str(value)
