"""A Provisioned Throughput."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import ThroughputStatus
from sandbox.bedrock.resources.leaving import Leaving


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
    in_service: datetime | None = None
    deleted: datetime | None = None
    leaving: Leaving | None = None
    term: timedelta | None = None

    @property
    def shown_status(self) -> str:
        """The status that a caller is told."""
        return (self.leaving.shown_as if self.leaving else None) or str(self.status)

    @property
    def uses(self) -> set[str]:
        """The models that it serves or is moving to."""
        return {self.model_arn, self.desired_model_arn}

    def is_committed(self, now: datetime, *, renewal_binds: bool = False) -> bool:
        """Return whether the term that was bought still runs, or one that it was renewed for.

        A term renews by itself and is billed until the throughput is deleted. The documentation forbids a deletion
        before the term is complete, and says no more.
        """
        return self.term is not None and (renewal_binds or now < self.created + self.term)

    def commitment_expiration(self, now: datetime) -> datetime | None:
        """Return when the term that runs now ends."""
        if self.term is None:
            return None
        return self.created + self.term * ((now - self.created) // self.term + 1)

    def unit_seconds(self, now: datetime, *, from_purchase: bool) -> float:
        """Return the model units times the seconds that they have been held, from the purchase or from InService on."""
        end = self.deleted or now
        begin = self.created if from_purchase else self.in_service or end
        return self.model_units * (end - begin).total_seconds()
