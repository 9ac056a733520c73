"""Things in AWS as they are listed: what each one is, what it costs by its nature, and the command that removes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class InventoryItem:
    """One thing in AWS, what it costs by its nature, and the command that removes it, if there is one to give."""

    what: str
    name: str
    cost: str
    command: str
    holders: tuple[str, ...] = ()
    """The environments that hold a model, so that it is not deleted."""
    details: str = ""
    """What sets a model apart from others of the same name and environment."""

    def __str__(self) -> str:
        return f"{self.what} {self.name}: {self.cost}{f'; {self.details}' if self.details else ''}"


def throughput_item(summary: Mapping[str, Any], region: str) -> InventoryItem:
    name = summary["provisionedModelName"]
    ends = summary.get("commitmentExpirationTime")
    until = f", committed until {ends:%Y-%m-%d %H:%M} UTC and renewed then" if ends else ""
    units = summary["modelUnits"]
    return InventoryItem(
        "Provisioned Throughput",
        name,
        f"{units} model unit{'s' * (units > 1)}, billed by the hour until it is deleted{until}",
        f"aws bedrock delete-provisioned-model-throughput --provisioned-model-id {name} --region {region}",
    )


def deployment_item(summary: Mapping[str, Any], region: str, evaluation: str = "") -> InventoryItem:
    """`evaluation` is the one that a candidate answers for; nothing for what serves."""
    name = summary["customModelDeploymentName"]
    serves = f"answers for evaluation {evaluation} alone" if evaluation else "serves"
    return InventoryItem(
        "Candidate" if evaluation else "Custom model deployment",
        name,
        f"{serves}, billed by the token; it holds its model and one of the account's deployments",
        f"aws bedrock delete-custom-model-deployment --custom-model-deployment-identifier {name} --region {region}",
    )


def job_item(summary: Mapping[str, Any], region: str) -> InventoryItem:
    name = summary["jobName"]
    return InventoryItem(
        "Training",
        name,
        "running, billed for the tokens that it trains; its model will be kept",
        f"aws bedrock stop-model-customization-job --job-identifier {name} --region {region}",
    )


def run_item(name: str, arn: str) -> InventoryItem:
    region = arn.split(":")[3]
    return InventoryItem(
        "Evaluation run",
        name,
        "asks models, billed by the token up to its max_tokens, then deletes its candidate and ends",
        f"aws stepfunctions stop-execution --execution-arn {arn} --region {region}",
    )


def held_by(holders: Sequence[str]) -> str:
    """Return in words which environments hold a model."""
    return f"held by {', '.join(holders)}, where it is served or may be again"


def model_item(summary: Mapping[str, Any], region: str, holders: Sequence[str] = ()) -> InventoryItem:
    """`holders` are the environments to which it was promoted: no command to delete it is given then."""
    name = summary["modelName"]
    if holders:
        cost = f"stored, billed by the month; {held_by(holders)}"
        return InventoryItem("Custom model", name, cost, "", tuple(holders))
    return InventoryItem(
        "Custom model",
        name,
        "stored, billed by the month",
        f"aws bedrock delete-custom-model --model-identifier {name} --region {region}",
    )


def bucket_item(name: str, region: str) -> InventoryItem:
    # It is versioned, so it is emptied of every version.
    emptied = f"b = boto3.resource('s3', region_name='{region}').Bucket('{name}')"
    command = f'python -c "import boto3; {emptied}; b.object_versions.delete(); b.delete()"'
    return InventoryItem("Bucket", name, "billed for what is stored in it", command)


def key_item(name: str, region: str, deletion_date: datetime | None = None) -> InventoryItem:
    """`deletion_date` is that of a key whose deletion is scheduled, which can be taken back until then."""
    if deletion_date:
        day = f"{deletion_date.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        back = f"aws kms cancel-key-deletion --key-id {name} --region {region}"
        return InventoryItem("Key", name, f"is deleted on {day}; until then you can cancel that: {back}", "")
    return InventoryItem(
        "Key",
        name,
        "billed by the month; without it what is encrypted with it, custom models too, is unreadable forever",
        f"aws kms schedule-key-deletion --key-id {name} --pending-window-in-days 30 --region {region}",
    )
