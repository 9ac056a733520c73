"""Finding the foundation model that a request names."""

from sandbox.bedrock.catalogue import FoundationModel
from sandbox.bedrock.errors import denied, invalid
from sandbox.bedrock.operations.call import Call


def foundation_model(call: Call, identifier: str) -> FoundationModel | None:
    """Return the model of an id or ARN when this region offers it at this time."""
    prefix = call.scope.foundation_model_arn("")
    model_id = identifier.removeprefix(prefix)
    return call.simulation.catalogue.find(model_id, call.scope.region, call.now)


def refuse_without_access(model: FoundationModel, call: Call) -> None:
    """Raise AccessDeniedException for a model without access. The service's own text is not established."""
    if not call.simulation.may_use(model.model_id):
        raise denied(f"You don't have access to the model {model.model_id}")


def refuse_legacy(model: FoundationModel, call: Call, what: str) -> None:
    """Raise ValidationException when the model is Legacy: nothing new is begun on such a model.

    The service's own text is not established.
    """
    if model.lifecycle.is_legacy(call.now):
        raise invalid(f"The model {model.model_id} is in its Legacy state: {what} is not possible any more")
