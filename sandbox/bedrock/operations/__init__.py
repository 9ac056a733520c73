"""What each simulated operation does: one module per kind of resource, and this table of them all.

A further kind of resource (copy jobs) is a module under `resources/`, one here, and its lines in the table.
"""

from collections.abc import Mapping
from typing import Final

from sandbox.bedrock.operations import (
    custom_models,
    customization_jobs,
    deployment_creation,
    deployments,
    foundation_models,
    invocation,
    job_creation,
    provisioned_throughputs,
    tags,
    throughput_creation,
)
from sandbox.bedrock.operations.call import Operation

OPERATIONS: Final[Mapping[str, Mapping[str, Operation]]] = {
    "bedrock": {
        "CreateModelCustomizationJob": job_creation.create,
        "GetModelCustomizationJob": customization_jobs.get,
        "ListModelCustomizationJobs": customization_jobs.list_all,
        "StopModelCustomizationJob": customization_jobs.stop,
        "GetCustomModel": custom_models.get,
        "ListCustomModels": custom_models.list_all,
        "DeleteCustomModel": custom_models.delete,
        "CreateProvisionedModelThroughput": throughput_creation.create,
        "GetProvisionedModelThroughput": provisioned_throughputs.get,
        "ListProvisionedModelThroughputs": provisioned_throughputs.list_all,
        "UpdateProvisionedModelThroughput": provisioned_throughputs.update,
        "DeleteProvisionedModelThroughput": provisioned_throughputs.delete,
        "CreateCustomModelDeployment": deployment_creation.create,
        "GetCustomModelDeployment": deployments.get,
        "ListCustomModelDeployments": deployments.list_all,
        "UpdateCustomModelDeployment": deployments.update,
        "DeleteCustomModelDeployment": deployments.delete,
        "TagResource": tags.tag,
        "UntagResource": tags.untag,
        "ListTagsForResource": tags.list_for_resource,
        "GetFoundationModel": foundation_models.get,
        "ListFoundationModels": foundation_models.list_all,
        "GetFoundationModelAvailability": foundation_models.get_availability,
    },
    "bedrock-runtime": {
        "InvokeModel": invocation.invoke,
        "Converse": invocation.converse,
    },
}
