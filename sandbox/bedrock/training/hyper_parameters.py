"""The hyper-parameters of a job: the ones that were sent, and the ones it runs with."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.bedrock.catalogue.models import Recipe
from sandbox.bedrock.errors import invalid


def effective(recipe: Recipe, sent: Mapping[str, str]) -> dict[str, Decimal]:
    """Return every hyper-parameter of the base model, sent or default; raise ValidationException.

    Bedrock takes them as strings, and only those that the base model has.
    """
    unknown = sorted(sent.keys() - recipe.hyper_parameters.keys())
    if unknown:
        raise invalid(
            f"Unknown hyperparameters {', '.join(unknown)}: the base model takes {', '.join(recipe.hyper_parameters)}"
        )
    values = {name: parameter.default for name, parameter in recipe.hyper_parameters.items()}
    for name, text in sent.items():
        try:
            values[name] = recipe.hyper_parameters[name].parse(text)
        except ValueError as error:
            raise invalid(f"Hyperparameter {name} {error}") from None
    return values
