"""The event that a customization job sends when its status changes."""

from datetime import datetime
from typing import Any

from sandbox.bedrock.events import JOB_STATE_CHANGE, Notice
from sandbox.bedrock.resources.job import Job


def state_change(job: Job) -> Notice:
    """Return the event of a job's present status."""
    detail: dict[str, Any] = {
        "version": "0.0",
        "jobName": job.name,
        "jobArn": job.arn,
        "outputModelName": job.model_name,
        "outputModelArn": job.model_arn,
        "roleArn": job.role_arn,
        "jobStatus": str(job.status),
        "failureMessage": job.failure_message,
        "creationTime": _text(job.created),
        "lastModifiedTime": _text(job.modified),
        "endTime": _text(job.ended),
        "baseModelArn": job.scope.foundation_model_arn(job.base.model_id),
        "hyperParameters": dict(job.request.get("hyperParameters", {})),
        "trainingDataConfig": {"s3Uri": job.train_uri},
        # The documented sample has a single URI here, where the API has a list of validators.
        "validationDataConfig": {"s3Uri": job.validation_uris[0]} if job.validation_uris else None,
        "outputDataConfig": {"s3Uri": job.request["outputDataConfig"]["s3Uri"]},
    }
    present = {name: value for name, value in detail.items() if value is not None}
    return Notice(job.scope, JOB_STATE_CHANGE, job.arn, present)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
