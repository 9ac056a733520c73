"""A Provisioned Throughput."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import ThroughputStatus
from sandbox.bedrock.resources.leaving import Leaving

# AWS says "one month" and "six months"; that they are 30 and 180 days is an assumption.
TERMS: Final[Mapping[str, timedelta]] = {"OneMonth": timedelta(days=30), "SixMonths": timedelta(days=180)}


@dataclass
class Throughput:
    """A purchase of model units.

    `model_arn` is what is being served, `desired_model_arn` what will be. `due` is when the next thing happens to it;
    with a `planned_failure` that is the failure.
    """

    scope: Scope
    arn: str
    name: str
    created_as: str
    model_units: int
    model_arn: str
    desired_model_arn: str
    base: FoundationModel
    of_custom_model: bool
    client_request_token: str | None
    commitment: str | None
    created: datetime
    modified: datetime
    due: datetime | None
    status: ThroughputStatus = ThroughputStatus.CREATING
    planned_failure: str | None = None
    failure_message: str | None = None
    deleted: datetime | None = None
    leaving: Leaving | None = None

    @property
    def shown_status(self) -> str:
        """The status that a caller is told."""
        return (self.leaving.shown_as if self.leaving else None) or str(self.status)

    @property
    def uses(self) -> set[str]:
        """The models that it serves or is moving to."""
        return {self.model_arn, self.desired_model_arn}

    def is_committed(self, now: datetime) -> bool:
        """Return whether the term that was bought still runs.

        A term renews by itself and is billed until the throughput is deleted. That it can be deleted at any time
        once the first term is over is an assumption: the documentation forbids a deletion before the term is
        complete, and says no more.
        """
        return self.commitment is not None and now < self.created + TERMS[self.commitment]

    def commitment_expiration(self, now: datetime) -> datetime | None:
        """Return when the term that runs now ends."""
        if self.commitment is None:
            return None
        term = TERMS[self.commitment]
        return self.created + term * ((now - self.created) // term + 1)

    def unit_seconds(self, now: datetime) -> float:
        """Return the model units times the seconds that they have been held, from the purchase on.

        That billing starts with the purchase and not with InService is the dearer assumption.
        """
        return self.model_units * ((self.deleted or now) - self.created).total_seconds()
