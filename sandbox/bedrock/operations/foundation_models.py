"""GetFoundationModel, ListFoundationModels, GetFoundationModelAvailability."""

from typing import Any

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.errors import ServiceError, not_found
from sandbox.bedrock.operations.base_models import authorization_fault, foundation_model, is_legacy
from sandbox.bedrock.operations.call import Call, Params, Result


def get(call: Call, params: Params) -> Result:
    """GetFoundationModel."""
    model = foundation_model(call, params["modelIdentifier"]) or _past(call, params["modelIdentifier"])
    if model is None or (call.assumed.variants_told_as == "not-found" and model.is_variant):
        raise not_found(f"Could not resolve the foundation model from {params['modelIdentifier']}")
    return {"modelDetails": _details(call, model)}


def list_all(call: Call, params: Params) -> Result:
    """ListFoundationModels."""
    models = call.simulation.catalogue.available(call.scope.region, call.now)
    return {"modelSummaries": [_details(call, model) for model in models if _matches(call, model, params)]}


def get_availability(call: Call, params: Params) -> Result:
    """GetFoundationModelAvailability."""
    model_id = params["modelId"]
    if not call.simulation.catalogue.known(model_id):
        raise not_found(f"Could not resolve the foundation model from {model_id}")
    wrong = "" if call.simulation.may_use(model_id) else call.assumed.without_access
    is_authorized = wrong != "authorization" and not authorization_fault(model_id, call)
    return {
        "modelId": model_id,
        "agreementAvailability": {"status": _available(wrong != "agreement")},
        "authorizationStatus": "AUTHORIZED" if is_authorized else "NOT_AUTHORIZED",
        "entitlementAvailability": _available(wrong != "entitlement"),
        "regionAvailability": _available(foundation_model(call, model_id) is not None),
    }


def _available(is_available: bool) -> str:
    return "AVAILABLE" if is_available else "NOT_AVAILABLE"


def _past(call: Call, identifier: str) -> FoundationModel | None:
    """Return a model whose end of life has passed, where it is told still."""
    model = call.simulation.catalogue.past(identifier, call.scope.region, call.now)
    if model is None or call.assumed.past_end_of_life == "ResourceNotFoundException":
        return None
    if call.assumed.past_end_of_life == "told":
        return model
    raise ServiceError(call.assumed.past_end_of_life, "The provided model identifier is invalid.")


def _customizations(call: Call, model: FoundationModel) -> list[str]:
    is_told = call.assumed.variants_told_as == "listed" or not model.is_variant
    return model.customizations(call.scope.region) if is_told else []


def _matches(call: Call, model: FoundationModel, params: Params) -> bool:
    wanted = {
        "byProvider": (model.provider,),
        "byCustomizationType": _customizations(call, model),
        "byOutputModality": model.output_modalities,
        "byInferenceType": model.inference_types,
    }
    return all(params[name] in values for name, values in wanted.items() if name in params)


def _details(call: Call, model: FoundationModel) -> dict[str, Any]:
    lifecycle = model.lifecycle
    return {
        "modelArn": call.scope.foundation_model_arn(model.model_id),
        "modelId": model.model_id,
        "modelName": model.name,
        "providerName": model.provider,
        "inputModalities": list(model.input_modalities),
        "outputModalities": list(model.output_modalities),
        "customizationsSupported": _customizations(call, model),
        "inferenceTypesSupported": list(model.inference_types),
        "modelLifecycle": {
            "status": "LEGACY" if is_legacy(model, call) else "ACTIVE",
            "legacyTime": lifecycle.legacy,
            "publicExtendedAccessTime": lifecycle.public_extended_access,
            "endOfLifeTime": lifecycle.end_of_life,
        },
    }
