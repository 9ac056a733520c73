"""The base models that can be named: those that come with the library, and a team's own."""

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from bedrock_tuning.base_models.lifecycle import utc_today
from bedrock_tuning.base_models.profile import BaseModelProfile, UnknownBaseModelError
from bedrock_tuning.base_models.profile_file import profiles_of, read_document
from bedrock_tuning.common.messages import shown, suggestion

_FOLDER: Final = Path(__file__).parent
_EVERY_MODEL: Final = "every_model.toml"
_LONGEST_ARN: Final = 200
_HELD_BY_ARN: Final = re.compile(r"arn:[^:]*:bedrock:[^:]*:[^:]*:(?P<kind>[a-z-]+)/(?P<id>.*)")


class BaseModels:
    """The base models that you can use, sorted by ID: `BaseModels.shipped()`, or these with your own.

    Args:
        profiles: Their profiles; of two with the same ID, the later one counts.
    """

    def __init__(self, profiles: Iterable[BaseModelProfile]) -> None:
        self._profiles = {profile.id: profile for profile in sorted(profiles, key=lambda profile: profile.id)}

    def __iter__(self) -> Iterator[BaseModelProfile]:
        return iter(self._profiles.values())

    def __contains__(self, base_model_id: object) -> bool:
        return base_model_id in self._profiles

    @staticmethod
    @functools.cache
    def shipped() -> "BaseModels":
        """Return the base models of the library: one file for each family, in this folder."""
        files = sorted(path for path in _FOLDER.glob("*.toml") if path.name != _EVERY_MODEL)
        return BaseModels(profile for path in files for profile in profiles_of(read_document(path), every_model()))

    def of(self, base_model_id: str, today: dt.date | None = None) -> BaseModelProfile:
        """Return the profile of an ID; raise UnknownBaseModelError if there is none.

        The message first names the one that is probably meant, then those that can be tuned `today`, by default the day
        in UTC.
        """
        if base_model_id in self._profiles:
            return self._profiles[base_model_id]
        day = today or utc_today()
        received = shown(base_model_id, longest=_LONGEST_ARN)
        tunable = ", ".join(profile.id for profile in self if profile.regions and not profile.is_over(day))
        raise UnknownBaseModelError(
            f"must be the ID of a base model that this project knows (got {received}); {self._advice(base_model_id)} "
            f"By AWS's published dates, these can be tuned: {tunable or 'none'}. "
            "docs/reference/base-models.md lists all"
        )

    def tuned_from(self, base_model_id: str) -> BaseModelProfile | None:
        """Return the profile of an ID, which may lack the context length if it is unambiguous; or None."""
        if base_model_id in self._profiles:
            return self._profiles[base_model_id]
        found = [profile for profile in self if profile.foundation_model_id == base_model_id]
        return found[0] if len(found) == 1 else None

    def _advice(self, base_model_id: str) -> str:
        """Return what to do about an id that has no profile; ARNs and inference profiles hold one."""
        arn = _HELD_BY_ARN.fullmatch(base_model_id)
        if arn and arn["kind"] == "custom-model":
            return "that model is already tuned: serve it as serving.model_arn."
        held = arn["id"] if arn else base_model_id
        for wanted in (held, held.partition(".")[2]):  # an inference profile begins with where it routes to
            if found := self.tuned_from(wanted):
                return f"did you mean {found.id}?"
        return suggestion(held, known=self._profiles, otherwise="choose another, or add its profile.")

    def tunable(self, region: str, today: dt.date) -> tuple[BaseModelProfile, ...]:
        """Return the base models that can be tuned in a Region on a day, by their published dates."""
        there = (profile for profile in self if region in profile.regions)
        return tuple(each for each in there if not each.is_over(today))


def base_model(base_model_id: str) -> BaseModelProfile:
    """Return the profile of a base model of the library.

    Args:
        base_model_id: Bedrock's baseModelIdentifier.

    Raises:
        UnknownBaseModelError: If no profile has this ID; the message names those that can be tuned.
    """
    return BaseModels.shipped().of(base_model_id)


@functools.cache
def every_model() -> dict[str, object]:
    """Return the tables that hold for every base model, unless its own file says otherwise."""
    return read_document(_FOLDER / _EVERY_MODEL)


def profiles() -> tuple[BaseModelProfile, ...]:
    """Return every profile that comes with the library, sorted by id."""
    return tuple(BaseModels.shipped())
