"""CreateModelCustomizationJob."""

from decimal import Decimal

from sandbox.bedrock.catalogue import FINE_TUNING, FoundationModel
from sandbox.bedrock.errors import conflict, denied, invalid, not_simulated, quota_exceeded
from sandbox.bedrock.lifecycle import jobs
from sandbox.bedrock.lifecycle.jobs import NO_VALIDATION_SET
from sandbox.bedrock.operations import tags
from sandbox.bedrock.operations.base_models import foundation_model, refuse_legacy, refuse_without_access
from sandbox.bedrock.operations.call import Call, Params, Result
from sandbox.bedrock.phases import JobStatus
from sandbox.bedrock.resources.job import Job
from sandbox.bedrock.resources.region import find
from sandbox.bedrock.training import hyper_parameters
from sandbox.bedrock.world import CannotAssumeRole, WorldDenied


def create(call: Call, params: Params) -> Result:
    """Create a job, or return the one that an earlier request with the same token created.

    Documented is that a repeated token is ignored without an error; that the answer holds the first job's ARN
    is assumed. In which order AWS checks is not documented either.
    """
    earlier = _with_token(call, params.get("clientRequestToken")) if call.assumed.honours_tokens else None
    if earlier is not None:
        return {"jobArn": earlier.arn}
    _check_names(call, params)
    base = _base_model(call, params)
    parameters = _check_request(call, base, params)
    job_tags = tags.checked(params.get("jobTags", []), params["jobName"])
    tags.checked(params.get("customModelTags", []), params["customModelName"])
    _check_quotas(call)
    job = _new_job(call, params, base, parameters)
    _check_role(call, job)
    call.region.jobs[job.arn] = job
    call.region.tags[job.arn] = job_tags
    jobs.begin(call.simulation, job)
    return {"jobArn": job.arn}


def _with_token(call: Call, token: str | None) -> Job | None:
    if token is None:
        return None
    return next((job for job in call.region.jobs.values() if job.request.get("clientRequestToken") == token), None)


def _check_names(call: Call, params: Params) -> None:
    """Refuse names that were ever used: jobs cannot be deleted. Of models' names it is assumed."""
    for job in call.region.jobs.values():
        if job.name == params["jobName"]:
            raise conflict(f"A model customization job with the name {job.name} already exists")
        if job.model_name == params["customModelName"] and _keeps_model_name(call, job):
            raise conflict(f"The custom model name {job.model_name} is already in use")


def _keeps_model_name(call: Call, job: Job) -> bool:
    if job.status in {JobStatus.FAILED, JobStatus.STOPPED}:
        return call.assumed.failed_jobs_keep_names
    is_deleted = job.status is JobStatus.COMPLETED and job.model_arn not in call.region.models
    return not is_deleted or call.assumed.deleted_models_keep_names


def _base_model(call: Call, params: Params) -> FoundationModel:
    """Return the base model."""
    identifier = params["baseModelIdentifier"]
    base = foundation_model(call, identifier)
    if base and call.assumed.resolves_short_ids and not base.customizations(call.scope.region):
        base = _tunable_variant(call, base) or base
    if base is None:
        if find(call.region.models, identifier) is not None:
            raise not_simulated("customizing a custom model further")
        raise invalid("The provided model identifier is invalid")
    if not base.customizations(call.scope.region):
        raise invalid(f"The model {base.model_id} cannot be customized in {call.scope.region}")
    refuse_legacy(base, call, "CreateModelCustomizationJob", "a new customization job")
    refuse_without_access(base, call)
    return base


def _tunable_variant(call: Call, base: FoundationModel) -> FoundationModel | None:
    available = call.simulation.catalogue.available(call.scope.region, call.now)
    variants = (each for each in available if each.model_id.startswith(f"{base.model_id}:"))
    return next((each for each in variants if each.customizations(call.scope.region)), None)


def _check_request(call: Call, base: FoundationModel, params: Params) -> dict[str, Decimal]:
    if params.get("customizationType", FINE_TUNING) != FINE_TUNING or "customizationConfig" in params:
        raise not_simulated("a customization other than FINE_TUNING")
    if "invocationLogsConfig" in params["trainingDataConfig"]:
        raise not_simulated("training on invocation logs")
    if "s3Uri" not in params["trainingDataConfig"]:
        raise invalid("trainingDataConfig must hold an s3Uri")
    if call.assumed.nova_2_validation == "refused" and base.is_nova_2 and "validationDataConfig" in params:
        raise invalid(NO_VALIDATION_SET)
    return hyper_parameters.effective(base.recipe, params.get("hyperParameters", {}))


def _check_quotas(call: Call) -> None:
    quotas = call.simulation.quotas.of(call.scope)
    running = [job for job in call.region.jobs.values() if job.status in {JobStatus.IN_PROGRESS, JobStatus.STOPPING}]
    if len(running) >= quotas.customization_jobs:
        raise quota_exceeded(f"At most {quotas.customization_jobs} customization jobs can be in progress")
    if len(call.region.models) + len(running) >= quotas.custom_models:
        raise quota_exceeded(f"The account can have at most {quotas.custom_models} custom models")


def _new_job(call: Call, params: Params, base: FoundationModel, parameters: dict[str, Decimal]) -> Job:
    scope, name, model_name = call.scope, params["jobName"], params["customModelName"]
    job_id, model_id = scope.generated_id("job", name), scope.generated_id("model", model_name)
    return Job(
        scope=scope,
        arn=scope.arn(f"model-customization-job/{base.model_id}/{job_id}"),
        name=name,
        model_name=model_name,
        model_arn=scope.arn(f"custom-model/{base.model_id}/{model_id}"),
        role_arn=params["roleArn"],
        base=base,
        request=params,
        parameters=parameters,
        created=call.now,
        due=None,
    )


def _check_role(call: Call, job: Job) -> None:
    world = call.simulation.world
    try:
        world.check_pass_role(call.caller_arn, job.role_arn)
    except WorldDenied as error:
        raise denied(str(error)) from None
    try:
        world.check_trust(job.role_arn, call.scope.account, job.arn)
    except CannotAssumeRole:
        # AWS says no more than this, also while a new role is not known everywhere yet.
        raise invalid("Could not assume provided IAM role") from None
