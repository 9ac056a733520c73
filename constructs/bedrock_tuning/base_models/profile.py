"""A base model that Bedrock can tune: what is known about it, and what that means for hyper-parameters."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, StringConstraints, model_validator

from bedrock_tuning.base_models.fields import Frozen, Source
from bedrock_tuning.base_models.hyper_parameter import canonical_undocumented
from bedrock_tuning.base_models.lifecycle import Lifecycle
from bedrock_tuning.base_models.profile_parts import (
    AccountLimits,
    Customization,
    CustomizationType,
    HyperParameters,
    Invocation,
    ServingModes,
)
from bedrock_tuning.common.messages import shown, suggestion

ServingMode = Literal["provisioned_throughput", "on_demand"]

# As botocore 1.43.106 has baseModelIdentifier, for a foundation model's id.
ModelId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}\.[a-z0-9-]{1,63}([.:]?[a-z0-9-]{1,63}){0,2}$")]

_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]{0,63}")


class UnknownBaseModelError(ValueError):
    """No profile has this base model id; the message lists those there are."""


class HyperParameterError(ValueError):
    """Hyper-parameters that the base model does not take; `problems` has one (name, message) for each."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems: tuple[tuple[str, str], ...] = tuple(problems)
        named = ((name if _is_name(name) else shown(name), message) for name, message in self.problems)
        super().__init__("\n".join(f"hyper-parameter {name}: {message}" for name, message in named))


class BaseModelProfile(Frozen):
    """What is known about one base model, from a file of the library or your own: `base_model(id)`.

    `id` is what Bedrock takes as baseModelIdentifier; `foundation_model_id` is the same without the context
    length. `inference_profile_id` invokes the untuned model where its own ID is not accepted. `untunable_ids` are
    variants of the model that cannot be tuned. `regions` are the Regions where it can be tuned, and may be empty.
    `customizations` has the data format and hyper-parameters of each customization type. What is absent is not
    established: a serving mode, a limit, a date, a default. `lifecycle` is None if no date is established.
    """

    id: ModelId
    name: str
    foundation_model_id: ModelId
    inference_profile_id: ModelId | None = None
    untunable_ids: tuple[ModelId, ...] = ()
    regions: tuple[str, ...]
    regions_source: Source
    lifecycle: Lifecycle | None = None
    customizations: Mapping[CustomizationType, Customization] = Field(min_length=1)
    serving: ServingModes = ServingModes()
    invocation: Invocation
    account: AccountLimits

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        for other in (self.id, *self.untunable_ids):
            if not other.startswith(self.foundation_model_id):
                raise ValueError(f"{other} must begin with foundation_model_id, {self.foundation_model_id}")
        return self

    def customization(self, customization_type: str) -> Customization:
        """Return what a customization type takes; raise ValueError for one that is not documented."""
        for known, customization in self.customizations.items():
            if known == customization_type:
                return customization
        why = f"must be {' or '.join(self.customizations)} for {self.name} (got {shown(customization_type)})"
        raise ValueError(f"{why}; correct customization_type, or choose another base model")

    @property
    def untuned_id(self) -> str:
        """The modelId by which the base model itself is asked."""
        return self.inference_profile_id or self.foundation_model_id

    @property
    def serving_modes(self) -> tuple[ServingMode, ...]:
        """The serving modes that are documented for this base model."""
        return tuple(mode for mode in get_args(ServingMode) if getattr(self.serving, mode) is not None)

    def is_over(self, today: dt.date) -> bool:
        """Tell whether a published date says that it takes no new training run on a day."""
        return self.lifecycle is not None and self.lifecycle.passed(today) is not None

    def unused_validation(self, customization_type: str) -> str | None:
        """Return the warning for validation data that a training run does not use; None where it does."""
        source = self.customization(customization_type).data.validation_source
        if source is None:
            return None
        why = f"{self.name} uses no validation data in training ({', '.join(source)})"
        does = "the file is not sent to Bedrock, and another file starts no other training run"
        return f"{why}: {does}; name it as test to keep it for an evaluation"

    def canonical_hyper_parameters(self, values: Mapping[str, object], customization_type: str) -> dict[str, str]:
        """Return the hyper-parameters as Bedrock gets them, sorted by name; what is not set stays unset.

        Raises HyperParameterError with every problem: unknown names, wrong types, values out of range.
        """
        its = self.customization(customization_type).hyper_parameters
        canonical: dict[str, str] = {}
        problems: list[tuple[str, str]] = []
        for name, value in values.items():
            try:
                canonical[name] = self._canonical(its, name, value)
            except ValueError as error:
                problems.append((name, str(error)))
        if problems:
            raise HyperParameterError(problems)
        return dict(sorted(canonical.items()))

    def needing_validation_data(self, names: Iterable[str], customization_type: str) -> tuple[str, ...]:
        """Return those of the names, sorted, that have no effect unless there is validation data."""
        known = self.customization(customization_type).hyper_parameters.known
        return tuple(sorted({name for name in names if name in known and known[name].needs_validation_data}))

    def _canonical(self, its: HyperParameters, name: str, value: object) -> str:
        known = its.known
        if name in known:
            return known[name].canonical(value)
        if its.documented and name not in its.seen:
            advice = suggestion(name, known=known, otherwise="remove it")
            why = f"is not a hyper-parameter of {self.name}"
            raise ValueError(f"{why}, which has {', '.join(sorted(known))}; {advice}")
        if not _is_name(name):
            allowed = "a letter, then up to 63 letters, digits, dots, underscores or hyphens"
            raise ValueError(f"the name must be {allowed}; correct the name")
        return canonical_undocumented(value)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None
