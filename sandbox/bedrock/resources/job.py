"""A model-customization job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.faults import JobFault
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import JobStatus, Phase
from sandbox.bedrock.training.datasets import TrainingData
from sandbox.bedrock.training.run import TrainingRun


@dataclass
class PhaseRecord:
    """How far a phase has come; one without a status has not started."""

    status: JobStatus | None = None
    started: datetime | None = None
    modified: datetime | None = None


@dataclass
class Job:
    """A job: what was asked for, and how far it has come.

    `request` holds the parameters as they were sent, `parameters` every hyper-parameter of the base model.
    `due` is when the next thing happens to it, None when nothing will. What a
    training comes to (`run`, the durations) is known once the data has been read, and told when it is over.
    """

    scope: Scope
    arn: str
    name: str
    model_name: str
    model_arn: str
    role_arn: str
    base: FoundationModel
    request: Mapping[str, Any]
    parameters: dict[str, Decimal]
    created: datetime
    due: datetime | None
    status: JobStatus = JobStatus.IN_PROGRESS
    phase: Phase = Phase.VALIDATION
    phases: dict[Phase, PhaseRecord] = field(default_factory=lambda: {phase: PhaseRecord() for phase in Phase})
    modified: datetime | None = None
    ended: datetime | None = None
    failure_message: str | None = None
    key_arn: str | None = None
    data: TrainingData | None = None
    run: TrainingRun | None = None
    epoch_duration: timedelta = timedelta(0)
    training_duration: timedelta = timedelta(0)
    training_ended: datetime | None = None
    planned_fault: JobFault | None = None
    is_stuck: bool = False

    @property
    def id(self) -> str:
        """The generated part of the ARN."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def train_uri(self) -> str:
        """Where the training data is."""
        return str(self.request["trainingDataConfig"]["s3Uri"])

    @property
    def validation_uris(self) -> list[str]:
        """Where the validation data is."""
        validators = self.request.get("validationDataConfig", {}).get("validators", [])
        return [str(each["s3Uri"]) for each in validators]

    @property
    def output_uri(self) -> str:
        """Where the job leaves its metrics, without a slash at the end."""
        return str(self.request["outputDataConfig"]["s3Uri"]).rstrip("/")

    def trained_tokens(self, now: datetime, *, failed_are_billed: bool = True) -> int:
        """Return the tokens that are billed by now: those of the corpus times the epochs run, the last one in part.

        Those of a job that is stopped are billed too; those of one that fails in its training where that is said.
        """
        if self.status is JobStatus.FAILED and not failed_are_billed:
            return 0
        started = self.phases[Phase.TRAINING].started
        if started is None or self.data is None or self.run is None:
            return 0
        elapsed = (self.training_ended or now) - started
        if elapsed >= self.training_duration:
            return self.data.tokens * self.run.epochs
        return int(self.data.tokens * (elapsed / self.epoch_duration))
