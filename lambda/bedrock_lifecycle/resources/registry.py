"""What is there of resources, by resource type: the physical id of each, and everything that serves a model."""

from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources import (
    custom_model_deployment,
    evaluation,
    evaluation_await,
    model_customization,
    promoted_model,
    provisioned_throughput,
    quality_gate,
    serving_bake,
    training_await,
)
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.custom_model_deployment import CustomModelDeployment
from bedrock_lifecycle.resources.provisioned_throughput import ProvisionedThroughput
from bedrock_lifecycle.resources.serving import Serving

_PHYSICAL_ID_OF: Final = {
    contract.MODEL_CUSTOMIZATION: model_customization.physical_id,
    contract.TRAINING_AWAIT: training_await.physical_id,
    contract.PROVISIONED_THROUGHPUT: provisioned_throughput.physical_id,
    contract.CUSTOM_MODEL_DEPLOYMENT: custom_model_deployment.physical_id,
    contract.PROMOTED_MODEL: promoted_model.physical_id,
    contract.SERVING_BAKE: serving_bake.physical_id,
    contract.EVALUATION: evaluation.physical_id,
    contract.EVALUATION_AWAIT: evaluation_await.physical_id,
    contract.QUALITY_GATE: quality_gate.physical_id,
}


def physical_id(request: Request) -> PhysicalId:
    """Return the physical id of a request's resource."""
    if request.resource_type not in _PHYSICAL_ID_OF:
        raise BadProperty(
            f"ResourceType: must be one of {', '.join(sorted(_PHYSICAL_ID_OF))} (got {request.resource_type})"
        )
    return _PHYSICAL_ID_OF[request.resource_type](request)


def serving_resources(
    bedrock: Bedrock, preflight: Preflight, store: Store | None = None
) -> dict[str, Serving[Any, Any]]:
    """Return the resources that serve a model, each knowing the others; `store` has the numbers that gates judge."""
    throughput = ProvisionedThroughput(bedrock, preflight, store)
    deployment = CustomModelDeployment(bedrock, preflight, store)
    throughput.others, deployment.others = (deployment,), (throughput,)
    return {contract.PROVISIONED_THROUGHPUT: throughput, contract.CUSTOM_MODEL_DEPLOYMENT: deployment}
