"""The physical id of a request's resource, by resource type."""

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources import (
    custom_model_deployment,
    model_customization,
    provisioned_throughput,
    training_await,
)

_PHYSICAL_ID_OF = {
    contract.MODEL_CUSTOMIZATION: model_customization.physical_id,
    contract.TRAINING_AWAIT: training_await.physical_id,
    contract.PROVISIONED_THROUGHPUT: provisioned_throughput.physical_id,
    contract.CUSTOM_MODEL_DEPLOYMENT: custom_model_deployment.physical_id,
}


def of(request: Request) -> PhysicalId:
    if request.resource_type not in _PHYSICAL_ID_OF:
        raise BadProperty(f"ResourceType: {request.resource_type} is not one of {', '.join(sorted(_PHYSICAL_ID_OF))}")
    return _PHYSICAL_ID_OF[request.resource_type](request)
