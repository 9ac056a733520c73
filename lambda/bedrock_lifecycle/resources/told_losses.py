"""The losses of a training as attributes of a resource. What keeps them from being read fails nothing."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_lifecycle.contract.training_await import BEST_EPOCH, TRAINING_LOSS, UNKNOWN_LOSS, VALIDATION_LOSS
from bedrock_lifecycle.decisions.observed import Job
from bedrock_lifecycle.resources import training_metrics

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def told(job: Job | None, s3: "Callable[[], S3Client]") -> Mapping[str, str]:
    """Return the attributes: the losses that Bedrock reports, and the epoch with the lowest validation loss.

    Of a training that has not completed, and of what cannot be read, each is UNKNOWN_LOSS.

    Args:
        job: The training, None where there is none.
        s3: Makes the client; asked only when there is something to read.
    """
    has_ended = job is not None and job.status == "Completed"
    return {
        TRAINING_LOSS: _number(job.training_loss) if job and has_ended else UNKNOWN_LOSS,
        VALIDATION_LOSS: _number(job.validation_loss) if job and has_ended else UNKNOWN_LOSS,
        BEST_EPOCH: _best_epoch(job, s3) if job and has_ended else UNKNOWN_LOSS,
    }


def _number(loss: float | None) -> str:
    return UNKNOWN_LOSS if loss is None else f"{loss:.6g}"


def _best_epoch(job: Job, s3: "Callable[[], S3Client]") -> str:
    try:
        bucket, prefix = training_metrics.place(job.output_uri, job.arn)
        best = training_metrics.validated(s3(), bucket, prefix).best
    except (ClientError, BotoCoreError):
        return UNKNOWN_LOSS
    return str(best.number) if best else UNKNOWN_LOSS
