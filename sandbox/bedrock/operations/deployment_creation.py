"""CreateCustomModelDeployment."""

from datetime import UTC, datetime
from typing import Final

from sandbox.bedrock.errors import ServiceError, invalid, not_found, quota_exceeded
from sandbox.bedrock.lifecycle import deployments
from sandbox.bedrock.operations import model_keys, tags
from sandbox.bedrock.operations.call import Call, Params, Result
from sandbox.bedrock.phases import DeploymentStatus
from sandbox.bedrock.resources.custom_model import CustomModel
from sandbox.bedrock.resources.deployment import Deployment

# "You must customize the model on or after 7/16/2025", Bedrock user guide, "Deploy a custom model for on-demand
# inference".
DEPLOYABLE_SINCE: Final = datetime(2025, 7, 16, tzinfo=UTC)


def create(call: Call, params: Params) -> Result:
    """Deploy a model, or return the deployment that an earlier request with the same token made and that still exists.

    In which order AWS checks is not documented.
    """
    token = params.get("clientRequestToken")
    for deployment in call.region.deployments.values() if call.assumed.honours_tokens else ():
        if token is not None and deployment.client_request_token == token and deployment.deleted is None:
            return {"customModelDeploymentArn": deployment.arn}
    name = params["modelDeploymentName"]
    _check_name(call, name)
    model = deployable(call, params["modelArn"])
    deployment_tags = tags.checked(params.get("tags", []), name)
    if call.assumed.asks_key_of_deployments:
        model_keys.check(call, model)
    _check_quotas(call)
    deployment = _new_deployment(call, params, model)
    call.region.deployments[deployment.arn] = deployment
    call.region.tags[deployment.arn] = deployment_tags
    deployments.begin_creation(call.simulation, deployment)
    return {"customModelDeploymentArn": deployment.arn}


def deployable(call: Call, arn: str) -> CustomModel:
    """Return the model of an ARN when it can be deployed here. One that exists is Active: before, it is no model yet.

    That its base model is Legacy is no obstacle; with which error AWS refuses what is one is not established.
    """
    model = call.region.models.get(arn)
    if model is None:
        raise not_found(f"The custom model {arn} was not found")
    base = model.base
    if call.scope.region not in base.deployable_in or base.lifecycle.is_over(call.now):
        raise invalid(f"Models of {base.model_id} cannot be deployed for on-demand inference in {call.scope.region}")
    if (model.job.created if call.assumed.customized_at_creation else model.created) < DEPLOYABLE_SINCE:
        raise invalid(f"The custom model {model.name} was customized before {DEPLOYABLE_SINCE:%Y-%m-%d}")
    return model


def _check_name(call: Call, name: str) -> None:
    """Refuse a name that is taken."""
    if any(deployment.name == name for deployment in call.region.deployments.values()):
        message = f"A custom model deployment with the name {name} already exists"
        raise ServiceError(call.assumed.taken_name_error, message)


def _check_quotas(call: Call) -> None:
    quotas, present = call.simulation.quotas.of(call.scope), call.region.deployments.values()
    if len(present) >= quotas.deployments:
        raise quota_exceeded(f"The account can have at most {quotas.deployments} custom model deployments")
    if sum(_is_in_progress(call, each) for each in present) >= quotas.deployments_in_progress:
        at_most = quotas.deployments_in_progress
        raise quota_exceeded(f"At most {at_most} custom model deployments can be in progress")


def _is_in_progress(call: Call, deployment: Deployment) -> bool:
    is_updated = call.assumed.updates_are_in_progress and deployment.is_updating
    return is_updated or deployment.status is DeploymentStatus.CREATING


def _new_deployment(call: Call, params: Params, model: CustomModel) -> Deployment:
    region, name = call.region, params["modelDeploymentName"]
    # A name can be used again after a deletion; the ARN of the second one is another.
    ordinal = sum(each.name == name for each in region.past_deployments)
    return Deployment(
        scope=call.scope,
        arn=call.scope.arn(f"custom-model-deployment/{call.scope.generated_id('deployment', name, str(ordinal))}"),
        name=name,
        model_arn=model.arn,
        base=model.base,
        description=params.get("description"),
        client_request_token=params.get("clientRequestToken"),
        created=call.now,
        modified=call.now,
        due=None,
    )
