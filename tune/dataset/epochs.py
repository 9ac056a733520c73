"""How many times a training goes over its data, and who says so."""

from dataclasses import dataclass
from typing import Final

from tune.dataset.subject import Rules, file_of

_NAME: Final = "epochCount"


@dataclass(frozen=True)
class Passes:
    """How many epochs, and where it comes from."""

    count: int
    source: str


def epochs_of(given: int | None, rules: Rules) -> Passes | None:
    """Return the epochs that are given, else those of the settings, else the base model's default, if one is known."""
    if given is not None:
        return Passes(given, "as given")
    training = rules.model.training if rules.model else None
    if rules.model and training and _NAME in training.hyper_parameters:
        count = training.hyper_parameters[_NAME]
        return Passes(int(count), f"{_NAME} of {file_of(rules.model)}")
    known = rules.base_model.customization(rules.customization_type).hyper_parameters.known.get(_NAME)
    if known is None or known.default is None:
        return None
    return Passes(int(known.default), f"the default of {rules.base_model.name}")
