"""The losses that Bedrock reports of a job, as numbers or as none."""

import math
from collections.abc import Mapping
from typing import Any


def training_loss(job: Mapping[str, Any]) -> float | None:
    """Return the training loss in the answer of GetModelCustomizationJob; None where it reports none."""
    return _loss(job.get("trainingMetrics", {}).get("trainingLoss"))


def validation_loss(job: Mapping[str, Any]) -> float | None:
    """Return the validation loss in the answer of GetModelCustomizationJob, of the first validation data."""
    return next((_loss(its.get("validationLoss")) for its in job.get("validationMetrics", ())), None)


def _loss(told: float | None) -> float | None:
    """Return a number that can be a loss.

    Bedrock has reported -1.0 for a job of Amazon Nova 2 Lite that completed. No loss of a model is negative, so that is
    none either.
    """
    return float(told) if told is not None and 0 <= told < math.inf else None
