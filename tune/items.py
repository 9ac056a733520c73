"""Things in AWS as they are listed: what each one is, what it costs by its nature, and the command that removes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Item:
    """One thing in AWS, what it costs by its nature, and the command that removes it."""

    what: str
    name: str
    cost: str
    command: str

    def __str__(self) -> str:
        return f"{self.what} {self.name}: {self.cost}"


def throughput_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["provisionedModelName"]
    ends = summary.get("commitmentExpirationTime")
    until = f", committed until {ends:%Y-%m-%d %H:%M} UTC and renewed then" if ends else ""
    units = summary["modelUnits"]
    return Item(
        "Provisioned Throughput",
        name,
        f"{units} model unit{'s' * (units > 1)}, billed by the hour until it is deleted{until}",
        f"aws bedrock delete-provisioned-model-throughput --provisioned-model-id {name} --region {region}",
    )


def deployment_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["customModelDeploymentName"]
    return Item(
        "Custom model deployment",
        name,
        "serves, billed by the token; it holds its model and one of the account's deployments",
        f"aws bedrock delete-custom-model-deployment --custom-model-deployment-identifier {name} --region {region}",
    )


def job_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["jobName"]
    return Item(
        "Training",
        name,
        "goes on, billed for the tokens that it trains; its model will be kept",
        f"aws bedrock stop-model-customization-job --job-identifier {name} --region {region}",
    )


def model_item(summary: Mapping[str, Any], region: str) -> Item:
    name = summary["modelName"]
    return Item(
        "Custom model",
        name,
        "stored, billed by the month",
        f"aws bedrock delete-custom-model --model-identifier {name} --region {region}",
    )
