"""One training as its losses are looked at: what it was asked for, how it ended, and what it left."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bedrock_lifecycle.resources.metrics_files import Losses
from bedrock_lifecycle.resources.reported_losses import training_loss


@dataclass(frozen=True)
class TrainingLosses:
    """A customization job with its losses.

    id: Its training ID and attempt, as names end with them.
    where: The folder of its metrics.
    validation_data: Where its validation data is; empty without any.
    reported_loss: The training loss that Bedrock reports without a file, None where it reports none.
    """

    name: str
    status: str
    base_model: str
    id: str = ""
    hyper_parameters: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    validation_data: str = ""
    reported_loss: float | None = None
    failure: str = ""
    losses: Losses = field(default_factory=lambda: Losses(()))
    has_file: bool = False

    @property
    def is_running(self) -> bool:
        return self.status in ("InProgress", "Stopping")

    @property
    def epoch_count(self) -> int | None:
        """How many epochs it was asked for; None where the job does not say."""
        found = _number(self.hyper_parameters.get("epochCount"))
        return None if found is None else int(found)

    @property
    def patience(self) -> int | None:
        """After how many epochs without improvement it stops early; None where the job does not say."""
        found = _number(self.hyper_parameters.get("earlyStoppingPatience"))
        return None if found is None else int(found)

    @property
    def threshold(self) -> float | None:
        """By how much the validation loss must fall to count as improved; None where the job does not say."""
        return _number(self.hyper_parameters.get("earlyStoppingThreshold"))


def training_of(job: Mapping[str, Any], id_: str = "", where: str = "") -> TrainingLosses:
    """Read the answer of GetModelCustomizationJob; the losses are read elsewhere."""
    validators = job.get("validationDataConfig", {}).get("validators", ())
    return TrainingLosses(
        name=job["jobName"],
        status=str(job.get("status", "InProgress")),
        base_model=job["baseModelArn"].rpartition("/")[2],
        hyper_parameters=job.get("hyperParameters", {}),
        id=id_,
        where=where,
        validation_data=next((str(its["s3Uri"]) for its in validators), ""),
        reported_loss=training_loss(job),
        failure=job.get("failureMessage", ""),
    )


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) else None
