"""What exists in Bedrock, as the decisions see it: small values, without a client."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Job:
    """A model customization job. `status` is InProgress, Completed, Failed, Stopping or Stopped."""

    arn: str
    status: str
    role_arn: str
    training_data_uri: str
    kms_key_arn: str | None
    created: datetime
    ended: datetime | None
    failure_message: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def ends_without_model(self) -> bool:
        return self.status in ("Failed", "Stopping", "Stopped")


@dataclass(frozen=True)
class Model:
    """A custom model. `status` is Active, Creating or Failed."""

    arn: str
    status: str


@dataclass(frozen=True)
class Throughput:
    """A Provisioned Throughput. `status` is Creating, InService, Updating or Failed."""

    arn: str
    name: str
    status: str
    model_arn: str
    desired_model_arn: str
    failure_message: str
    commitment_ends: datetime | None
    tags: Mapping[str, str] = field(default_factory=dict)


def differ(found: Mapping[str, str], wanted: Mapping[str, str], gone: Iterable[str]) -> bool:
    """Tell whether tags have to be changed; tags that somebody else added do not count."""
    return not wanted.items() <= found.items() or any(key in found for key in gone)
