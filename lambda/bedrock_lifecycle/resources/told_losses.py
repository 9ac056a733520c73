"""The losses of a training as attributes: what Bedrock reports, so that nobody has to read what a training leaves."""

from collections.abc import Mapping

from bedrock_lifecycle.contract.training_await import TRAINING_LOSS, UNKNOWN_LOSS, VALIDATION_LOSS
from bedrock_lifecycle.decisions.observed import Job


def told(job: Job | None) -> Mapping[str, str]:
    """Return the attributes; UNKNOWN_LOSS for a training that has not completed, and where Bedrock reports none."""
    has_ended = job is not None and job.status == "Completed"
    return {
        TRAINING_LOSS: _number(job.training_loss) if job and has_ended else UNKNOWN_LOSS,
        VALIDATION_LOSS: _number(job.validation_loss) if job and has_ended else UNKNOWN_LOSS,
    }


def _number(loss: float | None) -> str:
    return UNKNOWN_LOSS if loss is None else f"{loss:.6g}"
