"""The hyper-parameters of a job: the ones that were sent, and the ones it runs with."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sandbox.bedrock.catalogue.models import HyperParameter, Recipe
from sandbox.bedrock.errors import invalid

# A training must last some number of epochs, also where nobody has documented how many.
_EPOCHS: Final = HyperParameter("integer", Decimal(1), Decimal(1000), Decimal(2))


def effective(recipe: Recipe, sent: Mapping[str, str]) -> dict[str, Decimal]:
    """Return every hyper-parameter of the base model, sent or default; raise ValidationException.

    Bedrock takes them as strings, and only those that the base model has. Where these are not documented, the
    simulation takes any, and goes by epochCount alone.
    """
    known = recipe.hyper_parameters
    if known is None:
        return {"epochCount": _parse("epochCount", sent, _EPOCHS)}
    unknown = sorted(sent.keys() - known.keys())
    if unknown:
        raise invalid(f"Unknown hyperparameters {', '.join(unknown)}: the base model takes {', '.join(known)}")
    return {name: _parse(name, sent, parameter) for name, parameter in known.items()}


def _parse(name: str, sent: Mapping[str, str], parameter: HyperParameter) -> Decimal:
    if name not in sent:
        return parameter.default
    try:
        return parameter.parse(sent[name])
    except ValueError as error:
        raise invalid(f"Hyperparameter {name} {error}") from None
