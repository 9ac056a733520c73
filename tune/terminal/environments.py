"""The environment that a command is about, which of its models, and the names that follow from them."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from bedrock_lifecycle import contract
from settings import (
    Environment,
    EnvironmentLocation,
    EnvironmentSettings,
    Model,
    load_app,
    load_environment,
    locate,
)
from settings.folder import ENVIRONMENTS_CONTEXT, environment_names, model_file, model_names
from settings.folder import option as folder_option
from settings.location import prefix_of
from settings.stack_names import ACCESS, MODEL_STACKS, STACK_KINDS, StackKind, stack_id, stack_name
from settings.toml_file import label
from tune.terminal.folders import DEFAULT_FOLDER, ROOT
from tune.terminal.problems import CannotBeDone


class UnknownEnvironment(CannotBeDone):
    """No environment, or no model in it, has this name; the message lists those there are."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentRef:
    """One environment in AWS and the models that a command is about, found without data files.

    location: its account, Region and names.
    folder: the folder with all settings.
    app: whose stacks are looked at; another app's are left alone.
    models: the models that it is about, sorted.
    named: the model that was named, None for all of them.
    theirs: those of its stacks' names that somebody else's stacks bear.
    is_elsewhere: whether the command named the Region, and not its file, which may be gone.
    old_prefixes: what stacks of it begin with that stand, though its file names another prefix by now.
    """

    location: EnvironmentLocation
    folder: Path
    app: str
    models: tuple[str, ...]
    named: str | None = None
    old_prefixes: tuple[str, ...] = ()
    theirs: frozenset[str] = frozenset()
    is_elsewhere: bool = False

    @property
    def name(self) -> str:
        return self.location.name

    @property
    def account(self) -> str:
        return self.location.account

    @property
    def region(self) -> str:
        return self.location.region

    @property
    def foundation(self) -> str:
        """The name of the stack that all models share."""
        return stack_name(self.location.stack_prefix, self.name, "Foundation")

    def stack(self, kind: StackKind, model: str) -> str:
        """Return the name of one model's stack in CloudFormation."""
        return stack_name(self.location.stack_prefix, self.name, kind, model)

    def stacks(self, *kinds: StackKind) -> list[str]:
        """Return the names of stacks of some kinds, model by model, Foundation once."""
        return [name for each in self._by_prefix for name in each._own_stacks(kinds)]

    def tags_of(self, stack: str) -> dict[str, str]:
        """Return the tags that prove a stack of one of these names to be what the name says; none for another name."""
        for each in self._by_prefix:
            for model in ("", *self.models):
                kinds = (*MODEL_STACKS, ACCESS)
                if stack in ([each.stack(kind, model) for kind in kinds] if model else [each.foundation]):
                    tags = {contract.TAG_APP: self.app, contract.TAG_ENVIRONMENT: self.name}
                    return {**tags, contract.TAG_MODEL: model} if model else tags
        return {}

    def is_about(self, name: str) -> bool:
        """Tell by its name whether something in Bedrock, which is this environment's, is what the command is about."""
        return self.named is None or contract.is_name_of(name, model=self.named, environment=self.name)

    def about(self, models: Iterable[str]) -> "EnvironmentRef":
        """Return the same about other models."""
        return replace(self, models=tuple(sorted(models)))

    @property
    def _by_prefix(self) -> "Iterator[EnvironmentRef]":
        for prefix in (self.location.stack_prefix, *self.old_prefixes):
            yield replace(self, location=self.location.model_copy(update={"stack_prefix": prefix}), old_prefixes=())

    def _own_stacks(self, kinds: Sequence[StackKind]) -> list[str]:
        found = [self.foundation] if "Foundation" in kinds else []
        return found + [self.stack(kind, model) for model in self.models for kind in kinds if kind != "Foundation"]

    @property
    def option(self) -> str:
        """The options with which a command of ours reads the same folder and looks there, with a blank before them."""
        return f"{option_of(self.folder)}{region_option(self.region) if self.is_elsewhere else ''}"

    @property
    def everything(self) -> str:
        """The options with which `destroy` takes all of the environment, with a blank before them."""
        return f"{' --every-model' * (len(self.models) > 1)} --all"

    @property
    def arguments(self) -> str:
        """What a command of ours is given, to be about the same."""
        return f"{self.name}{f' {self.named}' if self.named else ''}{self.option}"

    @property
    def make_variables(self) -> str:
        """The variables with which a target of make is about the same."""
        return f"ENV={self.name}{f' MODEL={self.named}' if self.named else ''}"

    def arguments_of(self, model: str) -> str:
        """Return what a command of ours is given, to be about one model."""
        return f"{self.name} {model}{self.option}"

    @property
    def only_model(self) -> str:
        """The one model that it is about; CannotBeDone where it has none, or may be about any of several."""
        if not self.models:
            raise CannotBeDone(f"environment {self.name} has no model: add a file for one beside its environment.toml")
        if len(self.models) > 1:
            raise CannotBeDone(f"environment {self.name} has several models: name one of {', '.join(self.models)}")
        return self.models[0]

    def file_of(self, model: str) -> str:
        """Return the file with a model's settings, as a message shows it."""
        return label(model_file(self.folder, self.name, model))

    def __str__(self) -> str:
        return f"model {self.named} in environment {self.name}" if self.named else f"environment {self.name}"


