"""Provisioned Throughput: bought once, swapped to the next model in place, seen gone after a delete.

It bills by the hour from its creation until it is deleted, so everything here leans to deleting what this project
made and to touching nothing else.
"""

from dataclasses import dataclass
from datetime import datetime

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.properties import Properties
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Throughput

KIND = "provisioned-throughput"


@dataclass(frozen=True)
class Create:
    """Nothing of this name exists: buy it."""


@dataclass(frozen=True)
class SwapModel:
    """It serves another model: update it in place, without a moment unserved."""


@dataclass(frozen=True)
class Delete:
    """It exists and is ours: delete it."""


@dataclass(frozen=True)
class Wait:
    detail: str


@dataclass(frozen=True)
class Done:
    """It is as desired."""

    arn: str = ""


@dataclass(frozen=True)
class Refuse:
    reason: str


Decision = Create | SwapModel | Delete | Wait | Done | Refuse


def name_of(properties: Properties) -> str:
    """Return the name of the throughput that properties describe; what cannot change in place is part of it."""
    return contract.throughput_name(
        name=properties.text("Name"),
        environment=properties.text("Environment"),
        base_model=properties.text("BaseModel"),
        model_units=properties.integer("ModelUnits"),
        commitment_duration=properties.optional_text("CommitmentDuration"),
    )


def physical_id(request: Request) -> PhysicalId:
    return PhysicalId(KIND, name_of(request.properties))


def decide_presence(name: str, model_arn: str, owner: str, found: Throughput | None) -> Decision:
    """Decide what a create or an update does, from the model to serve and what exists under the name."""
    if found is None:
        return Create()
    if found.tags.get(contract.TAG_OWNER) != owner:
        return Refuse(
            f"a Provisioned Throughput named {name} exists that this stack did not make; it is left untouched"
        )
    if found.status == "Failed":
        return Refuse(f"Provisioned Throughput {name} failed: {found.failure_message or 'Bedrock gives no reason'}")
    if found.status != "InService":
        return Wait(f"Provisioned Throughput {name} is {found.status}")
    if found.desired_model_arn != model_arn:
        return SwapModel()
    if found.model_arn != model_arn:
        return Wait(f"Provisioned Throughput {name} still serves the previous model")
    return Done(found.arn)


def decide_absence(name: str, owner: str, found: Throughput | None, now: datetime) -> Decision:
    """Decide what a delete does: only what carries this stack's owner tag is deleted, then it is seen gone."""
    if found is None or found.tags.get(contract.TAG_OWNER) != owner:
        return Done()
    if found.status == "Updating":
        return Wait(f"Provisioned Throughput {name} is Updating and cannot be deleted yet")
    if commitment := commitment_text(name, found, now):
        return Refuse(commitment)
    return Delete()


def commitment_text(name: str, found: Throughput, now: datetime) -> str:
    """Return why a committed throughput stays and until when, or nothing when no commitment runs.

    Source: Bedrock API reference, DeleteProvisionedModelThroughput.
    """
    if found.commitment_ends is None or found.commitment_ends <= now:
        return ""
    return (
        f"Provisioned Throughput {name} is committed until {found.commitment_ends:%Y-%m-%d %H:%M} UTC: it cannot be "
        "deleted before, bills until then, and renews by itself at that time unless it is deleted first"
    )
