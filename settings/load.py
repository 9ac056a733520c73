"""Loads environments and their models, and reports everything that is wrong with them at once."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from bedrock_tuning.base_models.lifecycle import utc_today
from settings.app import DEFAULT_APP
from settings.base_models import load_base_models
from settings.environment import Environment
from settings.evaluation_rules import broken_asking_rules, broken_gate_rules
from settings.folder import environment_file, environment_names, misplaced, model_file, model_names, unread
from settings.location import EnvironmentLocation, load_app, locate
from settings.messages import field_problems
from settings.model import Model
from settings.organization_rules import broken_organization_rules
from settings.problems import SettingsError, SettingsProblem, SettingsTable
from settings.promotion import giving_environments, key_that_may_not_be_used
from settings.rules import broken_environment_rules, broken_rules
from settings.stack_names import stack_name
from settings.toml_file import label, read_toml

A = TypeVar("A", bound=SettingsTable)
T = TypeVar("T")

Found = Iterable[tuple[str, str]]

_NO_KEY: Final = (
    "is not a key: the name of the file or its folder says it; remove the line, and rename that if necessary"
)


@dataclass(frozen=True)
class EnvironmentSettings:
    """One environment and the models in it, sorted by name."""

    environment: Environment
    models: tuple[Model, ...]


@dataclass(frozen=True)
class _Named:
    """A model by its name, in an environment whose place is known."""

    environment: EnvironmentLocation
    model: str


def load_environments(folder: Path, *, today: dt.date | None = None) -> list[EnvironmentSettings]:
    """Return the environments of a folder with their models, sorted by name.

    They may name the base models of the library, and those of profiles in the folder's `base_models/`. `today`
    decides which base models a message proposes; default: the day in UTC. Raises SettingsError with every problem of
    every file, or when there is no environment at all.
    """
    loading = _Loading(folder, today)
    found = [loading.environment(name) for name in environment_names(folder)]
    loading.check(misplaced(folder))
    loading.check(_shared_names(_named(folder), folder))
    loading.check(_shared_foundations(folder))
    if not found and not loading.problems:
        why = "has no environment, which is a folder with environment.toml; add one, or correct the name"
        loading.check([SettingsProblem(file=label(folder), place="folder", message=why)])
    return loading.done([environment for environment in found if environment])


def load_environment(
    folder: Path, name: str, *, models: Sequence[str] | None = None, today: dt.date | None = None
) -> EnvironmentSettings:
    """Return one environment with its models; raise SettingsError with every problem of their files.

    Files of other environments may be wrong, or name data that is not here: only what they are called is read, since
    two that make the same names are a problem of both. So may those of models that `models` does not name; default:
    all are loaded. Base models and `today` are as above.
    """
    loading = _Loading(folder, today)
    found = loading.environment(name, models)
    if models is None:
        loading.check(unread(folder, name))
    about = [(name, model) for model in model_names(folder, name) if models is None or model in models]
    loading.check(_shared_names(_named(folder), folder, about))
    loading.check(_shared_foundations(folder, name))
    return loading.done(found)


def load_model(folder: Path, environment: str, name: str, *, today: dt.date | None = None) -> Model:
    """Return one model in one environment; raise SettingsError as `load_environment` of this model alone."""
    (model,) = load_environment(folder, environment, models=[name], today=today).models
    return model


class _Loading:
    """What was read of a folder, and what has been found wrong with it so far."""

    def __init__(self, folder: Path, today: dt.date | None) -> None:
        self._folder = folder
        self._today = today or utc_today()
        self._base_models, wrong_profiles = load_base_models(folder)
        self.problems = list(wrong_profiles)
        # A base model may be unknown because its profile is wrong, which is told already.
        self._told = {"training.base_model"} if wrong_profiles else set()
        self._app = self._load_app()

    def check(self, problems: Iterable[SettingsProblem]) -> None:
        """Take note of problems."""
        self.problems.extend(problems)

    def done(self, found: T | None) -> T:
        """Return what was found; raise SettingsError when anything is wrong."""
        if self.problems or found is None:
            raise SettingsError(self.problems)
        return found

    def environment(self, name: str, models: Iterable[str] | None = None) -> EnvironmentSettings | None:
        """Return an environment with all its models, or with those that are named; None when a file is wrong."""
        path = environment_file(self._folder, name)
        document = self._read(path)
        found = None
        if document is not None:
            broken = [*broken_environment_rules(document), *broken_organization_rules(document)]
            givers, refused = giving_environments(self._folder, name, document)
            broken += refused
            found = self._checked(path, Environment, document, broken, name=name, app=self._app, givers=givers)
        wanted = model_names(self._folder, name) if models is None else models
        loaded = [self._model(found, document, name, model) for model in wanted]
        if found is None:
            return None
        return EnvironmentSettings(found, tuple(model for model in loaded if model))

    def _model(
        self, found: Environment | None, beside: Mapping[str, Any] | None, environment: str, name: str
    ) -> Model | None:
        path = model_file(self._folder, environment, name)
        document = self._read(path)
        if document is None:
            return None
        broken = [
            *broken_rules(document, beside, self._base_models, self._today),
            *key_that_may_not_be_used(self._folder, document, beside or {}),
        ]
        model = self._checked(path, Model, document, broken, environment=found, name=name)
        refused = [*broken_asking_rules(model), *broken_gate_rules(model)] if model else []
        self.problems.extend(SettingsProblem(file=label(path), place=place, message=why) for place, why in refused)
        return None if refused else model

    def _load_app(self) -> str:
        try:
            return load_app(self._folder)
        except SettingsError as error:
            self.problems.extend(error.problems)
            return DEFAULT_APP

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            return read_toml(path)
        except SettingsError as error:
            self.problems.extend(error.problems)
            return None

    def _checked(
        self, path: Path, file: type[A], document: Mapping[str, Any], broken: Found, **told: object
    ) -> A | None:
        """Return what a document says; `told` are the fields that the place of the file tells."""
        found = [(key, _NO_KEY) for key in file.not_keys if key in document]
        result: A | None = None
        try:
            context = {"folder": path.parent, "base_models": self._base_models, "today": self._today}
            result = file.model_validate({**document, **told}, context=context)
        except ValidationError as error:
            # Of an environment that is wrong its models say nothing more.
            found += [each for each in field_problems(error, file) if each[0] != "environment"]
        found += broken
        self.problems.extend(
            SettingsProblem(file=label(path), place=place, message=text)
            for place, text in found
            if place not in self._told
        )
        return None if found else result


def _named(folder: Path) -> Iterator[_Named]:
    """Yield every model by its name, also where its own file is wrong."""
    for environment in environment_names(folder):
        with suppress(SettingsError):
            location = locate(folder, environment)
            for model in model_names(folder, environment):
                yield _Named(location, model)


def _shared_names(
    named: Iterable[_Named], folder: Path, about: Collection[tuple[str, str]] | None = None
) -> Iterator[SettingsProblem]:
    """Yield models that could not be told apart: `a` in `b-c` and `a-b` in `c`, or `b-c` in `a` and `c` in `a-b`.

    Bedrock's names begin with the model's, stacks' names with their prefix and the environment's. `about` are those
    that are asked about, by environment and model; without it all are.
    """
    seen: dict[tuple[str, str, str], _Named] = {}
    for one in named:
        where = one.environment
        beginnings = (f"{where.name}-{one.model}", f"{one.model}-{where.name}")
        joins = (*beginnings, f"{where.stack_prefix}{beginnings[0]}")
        told: set[tuple[str, str]] = set()
        for joined in (each.lower() for each in joins):
            other = seen.setdefault((where.account, where.region, joined), one)
            asked = [each for each in (one, other) if about is None or _path(each) in about]
            if other is one or not asked or _path(other) in told:
                continue
            told.add(_path(other))
            mine = asked[0]
            theirs = label(model_file(folder, *_path(other if mine is one else one)))
            message = (
                f"makes names that start with {joined}-, and so does {theirs}; only one model of an account and Region "
                "may make names with this beginning, in upper or lower case; rename one of the files"
            )
            yield SettingsProblem(file=label(model_file(folder, *_path(mine))), place="file name", message=message)


def _shared_foundations(folder: Path, about: str | None = None) -> Iterator[SettingsProblem]:
    """Yield environments whose Foundation would be the same stack: `b` with a prefix that ends in `a-`, and `a-b`."""
    seen: dict[tuple[str, str, str], str] = {}
    for environment in environment_names(folder):
        with suppress(SettingsError):
            where = locate(folder, environment)
            name = stack_name(where.stack_prefix, environment, "Foundation")
            other = seen.setdefault((where.account, where.region, name.lower()), environment)
            if other != environment and about in (None, environment, other):
                mine, theirs = (environment, other) if about in (None, environment) else (other, environment)
                message = (
                    f"makes stacks with the same names as {label(environment_file(folder, theirs))}, such as {name}; "
                    "only one environment of an account and Region may use this beginning; change one stack_prefix"
                )
                file = label(environment_file(folder, mine))
                yield SettingsProblem(file=file, place="stack_prefix", message=message)


def _path(named: _Named) -> tuple[str, str]:
    return named.environment.name, named.model
