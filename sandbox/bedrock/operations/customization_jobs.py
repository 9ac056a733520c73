"""GetModelCustomizationJob, ListModelCustomizationJobs, StopModelCustomizationJob."""

from collections.abc import Mapping
from typing import Any

from sandbox.bedrock.catalogue import FINE_TUNING
from sandbox.bedrock.errors import conflict, not_found
from sandbox.bedrock.lifecycle import jobs
from sandbox.bedrock.operations.call import NOTHING, Call, Params, Result
from sandbox.bedrock.operations.listing import page
from sandbox.bedrock.operations.sight import listed, named
from sandbox.bedrock.phases import JobStatus, Phase
from sandbox.bedrock.resources.job import Job, PhaseRecord


def get(call: Call, params: Params) -> Result:
    """GetModelCustomizationJob."""
    job = _existing(call, params)
    request = job.request
    return {
        "jobArn": job.arn,
        "jobName": job.name,
        "outputModelName": job.model_name,
        "outputModelArn": _model_arn(job),
        "outputModelKmsKeyArn": job.key_arn,
        "clientRequestToken": request.get("clientRequestToken"),
        "roleArn": job.role_arn,
        "status": str(job.status),
        "statusDetails": _status_details(job),
        "failureMessage": job.failure_message,
        "creationTime": job.created,
        "lastModifiedTime": job.modified,
        "endTime": job.ended,
        "baseModelArn": call.scope.foundation_model_arn(job.base.model_id),
        "hyperParameters": told_hyper_parameters(call, job),
        "trainingDataConfig": request["trainingDataConfig"],
        "validationDataConfig": request.get("validationDataConfig", {"validators": []}),
        "outputDataConfig": request["outputDataConfig"],
        "customizationType": FINE_TUNING,
        "vpcConfig": request.get("vpcConfig"),
        **metrics(job),
    }


def list_all(call: Call, params: Params) -> Result:
    """ListModelCustomizationJobs."""
    wanted = params.get("statusEquals")
    seen = listed(call, "job", call.region.jobs.values())
    found = [job for job in seen if wanted is None or job.status == wanted]
    jobs_of_page, token = page(found, params)
    return {
        "modelCustomizationJobSummaries": [_summary(job) for job in jobs_of_page],
        "nextToken": token,
    }


def stop(call: Call, params: Params) -> Result:
    """StopModelCustomizationJob."""
    job = _existing(call, params)
    if job.status is not JobStatus.IN_PROGRESS:
        raise conflict(f"The job {job.name} is {job.status}: only a job in progress can be stopped")
    jobs.request_stop(call.simulation, job, call.now)
    return NOTHING


def told_hyper_parameters(call: Call, job: Job) -> Mapping[str, str] | None:
    """Return the hyper-parameters that a job is told with."""
    if call.assumed.tells_defaults:
        return {name: f"{value:f}" for name, value in job.parameters.items()}
    return job.request.get("hyperParameters")


def metrics(job: Job) -> dict[str, Any]:
    """Return the metrics of a completed job: those of the checkpoint that was kept."""
    if job.run is None or job.status is not JobStatus.COMPLETED:
        return {}
    loss = job.run.validation_loss
    return {
        "trainingMetrics": {"trainingLoss": float(job.run.training_loss)},
        "validationMetrics": [] if loss is None else [{"validationLoss": float(loss)}],
    }


def _existing(call: Call, params: Params) -> Job:
    job = named(call, "job", call.region.jobs, params["jobIdentifier"])
    if job is None:
        raise not_found(f"The model customization job {params['jobIdentifier']} was not found")
    return job


def _model_arn(job: Job) -> str | None:
    return job.model_arn if job.status is JobStatus.COMPLETED else None


def _summary(job: Job) -> dict[str, Any]:
    return {
        "jobArn": job.arn,
        "jobName": job.name,
        "baseModelArn": job.scope.foundation_model_arn(job.base.model_id),
        "status": str(job.status),
        "statusDetails": _status_details(job),
        "creationTime": job.created,
        "lastModifiedTime": job.modified,
        "endTime": job.ended,
        "customModelArn": _model_arn(job),
        "customModelName": job.model_name,
        "customizationType": FINE_TUNING,
    }


def _status_details(job: Job) -> dict[str, Any]:
    return {
        "validationDetails": _phase(job.phases[Phase.VALIDATION]),
        "dataProcessingDetails": _phase(job.phases[Phase.DATA_PROCESSING]),
        "trainingDetails": _phase(job.phases[Phase.TRAINING]),
    }


def _phase(record: PhaseRecord) -> dict[str, Any]:
    return {
        "status": str(record.status) if record.status else "NotStarted",
        "creationTime": record.started,
        "lastModifiedTime": record.modified,
    }
