"""What the examples of the decision tables are made of."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.observed import Job, Model, Throughput

NOW: Final = datetime(2024, 11, 15, 12, tzinfo=UTC)
OWNER: Final = "arn:aws:cloudformation:us-west-2:111122223333:stack/any"
OTHER: Final = "arn:aws:cloudformation:us-west-2:111122223333:stack/other"
OURS: Final = {contract.TAG_OWNER: OWNER}
HELD: Final = {**OURS, contract.TAG_RESOURCE: "Resource"}
HELD_BY_OTHER: Final = {**OURS, contract.TAG_RESOURCE: "Other"}
THEIRS: Final = {contract.TAG_OWNER: OTHER}

ACTIVE: Final = Model("model", "Active")
CREATING: Final = Model("model", "Creating")
FAILED: Final = Model("model", "Failed")


@dataclass(frozen=True)
class Example:
    """Facts, the row they reach, and the action; `names` are the values and the remedy's tokens in its text."""

    row: str
    facts: Any
    action: type
    names: tuple[str, ...] = ()


def job(status: str = "InProgress", **changes: Any) -> Job:
    values: dict[str, Any] = {
        "arn": "job",
        "status": status,
        "role_arn": "role",
        "training_data_uri": "s3://data",
        "kms_key_arn": "key",
        "created": NOW - timedelta(hours=2),
        "ended": None,
        "failure_message": "",
        "tags": OURS,
    }
    return Job(**(values | changes))


def throughput(status: str = "InService", **changes: Any) -> Throughput:
    values: dict[str, Any] = {
        "arn": "throughput",
        "name": "any-throughput",
        "status": status,
        "model_arn": "model",
        "desired_model_arn": "model",
        "failure_message": "",
        "commitment_ends": None,
        "tags": OURS,
    }
    return Throughput(**(values | changes))
