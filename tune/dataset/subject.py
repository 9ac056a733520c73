"""Whose rules a command applies, and to which files."""

from dataclasses import dataclass
from pathlib import Path

from bedrock_lifecycle.contract import Split
from bedrock_tuning.base_models import BaseModelProfile, UnknownBaseModelError
from bedrock_tuning.data.sources import DataSource, FileSource
from settings import Model
from settings.base_models import load_base_models
from tune.dataset.files import Unusable
from tune.terminal.environments import DeployTarget
from tune.terminal.targets import target_of


@dataclass(frozen=True)
class Rules:
    """Whose rules a command applies: a base model's, and the model's settings that named it, if they did."""

    base_model: BaseModelProfile
    model: Model | None = None


def rules_of(identifier: str | None, environment: str | None, model: str | None, folder: Path) -> Rules:
    """Return the rules that are meant; raise Unusable unless they are named in one of the two ways."""
    if (identifier is None) == (environment is None):
        raise Unusable("say whose rules apply: give one of --base-model and --environment")
    if environment is not None:
        found = only_model(target_of(folder, environment, model))
        return Rules(trained_base_model(found), found)
    if model is not None:
        raise Unusable("--model names a model of an environment: give --environment too")
    known, problems = load_base_models(folder)
    if problems:
        raise Unusable("\n".join(map(str, problems)))
    try:
        return Rules(known.of(str(identifier)))
    except UnknownBaseModelError as error:
        raise Unusable(f"--base-model: {error}") from None


def only_model(target: DeployTarget) -> Model:
    """Return the model that a command is about; raise Unusable when it may be any of several."""
    if len(target.settings) == 1:
        return target.settings[0]
    if not target.settings:
        raise Unusable(f"environment {target.name} has no model: add a file for one beside its environment.toml")
    raise Unusable(f"environment {target.name} has several models: name one of {', '.join(target.models)}")


def trained_base_model(model: Model) -> BaseModelProfile:
    """Return the base model that is trained; raise Unusable when none is."""
    if model.training is None:
        raise Unusable(f"{file_of(model)} trains nothing, so no data is checked for it: name a model by --base-model")
    return model.training.profile


def file_of(model: Model) -> str:
    """Return what a model's settings file is called in messages."""
    return f"{model.environment.name}/{model.name}.toml"


def files_of(train: Path | None, validation: Path | None, test: Path | None, model: Model | None) -> dict[Split, Path]:
    """Return the files that are named, or without any those of a model's settings."""
    if train is not None:
        named: dict[Split, Path | None] = {"train": train, "validation": validation, "test": test}
        return {split: path for split, path in named.items() if path is not None}
    if model is None or validation or test:
        raise Unusable("say which file has the training data: TRAIN goes before the options")
    files = local_files(model)
    if not files:
        raise Unusable(f"{file_of(model)} names no file of this machine: name the files themselves")
    return files


def local_files(model: Model) -> dict[Split, Path]:
    """Return the data files of a model that are on this machine."""
    data = model.data
    if data is None:
        return {}
    sources: dict[Split, DataSource | None] = {"train": data.train, "validation": data.validation, "test": data.test}
    return {split: source.path for split, source in sources.items() if isinstance(source, FileSource)}