@dataclass(frozen=True, kw_only=True)
class DeployTarget(EnvironmentRef):
    """One environment with all its settings, and those of the models that are deployed.

    `kinds` are the stacks that are deployed, as far as the settings ask for them.
    """

    environment: Environment
    settings: tuple[Model, ...]
    kinds: tuple[StackKind, ...] = STACK_KINDS

    @property
    def model(self) -> Model:
        """The settings of the one model that it is about; CannotBeDone as `only_model`."""
        return next(each for each in self.settings if each.name == self.only_model)

    def only(self, model: Model) -> "DeployTarget":
        """Return the same about one of the models."""
        return replace(self, models=(model.name,), settings=(model,))

    @property
    def synthesized(self) -> EnvironmentSettings:
        """The settings that make exactly these stacks."""
        return EnvironmentSettings(self.environment, self.settings)

    @property
    def stack_names(self) -> list[str]:
        """The names of the stacks that the settings ask for, in the order in which they deploy."""
        return [self.foundation, *(model.stack_name(kind) for model, kind in self._stack_kinds)]

    @property
    def stack_ids(self) -> list[str]:
        """How the CDK CLI names those stacks: each to the letter, and no pattern."""
        ids = [stack_id("Foundation", ""), *(model.stack_id(kind) for model, kind in self._stack_kinds)]
        return [f"{self.name}/{each}" for each in ids]

    @property
    def serves(self) -> bool:
        """Whether what serves is among what is deployed."""
        return "Serving" in self.kinds

    @property
    def _stack_kinds(self) -> list[tuple[Model, StackKind]]:
        return [(model, kind) for model in self.settings for kind in model.stack_kinds if kind in self.kinds]

    @property
    def assembly(self) -> Path:
        """Where the CDK CLI synthesizes to: it locks that folder as long as it deploys from it."""
        output = ROOT / "cdk.out"
        return output / "models" / self.name / self.named if self.named else output / "environments" / self.name

    @property
    def app_context(self) -> dict[str, str]:
        """The context with which the app reads the same folder."""
        return {} if self.folder == DEFAULT_FOLDER else {ENVIRONMENTS_CONTEXT: str(self.folder)}

    @property
    def context(self) -> tuple[str, ...]:
        """The arguments that give the app that context."""
        return tuple(part for key, value in self.app_context.items() for part in ("-c", f"{key}={value}"))

    @property
    def context_of_it(self) -> tuple[str, ...]:
        """The same, and the app makes nothing else: findings about others are no business of a command."""
        only = f"{self.name}/{self.named}" if self.named else self.name
        return (*self.context, "-c", f"only={only}")


