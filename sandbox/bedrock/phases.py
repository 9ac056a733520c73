"""The words in which jobs, models, throughputs and deployments tell their state."""

from enum import StrEnum
from typing import Final


class Undeclared(str):
    """A word that the service model does not know. It goes over the wire all the same, on purpose."""

    __slots__ = ()


# What is being deleted may be shown so, see `DeletionFault`; the API has no such status.
DELETING: Final = Undeclared("Deleting")


class Phase(StrEnum):
    """What a customization job does, in this order."""

    VALIDATION = "Validation"
    DATA_PROCESSING = "DataProcessing"
    TRAINING = "Training"


class JobStatus(StrEnum):
    """The status of a customization job. The members of a phase's status are these and NotStarted."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"


class ThroughputStatus(StrEnum):
    """The status of a Provisioned Throughput; there is none for one that is being deleted."""

    CREATING = "Creating"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    FAILED = "Failed"


class DeploymentStatus(StrEnum):
    """The status of a custom model deployment; while it is updated it stays Active."""

    CREATING = "Creating"
    ACTIVE = "Active"
    FAILED = "Failed"


class UpdateStatus(StrEnum):
    """How far the latest update of a custom model deployment is."""

    UPDATING = "Updating"
    COMPLETED = "UpdateCompleted"
    FAILED = "UpdateFailed"
