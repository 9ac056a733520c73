"""Base models that Bedrock can tune: one profile each, read from the TOML files beside this module."""

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, Self

from bedrock_tuning.base_models.data_limits import DataLimits
from bedrock_tuning.base_models.frozen import Frozen
from bedrock_tuning.base_models.hyper_parameter import canonical_undocumented
from bedrock_tuning.base_models.profile_parts import HyperParameters, Invocation, LifecycleEvent, Serving
from bedrock_tuning.base_models.wording import shown, suggestion

ServingMode = Literal["provisioned_throughput", "on_demand"]

_FOLDER: Final = Path(__file__).parent
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]{0,63}")


class UnknownBaseModelError(ValueError):
    """No profile has this base model id; the message lists those there are."""


class HyperParameterError(ValueError):
    """Hyper-parameters that the base model does not take; `problems` has one (name, message) for each."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        named = ((name if _is_name(name) else shown(name), message) for name, message in self.problems)
        super().__init__("\n".join(f"hyper-parameter {name}: {message}" for name, message in named))


class BaseModelProfile(Frozen):
    """What is known about one base model: `BaseModelProfile.of("amazon.nova-micro-v1:0:128k")`.

    `id` is what Bedrock takes as baseModelIdentifier; `foundation_model_id` is the same without the context
    length. `untunable_ids` are variants of the model that exist but cannot be tuned. `regions` are those
    where it can be tuned.
    """

    id: str
    name: str
    foundation_model_id: str
    untunable_ids: tuple[str, ...] = ()
    regions: tuple[str, ...]
    regions_source: str
    lifecycle: tuple[LifecycleEvent, ...] = ()
    data: DataLimits
    hyper_parameters: HyperParameters
    serving: Serving
    invocation: Invocation

    @classmethod
    def of(cls, base_model_id: str) -> "BaseModelProfile":
        """Return the profile of a base model id; raise UnknownBaseModelError for an id that has none."""
        for profile in profiles():
            if profile.id == base_model_id:
                return profile
        ids = [profile.id for profile in profiles()]
        advice = suggestion(base_model_id, known=ids, otherwise="choose one, or add its profile")
        why = "is not a base model that can be tuned here"
        raise UnknownBaseModelError(f"{shown(base_model_id)} {why}; allowed {', '.join(ids)}; {advice}")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the profile that a TOML file holds; decimals stay exact."""
        return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))

    @property
    def serving_modes(self) -> tuple[ServingMode, ...]:
        """The serving modes that this base model offers."""
        modes: tuple[ServingMode, ...] = ("provisioned_throughput", "on_demand")
        return tuple(mode for mode in modes if getattr(self.serving, mode) is not None)

    def canonical_hyper_parameters(self, values: Mapping[str, object]) -> dict[str, str]:
        """Return the hyper-parameters as Bedrock gets them, sorted by name; what is not set stays unset.

        Raises HyperParameterError with every problem: unknown names, wrong types, values out of range.
        """
        canonical: dict[str, str] = {}
        problems: list[tuple[str, str]] = []
        for name, value in values.items():
            try:
                canonical[name] = self._canonical(name, value)
            except ValueError as error:
                problems.append((name, str(error)))
        if problems:
            raise HyperParameterError(problems)
        return dict(sorted(canonical.items()))

    def needing_validation_data(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names, sorted, that have no effect unless there is validation data."""
        known = self.hyper_parameters.known
        return tuple(sorted({name for name in names if name in known and known[name].needs_validation_data}))

    def _canonical(self, name: str, value: object) -> str:
        known = self.hyper_parameters.known
        if name in known:
            return known[name].canonical(value)
        if self.hyper_parameters.documented:
            advice = suggestion(name, known=known, otherwise="remove it")
            why = f"is not a hyper-parameter of {self.name}"
            raise ValueError(f"{why}; allowed {', '.join(sorted(known))}; {advice}")
        if not _is_name(name):
            allowed = "a letter, then up to 63 letters, digits, dots, underscores or hyphens"
            raise ValueError(f"is not a name; allowed {allowed}; correct it")
        return canonical_undocumented(value)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


@functools.cache
def profiles() -> tuple[BaseModelProfile, ...]:
    """Return every profile, sorted by id."""
    read = [BaseModelProfile.read(path) for path in _FOLDER.glob("*.toml")]
    return tuple(sorted(read, key=lambda profile: profile.id))