def option_of(folder: Path) -> str:
    """Return the option with which a command of ours reads a folder, with a blank before it."""
    return "" if folder == DEFAULT_FOLDER else folder_option(folder)


def region_option(region: str) -> str:
    """Return the option with which `destroy` looks in a Region that the environment's file does not name."""
    return f" --region {region}"


def find(folder: Path, environment: str, model: str | None = None) -> DeployTarget:
    """Return an environment with its models, or with one of them, by their names.

    Raises UnknownEnvironment, or SettingsError for a file that is wrong. Where a model is named, the files of others
    may be wrong.
    """
    absolute = _known(folder, environment)
    if model is not None:
        _check_model(absolute, environment, model)
    found = load_environment(absolute, environment, models=[model] if model else None)
    return DeployTarget(
        location=locate(absolute, environment),
        folder=absolute,
        app=found.environment.app,
        models=tuple(its.name for its in found.models),
        named=model,
        environment=found.environment,
        settings=found.models,
    )


def find_ref(folder: Path, environment: str, model: str | None = None) -> EnvironmentRef:
    """Return where an environment is, and which models have a file; raise as `find`, but for all that is not read.

    A model that is named need not have a file: its stacks may stand all the same.
    """
    absolute = _known(folder, environment)
    models = (model,) if model else tuple(model_names(absolute, environment))
    location = locate(absolute, environment)
    return EnvironmentRef(location=location, folder=absolute, app=load_app(absolute), models=models, named=model)


def mistyped_model(ref: EnvironmentRef) -> str:
    """Return a hint where a model has no file and is named nearly like one that has; else nothing."""
    known = model_names(ref.folder, ref.name)
    if ref.named is None or ref.named in known:
        return ""
    near = difflib.get_close_matches(ref.named, known, n=1)
    return f"{ref.file_of(ref.named)} does not exist; did you mean {near[0]}?" if near else ""


def find_elsewhere(folder: Path, environment: str, model: str | None, *, account: str, region: str) -> EnvironmentRef:
    """Return an environment in an account and Region that its file does not name, or that has no file any more."""
    absolute = folder.resolve()
    prefix = prefix_of(absolute, environment)
    try:
        location = EnvironmentLocation(name=environment, account=account, region=region, stack_prefix=prefix)
    except ValidationError as error:
        wrong = ", ".join(f"{each['loc'][0]} {each['input']!r}" for each in error.errors())
        raise UnknownEnvironment(f"{wrong} is not allowed; give an environment's name, and a Region") from None
    models = (model,) if model else tuple(model_names(absolute, environment))
    app = load_app(absolute)
    return EnvironmentRef(location=location, folder=absolute, app=app, models=models, named=model, is_elsewhere=True)


def _known(folder: Path, environment: str) -> Path:
    absolute = folder.resolve()
    known = environment_names(absolute)
    if environment not in known:
        there_are = _there_are(environment, known) or "the folder has none; add a folder with environment.toml"
        raise UnknownEnvironment(f"no environment is named {environment!r} in {label(folder)}: {there_are}")
    return absolute


def _check_model(folder: Path, environment: str, model: str) -> None:
    known = model_names(folder, environment)
    if model not in known:
        there_are = _there_are(model, known) or "it has none; add a file beside environment.toml"
        raise UnknownEnvironment(f"no model is named {model!r} in environment {environment}: {there_are}")


def _there_are(name: str, known: Sequence[str]) -> str:
    """Return the names that exist, and the one that was probably meant."""
    meant = "".join(f"; did you mean {near}?" for near in difflib.get_close_matches(name, known, n=1))
    if not known:
        return ""
    return f"{'choose one of' if known[1:] else 'the only one is'} {', '.join(known)}{meant}"
