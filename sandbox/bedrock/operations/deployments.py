"""Get, Update, Delete and List of custom model deployments."""

from typing import Any, Final

from sandbox.bedrock.errors import ServiceError, invalid, not_found
from sandbox.bedrock.lifecycle import deletion, deployments
from sandbox.bedrock.operations.call import NOTHING, Call, Params, Result
from sandbox.bedrock.operations.deployment_creation import deployable
from sandbox.bedrock.operations.listing import page
from sandbox.bedrock.operations.sight import listed, named
from sandbox.bedrock.phases import DeploymentStatus
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.leaving import refuse_leaving

# Other operations call them creationTimeAfter and creationTimeBefore.
_FILTERS: Final = {"createdAfter": "creationTimeAfter", "createdBefore": "creationTimeBefore"}


def get(call: Call, params: Params) -> Result:
    """GetCustomModelDeployment."""
    deployment = _existing(call, params)
    update = deployment.update
    return {
        "customModelDeploymentArn": deployment.arn,
        "modelDeploymentName": deployment.name,
        "modelArn": deployment.model_arn if call.assumed.names_model_before else deployment.newest_model_arn,
        "createdAt": deployment.created,
        "status": deployment.shown_status,
        "description": deployment.description,
        "updateDetails": {"modelArn": update.model_arn, "updateStatus": str(update.status)} if update else None,
        "failureMessage": deployment.failure_message,
        "lastUpdatedAt": deployment.modified,
    }


def update(call: Call, params: Params) -> Result:
    """UpdateCustomModelDeployment."""
    deployment = _existing(call, params)
    refuse_leaving("custom model deployment", deployment.name, deployment.leaving)
    if deployment.status is not DeploymentStatus.ACTIVE or deployment.is_updating:
        state = "being updated" if deployment.is_updating else deployment.status
        code = call.assumed.second_update_error if deployment.is_updating else "ValidationException"
        raise ServiceError(code, f"The custom model deployment {deployment.name} is {state} and cannot be updated")
    model = deployable(call, params["modelArn"])
    if model.base != deployment.base and not call.assumed.takes_other_base:
        raise invalid(f"The model {model.arn} is not of the base model {deployment.base.model_id}")
    deployments.begin_update(call.simulation, deployment, model.arn, call.now)
    return {"customModelDeploymentArn": deployment.arn}


def delete(call: Call, params: Params) -> Result:
    """DeleteCustomModelDeployment."""
    deployment = _existing(call, params)
    refuse_leaving("custom model deployment", deployment.name, deployment.leaving)
    state, refusal = "being updated", call.assumed.updating_deployment_delete if deployment.is_updating else None
    if deployment.status is DeploymentStatus.CREATING:
        state, refusal = "being created", call.assumed.creating_deployment_delete
    if refusal:
        raise ServiceError(refusal, f"The custom model deployment {deployment.name} is {state} and cannot be deleted")
    deletion.begin(call.simulation, deployment, call.now)
    return NOTHING


def list_all(call: Call, params: Params) -> Result:
    """ListCustomModelDeployments."""
    seen = listed(call, "deployment", call.region.deployments.values())
    found = [each for each in seen if _matches(each, params)]
    of_page, token = page(found, {_FILTERS.get(name, name): value for name, value in params.items()})
    return {"modelDeploymentSummaries": [_summary(each) for each in of_page], "nextToken": token}


def _existing(call: Call, params: Params) -> Deployment:
    identifier = params["customModelDeploymentIdentifier"]
    deployment = named(call, "deployment", call.region.deployments, identifier)
    if deployment is None:
        raise not_found(f"The custom model deployment {identifier} was not found")
    return deployment


def _matches(deployment: Deployment, params: Params) -> bool:
    status: str = params.get("statusEquals", deployment.shown_status)
    model_arn: str = params.get("modelArnEquals", deployment.model_arn)
    return status == deployment.shown_status and model_arn == deployment.model_arn


def _summary(deployment: Deployment) -> dict[str, Any]:
    return {
        "customModelDeploymentArn": deployment.arn,
        "customModelDeploymentName": deployment.name,
        "modelArn": deployment.model_arn,
        "createdAt": deployment.created,
        "status": deployment.shown_status,
        "lastUpdatedAt": deployment.modified,
        "failureMessage": deployment.failure_message,
    }
