"""Get, Update, Delete and List of custom model deployments."""

from typing import Any, Final

from sandbox.bedrock.errors import conflict, invalid, not_found
from sandbox.bedrock.lifecycle import deployments
from sandbox.bedrock.operations.call import NOTHING, Call, Params, Result
from sandbox.bedrock.operations.deployment_creation import deployable
from sandbox.bedrock.operations.listing import page
from sandbox.bedrock.phases import DeploymentStatus
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.region import find

# Other operations call them creationTimeAfter and creationTimeBefore.
_FILTERS: Final = {"createdAfter": "creationTimeAfter", "createdBefore": "creationTimeBefore"}


def get(call: Call, params: Params) -> Result:
    """GetCustomModelDeployment."""
    deployment = _existing(call, params)
    update = deployment.update
    return {
        "customModelDeploymentArn": deployment.arn,
        "modelDeploymentName": deployment.name,
        "modelArn": deployment.model_arn,
        "createdAt": deployment.created,
        "status": str(deployment.status),
        "description": deployment.description,
        "updateDetails": {"modelArn": update.model_arn, "updateStatus": str(update.status)} if update else None,
        "failureMessage": deployment.failure_message,
        "lastUpdatedAt": deployment.modified,
    }


def update(call: Call, params: Params) -> Result:
    """UpdateCustomModelDeployment. That the new model must be of the same base model is an assumption."""
    deployment = _existing(call, params)
    if deployment.status is not DeploymentStatus.ACTIVE or deployment.is_updating:
        state = "being updated" if deployment.is_updating else deployment.status
        raise invalid(f"The custom model deployment {deployment.name} is {state} and cannot be updated")
    model = deployable(call, params["modelArn"])
    if model.base != deployment.base:
        raise invalid(f"The model {model.arn} is not of the base model {deployment.base.model_id}")
    deployments.begin_update(call.simulation, deployment, model.arn, call.now)
    return {"customModelDeploymentArn": deployment.arn}


def delete(call: Call, params: Params) -> Result:
    """DeleteCustomModelDeployment: gone at once; that one which is still Creating can be deleted is assumed."""
    deployment = _existing(call, params)
    if deployment.is_updating:
        raise conflict(f"The custom model deployment {deployment.name} is being updated and cannot be deleted")
    deployment.deleted, deployment.due = call.now, None
    region = call.region
    del region.deployments[deployment.arn]
    del region.tags[deployment.arn]
    region.past_deployments.append(deployment)
    return NOTHING


def list_all(call: Call, params: Params) -> Result:
    """ListCustomModelDeployments."""
    found = [each for each in call.region.deployments.values() if _matches(each, params)]
    of_page, token = page(found, {_FILTERS.get(name, name): value for name, value in params.items()})
    return {"modelDeploymentSummaries": [_summary(each) for each in of_page], "nextToken": token}


def _existing(call: Call, params: Params) -> Deployment:
    identifier = params["customModelDeploymentIdentifier"]
    deployment = find(call.region.deployments, identifier)
    if deployment is None:
        raise not_found(f"The custom model deployment {identifier} was not found")
    return deployment


def _matches(deployment: Deployment, params: Params) -> bool:
    status: str = params.get("statusEquals", deployment.status)
    model_arn: str = params.get("modelArnEquals", deployment.model_arn)
    return status == deployment.status and model_arn == deployment.model_arn


def _summary(deployment: Deployment) -> dict[str, Any]:
    return {
        "customModelDeploymentArn": deployment.arn,
        "customModelDeploymentName": deployment.name,
        "modelArn": deployment.model_arn,
        "createdAt": deployment.created,
        "status": str(deployment.status),
        "lastUpdatedAt": deployment.modified,
        "failureMessage": deployment.failure_message,
    }
