"""Where an environment is: the little of its file that holds while the rest is wrong."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bedrock_tuning.common.messages import shown
from settings.app import App, Pipeline
from settings.bootstrap import Bootstrap
from settings.environment import Environment
from settings.fields import Account, EnvironmentName, Region, StackPrefix
from settings.folder import APP_FILE, environment_file, environment_names, exists
from settings.messages import field_problems
from settings.problems import SettingsError, SettingsProblem, SettingsTable
from settings.stack_names import DEFAULT_PREFIX
from settings.toml_file import label, read_toml


def _bootstrap(value: object) -> Bootstrap:
    """Return what the file says of the bootstrap; the CDK's default where that is wrong, which ends no destroy."""
    try:
        return Bootstrap.model_validate(value)
    except ValidationError:
        return Bootstrap()


class EnvironmentLocation(BaseModel):
    """Account, Region and names of an environment; the rest of its file is not looked at, and need not be right."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: EnvironmentName
    account: Account
    region: Region
    stack_prefix: StackPrefix = DEFAULT_PREFIX
    bootstrap: Annotated[Bootstrap, BeforeValidator(_bootstrap)] = Field(default_factory=Bootstrap)


def locate(folder: Path, environment: str) -> EnvironmentLocation:
    """Return where an environment is; raise SettingsError for what is wrong with these keys."""
    path = environment_file(folder, environment)
    document = {**read_toml(path), "name": environment}
    try:
        return EnvironmentLocation.model_validate(document)
    except ValidationError as error:
        raise _refused(path, error, Environment) from None


def prefix_of(folder: Path, environment: str) -> str:
    """Return what an environment's stacks begin with, as far as its file can be read; else the default."""
    try:
        prefix = read_toml(environment_file(folder, environment)).get("stack_prefix")
    except SettingsError:
        return DEFAULT_PREFIX
    return prefix if isinstance(prefix, str) else DEFAULT_PREFIX


def _load_app_file(folder: Path) -> App:
    """Return what `app.toml` says, the defaults without one; raise SettingsError when it is wrong."""
    path = folder / APP_FILE
    try:
        return App.model_validate(read_toml(path)) if exists(path) else App()
    except ValidationError as error:
        raise _refused(path, error, App) from None


def load_pipeline(folder: Path) -> Pipeline:
    """Return `[pipeline]` of `app.toml`; raise SettingsError when it is wrong or missing, or an environment is."""
    found = _load_app_file(folder).pipeline
    if found is None:
        raise _wrong(folder, "pipeline", "is missing; add it, with repository, account, region and environments")
    known = environment_names(folder)
    if unknown := [each for each in found.environments if each not in known]:
        named = ", ".join(shown(each) for each in unknown)
        there_are = f"there are {', '.join(known)}" if known else f"{label(folder)} has none"
        message = f"names {named}, and {there_are}; add a folder for the environment first, or correct the name"
        raise _wrong(folder, "pipeline.environments", message)
    return found


def _wrong(folder: Path, place: str, message: str) -> SettingsError:
    return SettingsError([SettingsProblem(file=label(folder / APP_FILE), place=place, message=message)])


def load_app(folder: Path) -> str:
    """Return whose stacks these are; raise SettingsError when `app.toml` is wrong."""
    return _load_app_file(folder).app


def _refused(path: Path, error: ValidationError, file: type[SettingsTable]) -> SettingsError:
    problems = field_problems(error, file)
    return SettingsError(SettingsProblem(file=label(path), place=place, message=text) for place, text in problems)
