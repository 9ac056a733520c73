"""Where an environment is: the little of its file that holds while the rest is wrong."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from settings.environment import Environment
from settings.fields import Account, EnvironmentName, Region, StackPrefix
from settings.folder import environment_file
from settings.messages import field_problems
from settings.problems import SettingsError, SettingsProblem
from settings.stack_names import DEFAULT_PREFIX
from settings.toml_file import label, read_toml


class EnvironmentLocation(BaseModel):
    """Account, Region and names of an environment; the rest of its file is not looked at, and need not be right."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: EnvironmentName
    account: Account
    region: Region
    stack_prefix: StackPrefix = DEFAULT_PREFIX


def locate(folder: Path, environment: str) -> EnvironmentLocation:
    """Return where an environment is; raise SettingsError for what is wrong with these keys."""
    path = environment_file(folder, environment)
    return located({**read_toml(path), "name": environment}, path)


def located(document: Mapping[str, object], path: Path) -> EnvironmentLocation:
    """Return what a document says of it; raise SettingsError for what is wrong with these keys."""
    try:
        return EnvironmentLocation.model_validate(document)
    except ValidationError as error:
        raise SettingsError(
            SettingsProblem(file=label(path), place=place, message=text)
            for place, text in field_problems(error, Environment)
        ) from None
