"""A team's own base models: profiles in `base_models/` beside the environments, checked like those of the library."""

from pathlib import Path

from bedrock_tuning.base_models import BaseModelProfile, BaseModels, ProfileError, every_model, profiles_of
from bedrock_tuning.common.messages import shown
from settings.folder import BASE_MODELS
from settings.problems import SettingsError, SettingsProblem
from settings.toml_file import label, read_toml


def load_base_models(folder: Path) -> tuple[BaseModels, list[SettingsProblem]]:
    """Return the library's base models with the team's own, and everything that is wrong with the latter.

    An id that has a profile already is a problem: see docs/adr/0007-a-base-model-has-one-profile.md.
    """
    held = {profile.id: (profile, "the library's bedrock_tuning/base_models") for profile in BaseModels.shipped()}
    problems: list[SettingsProblem] = []
    for path in sorted((folder / BASE_MODELS).glob("*.toml")):
        profiles, refused = _read(path)
        problems.extend(refused)
        for profile in profiles:
            if profile.id in held:
                received = f"{shown(profile.id)}, which has one in {held[profile.id][1]}"
                message = f"must be without a profile (got {received}); correct that one, and remove this one"
                problems.append(SettingsProblem(file=label(path), place="id", message=message))
            else:
                held[profile.id] = profile, label(path)
    return BaseModels(profile for profile, _ in held.values()), problems


def _read(path: Path) -> tuple[tuple[BaseModelProfile, ...], tuple[SettingsProblem, ...]]:
    try:
        return profiles_of(read_toml(path), every_model()), ()
    except SettingsError as error:
        return (), error.problems
    except ProfileError as error:
        return (), tuple(SettingsProblem(file=label(path), place=place, message=text) for place, text in error.problems)
