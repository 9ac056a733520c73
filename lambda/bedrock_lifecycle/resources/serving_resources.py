"""Everything that serves a model, by resource type."""

from typing import Any

from bedrock_lifecycle import contract
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.custom_model_deployment import CustomModelDeployment
from bedrock_lifecycle.resources.provisioned_throughput import ProvisionedThroughput
from bedrock_lifecycle.resources.serving import Serving


def serving_resources(bedrock: Bedrock, preflight: Preflight) -> dict[str, Serving[Any, Any]]:
    """Return the resources of the serving reconciler, each knowing the others."""
    throughput, deployment = ProvisionedThroughput(bedrock, preflight), CustomModelDeployment(bedrock, preflight)
    throughput.others, deployment.others = (deployment,), (throughput,)
    return {contract.PROVISIONED_THROUGHPUT: throughput, contract.CUSTOM_MODEL_DEPLOYMENT: deployment}
