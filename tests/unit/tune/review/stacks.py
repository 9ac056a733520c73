"""Stacks for reviews, made by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from tune.review.assembly import StackTemplate

ACCOUNT = "111122223333"


def stack(resources: Mapping[str, Any], **changes: Any) -> StackTemplate:
    fields: dict[str, Any] = {
        "name": "bedrock-tuning-dev-Foundation",
        "account": ACCOUNT,
        "region": "us-east-1",
        "app": "bedrock-tuning",
        "environment": "dev",
        "model": "",
        "is_protected": True,
        "body": {"Conditions": {"IsBig": {"Fn::Equals": ["1", "1"]}}, "Resources": dict(resources)},
    }
    return StackTemplate(**{**fields, **changes})


def with_policy(statements: Sequence[Mapping[str, Any]]) -> StackTemplate:
    """Return a stack with one role that has these statements."""
    policy = {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    return stack({"Policy": {"Type": "AWS::IAM::Policy", "Properties": policy}})
