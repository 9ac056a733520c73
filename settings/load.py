"""Loads the files in `environments/` and reports everything that is wrong with them at once."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from bedrock_tuning.base_models import BaseModels
from bedrock_tuning.base_models.advice import utc_today
from settings.base_models import load_base_models
from settings.location import EnvironmentLocation, load_whereabouts
from settings.messages import field_problems
from settings.model import Environment
from settings.organization_rules import broken_organization_rules
from settings.problems import SettingsError, SettingsProblem
from settings.rules import broken_rules
from settings.toml_file import label, read_toml


def load_environments(folder: Path, *, today: dt.date | None = None) -> list[Environment]:
    """Return the environments that a folder's `.toml` files describe, sorted by name.

    They may name the base models of the library, and those of profiles in the folder's `base_models/`. `today`
    decides which base models a message proposes; default: the day in UTC. Raises SettingsError with every problem of
    every file, or when there is no file at all.
    """
    environments: list[Environment] = []
    base_models, wrong_profiles = load_base_models(folder)
    problems = list(wrong_profiles)
    for path in sorted(folder.glob("*.toml")):
        try:
            environments.append(_load(path, base_models, today or utc_today()))
        except SettingsError as error:
            # A base model may be unknown because its profile is wrong, which is told already.
            told = {"training.base_model"} if wrong_profiles else set()
            problems.extend(problem for problem in error.problems if problem.place not in told)
    problems.extend(_shared_names(environments, folder))
    if not environments and not problems:
        why = "defines no environment; allowed one .toml file for each; add one, or correct the folder's name"
        problems.append(SettingsProblem(file=label(folder), place="folder", message=why))
    if problems:
        raise SettingsError(problems)
    return sorted(environments, key=lambda environment: environment.environment)


def load_environment(path: Path, *, today: dt.date | None = None) -> Environment:
    """Return the environment that one file describes; raise SettingsError with every problem of the file.

    Base models and `today` are as for `load_environments`.
    """
    base_models, problems = load_base_models(path.parent)
    if problems:
        raise SettingsError(problems)
    return _load(path, base_models, today or utc_today())


def load_one_environment(folder: Path, name: str, *, today: dt.date | None = None) -> Environment:
    """Return one environment of a folder; raise SettingsError with every problem of its file.

    Files of others may be wrong, or name data that is not here: only what they are called is read, since two that make
    the same names in Bedrock are a problem of both. Base models and `today` are as for `load_environments`.
    """
    environment = load_environment(folder / f"{name}.toml", today=today)
    if problems := list(_shared_names([*_others(folder, name), environment], folder)):
        raise SettingsError(problems)
    return environment


def _others(folder: Path, name: str) -> Iterator[EnvironmentLocation]:
    for path in sorted(folder.glob("*.toml")):
        if path.stem != name:
            with suppress(SettingsError):
                yield load_whereabouts(path)


def _load(path: Path, base_models: BaseModels, today: dt.date) -> Environment:
    document = read_toml(path)
    found: list[tuple[str, str]] = []
    if "environment" in document:
        why = "is not a key; allowed only as the name of the file"
        found.append(("environment", f"{why}; remove the line, and rename the file if need be"))
    environment: Environment | None = None
    try:
        values = {**document, "environment": path.stem}
        environment = Environment.model_validate(values, context={"folder": path.parent, "base_models": base_models})
    except ValidationError as error:
        found.extend(field_problems(error))
    found.extend(broken_rules(document, base_models, today))
    found.extend(broken_organization_rules(document))
    if environment is None or found:
        raise SettingsError(SettingsProblem(file=label(path), place=place, message=text) for place, text in found)
    return environment


def _shared_names(environments: Iterable[Environment | EnvironmentLocation], folder: Path) -> Iterator[SettingsProblem]:
    """Yield environments that Bedrock could not tell apart: name `a` in `b-c` and name `a-b` in `c`."""
    seen: dict[tuple[str, str, str], Environment | EnvironmentLocation] = {}
    for environment in environments:
        joined = f"{environment.name}-{environment.environment}"
        other = seen.setdefault((environment.account, environment.region, joined), environment)
        if other is not environment:
            why = f"makes names in Bedrock that start with {joined}-, as {other.environment}.toml does"
            file = label(folder / f"{environment.environment}.toml")
            message = f"{why}; allowed one file for each beginning in an account; choose another name"
            yield SettingsProblem(file=file, place="name", message=message)
