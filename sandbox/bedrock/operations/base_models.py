"""Finding the foundation model that a request names."""

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.errors import ServiceError, denied
from sandbox.bedrock.lasting_faults import AuthorizationFault, LegacyFault
from sandbox.bedrock.operations.call import Call


def foundation_model(call: Call, identifier: str) -> FoundationModel | None:
    """Return the model of an id or ARN when this region offers it at this time."""
    prefix = call.scope.foundation_model_arn("")
    model_id = identifier.removeprefix(prefix)
    return call.simulation.catalogue.find(model_id, call.scope.region, call.now)


def refuse_without_access(model: FoundationModel, call: Call) -> None:
    """Raise AccessDeniedException for a model without access. The service's own text is not established."""
    fault = authorization_fault(model.model_id, call)
    if not call.simulation.may_use(model.model_id) or (fault and fault.enforced):
        raise without_access(model)


def without_access(model: FoundationModel) -> ServiceError:
    """Return the error for a model that the account may not use."""
    return denied(f"You don't have access to the model {model.model_id}")


def authorization_fault(model_id: str, call: Call) -> AuthorizationFault | None:
    """Return the fault for which a model is told as not authorized."""
    return call.simulation.faults.lasting(AuthorizationFault, lambda fault: fault.concerns(model_id))


def is_legacy(model: FoundationModel, call: Call) -> bool:
    """Tell whether a model is Legacy, by its dates or by a fault."""
    turned = call.simulation.faults.lasting(LegacyFault, lambda its: its.has_turned and its.model == model.model_id)
    return turned is not None or model.lifecycle.is_legacy(call.now)


def refuse_legacy(model: FoundationModel, call: Call, operation: str, what: str) -> None:
    """Raise when the model is Legacy: nothing new is begun on such a model.

    The service's own text is not established. Where a fault turns it Legacy, the fault's error is raised.
    """
    fault = call.simulation.faults.lasting(
        LegacyFault, lambda its: its.operation == operation and its.model in ("", model.model_id)
    )
    if fault is not None:
        fault.model, fault.has_turned = model.model_id, True
        raise ServiceError(fault.error, fault.message)
    if model.lifecycle.is_legacy(call.now):
        message = f"The model {model.model_id} is in its Legacy state: {what} is not possible any more"
        raise ServiceError(call.assumed.legacy_error, message)
