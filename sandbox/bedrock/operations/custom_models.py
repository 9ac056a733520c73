"""GetCustomModel, ListCustomModels, DeleteCustomModel."""

from typing import Any

from sandbox.bedrock.catalogue import FINE_TUNING
from sandbox.bedrock.errors import conflict, not_found
from sandbox.bedrock.operations.call import NOTHING, Call, Params, Result
from sandbox.bedrock.operations.customization_jobs import metrics, told_hyper_parameters
from sandbox.bedrock.operations.listing import page
from sandbox.bedrock.operations.sight import listed, named
from sandbox.bedrock.resources.custom_model import CustomModel


def get(call: Call, params: Params) -> Result:
    """GetCustomModel."""
    model = _existing(call, params)
    job, request = model.job, model.job.request
    return {
        "modelArn": model.arn,
        "modelName": model.name,
        "jobName": job.name,
        "jobArn": job.arn,
        "baseModelArn": call.scope.foundation_model_arn(model.base.model_id),
        "customizationType": FINE_TUNING,
        "modelKmsKeyArn": job.key_arn,
        "hyperParameters": told_hyper_parameters(call, job),
        "trainingDataConfig": request["trainingDataConfig"],
        "validationDataConfig": request.get("validationDataConfig"),
        "outputDataConfig": request["outputDataConfig"],
        "creationTime": model.created,
        "modelStatus": "Active",
        **metrics(job),
    }


def list_all(call: Call, params: Params) -> Result:
    """ListCustomModels. All models are the caller's own, and Active: one that is being made is not a model yet."""
    seen = listed(call, "model", call.region.models.values())
    found = [model for model in seen if _matches(call, model, params)]
    models, token = page(found, params)
    return {"modelSummaries": [_summary(call, model) for model in models], "nextToken": token}


def delete(call: Call, params: Params) -> Result:
    """DeleteCustomModel."""
    model = _existing(call, params)
    for user in call.region.serving():
        if model.arn in user.uses and call.assumed.keeps_served_models:
            raise conflict(f"The custom model {model.name} is used by {user.arn}")
    del call.region.models[model.arn]
    del call.region.tags[model.arn]
    return NOTHING


def _existing(call: Call, params: Params) -> CustomModel:
    model = named(call, "model", call.region.models, params["modelIdentifier"])
    if model is None:
        raise not_found(f"The custom model {params['modelIdentifier']} was not found")
    return model


def _matches(call: Call, model: CustomModel, params: Params) -> bool:
    base_arn = call.scope.foundation_model_arn(model.base.model_id)
    return (
        params.get("baseModelArnEquals", base_arn) == base_arn
        and params.get("foundationModelArnEquals", base_arn) == base_arn
        and params.get("modelStatus", "Active") == "Active"
        and params.get("isOwned", True) is True
    )


def _summary(call: Call, model: CustomModel) -> dict[str, Any]:
    return {
        "modelArn": model.arn,
        "modelName": model.name,
        "creationTime": model.created,
        "baseModelArn": call.scope.foundation_model_arn(model.base.model_id),
        # The service model wants the form provider.name here, which an id has up to its version.
        "baseModelName": model.base.model_id.partition(":")[0],
        "customizationType": FINE_TUNING,
        "ownerAccountId": call.scope.account,
        "modelStatus": "Active",
    }
