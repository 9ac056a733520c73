"""Where an environment is: the little of a settings file that holds without its data files."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from settings.fields import Account, EnvironmentName, Name, Region
from settings.messages import field_problems
from settings.problems import Problem, SettingsError
from settings.toml_file import label, read_toml


class Whereabouts(BaseModel):
    """Account, Region and names of an environment; the rest of its file is not looked at, and need not be right."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    environment: EnvironmentName
    name: Name
    account: Account
    region: Region


def load_whereabouts(path: Path) -> Whereabouts:
    """Return where the environment of one file is; raise SettingsError for what is wrong with these keys."""
    try:
        return Whereabouts.model_validate({**read_toml(path), "environment": path.stem})
    except ValidationError as error:
        problems = field_problems(error)
        raise SettingsError(Problem(file=label(path), place=place, message=text) for place, text in problems) from None
