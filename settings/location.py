"""Where an environment is: the little of a settings file that holds without its data files."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from settings.fields import Account, EnvironmentName, Name, Region
from settings.messages import field_problems
from settings.problems import SettingsError, SettingsProblem
from settings.toml_file import label, read_toml


class EnvironmentLocation(BaseModel):
    """Account, Region and names of an environment; the rest of its file is not looked at, and need not be right."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    environment: EnvironmentName
    name: Name
    account: Account
    region: Region


def load_whereabouts(path: Path) -> EnvironmentLocation:
    """Return where the environment of one file is; raise SettingsError for what is wrong with these keys."""
    try:
        return EnvironmentLocation.model_validate({**read_toml(path), "environment": path.stem})
    except ValidationError as error:
        problems = field_problems(error)
        raise SettingsError(
            SettingsProblem(file=label(path), place=place, message=text) for place, text in problems
        ) from None
