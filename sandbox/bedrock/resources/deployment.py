"""An on-demand deployment of a custom model."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import DeploymentStatus, UpdateStatus
from sandbox.bedrock.resources.leaving import Leaving


@dataclass
class Update:
    """The latest update: to which model, and how far it is."""

    model_arn: str
    status: UpdateStatus = UpdateStatus.UPDATING


@dataclass
class Deployment:
    """A custom model that is served by the token.

    `model_arn` is what is being served. `due` is when the next thing happens to it; with a `planned_failure` that is
    the failure.
    """

    scope: Scope
    arn: str
    name: str
    model_arn: str
    base: FoundationModel
    description: str | None
    client_request_token: str | None
    created: datetime
    modified: datetime
    due: datetime | None
    status: DeploymentStatus = DeploymentStatus.CREATING
    update: Update | None = None
    planned_failure: str | None = None
    failure_message: str | None = None
    deleted: datetime | None = None
    leaving: Leaving | None = None

    @property
    def is_updating(self) -> bool:
        """Whether another model is on its way."""
        return self.update is not None and self.update.status is UpdateStatus.UPDATING

    @property
    def newest_model_arn(self) -> str:
        """The model that it was moved to last, whatever became of it."""
        return self.update.model_arn if self.update else self.model_arn

    @property
    def shown_status(self) -> str:
        """The status that a caller is told."""
        return (self.leaving.shown_as if self.leaving else None) or str(self.status)

    @property
    def uses(self) -> set[str]:
        """The models that it serves or is moving to."""
        return {self.model_arn, *([self.update.model_arn] if self.update and self.is_updating else [])}
