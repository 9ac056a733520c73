"""The progress of a training, as Bedrock tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.decisions import evaluation_await, no_model
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.clock import in_words, service_time

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient

PHASES: Final = {
    "validationDetails": "validation",
    "dataProcessingDetails": "data processing",
    "trainingDetails": "training",
}
MARKS: Final = {"Completed": "✓", "InProgress": "…", "Failed": "✗", "Stopping": "…", "Stopped": "✗"}


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training is. AWS gives no percentage: there are phases, of which some jobs tell nothing, and time."""

    name: str
    status: str
    ran: timedelta
    phases: tuple[tuple[str, str], ...] = ()

    @property
    def is_running(self) -> bool:
        return self.status == "InProgress"

    def __str__(self) -> str:
        if not self.is_running:
            return f"training {self.name}: {self.status} after {in_words(self.ran)}"
        phases = "  ".join(f"{name} {MARKS[status]}" for name, status in self.phases if status in MARKS)
        return f"training {self.name}: {in_words(self.ran)}  {phases or self.status}"


def progress(job: Mapping[str, Any]) -> TrainingProgress:
    """Read the answer of GetModelCustomizationJob; its age is reckoned by the service's own clock."""
    details = job.get("statusDetails", {})
    phases = tuple((word, str(details[key].get("status", ""))) for key, word in PHASES.items() if key in details)
    until = job.get("endTime") or service_time(job)
    # The clock of the answer has whole seconds.
    ran = max(until - job["creationTime"], timedelta())
    return TrainingProgress(job["jobName"], str(job.get("status", "InProgress")), ran, phases)


def goes_on(reasons: Sequence[str]) -> bool:
    """Tell whether a training needs more time, by the reasons of a stack's failures."""
    return any(map(_needs_time, reasons))


def is_all(reasons: Sequence[str]) -> bool:
    """Tell whether a stack failed for nothing but a training, or an evaluation, that needs more time."""
    return bool(reasons) and all(_needs_time(reason) or evaluation_await.CONTINUES in reason for reason in reasons)


def _needs_time(reason: str) -> bool:
    return any(words in reason for words in (no_model.STILL_RUNNING, no_model.NOT_STARTED))


class Watch:
    """Looks at one training now and then. Whatever keeps it from looking must not disturb a deployment."""

    def __init__(self, bedrock: "BedrockClient", name: str | None) -> None:
        self._bedrock = bedrock
        self._name = name

    def is_absent(self) -> bool:
        """Tell whether there is no such training; False also where Bedrock does not tell."""
        if self._name is None:
            return False
        try:
            self._bedrock.get_model_customization_job(jobIdentifier=self._name)
        except ClientError as error:
            return aws_errors.is_not_found(error) or aws_errors.may_be_not_found(error)
        except BotoCoreError:
            return False
        return False

    def look(self) -> TrainingProgress | None:
        """Return the progress, None when there is no such training or Bedrock does not tell."""
        if self._name is None:
            return None
        try:
            return progress(self._bedrock.get_model_customization_job(jobIdentifier=self._name))
        except (ClientError, BotoCoreError):
            return None
