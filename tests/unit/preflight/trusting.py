"""Trust policies."""

from typing import Any, Final

from bedrock_lifecycle.preflight.facts import TargetLocation

PLACE: Final = TargetLocation("aws", "us-west-2", "111122223333")
ROLE: Final = "arn:aws:iam::111122223333:role/tuning"
JOBS: Final = "arn:aws:bedrock:us-west-2:111122223333:model-customization-job/*"
ACCOUNT: Final = {"StringEquals": {"aws:SourceAccount": "111122223333"}}


def statement(**changes: Any) -> dict[str, Any]:
    """Return the statement that the service role of this project has, with changes; None takes a part away."""
    whole = {
        "Effect": "Allow",
        "Principal": {"Service": "bedrock.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {**ACCOUNT, "ArnEquals": {"aws:SourceArn": JOBS}},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def with_condition(**condition: Any) -> dict[str, Any]:
    return policy(statement(Condition=condition))
