"""Whose rules a command applies, and to which files."""

from dataclasses import dataclass
from pathlib import Path

from bedrock_lifecycle.contract import Split
from bedrock_tuning.base_models import BaseModelProfile, UnknownBaseModelError
from bedrock_tuning.data.sources import DataSource, FileSource
from settings.base_models import load_base_models
from tune.dataset.files import Unusable
from tune.terminal.environments import DeployTarget
from tune.terminal.targets import target_of


@dataclass(frozen=True)
class Rules:
    """Whose rules a command applies: a base model's, and the environment that named it, if one did."""

    base_model: BaseModelProfile
    target: DeployTarget | None = None


def rules_of(identifier: str | None, environment: str | None, folder: Path) -> Rules:
    """Return the rules that are meant; raise Unusable unless they are named in one of the two ways."""
    if (identifier is None) == (environment is None):
        raise Unusable("say whose rules apply: give one of --base-model and --environment")
    if environment is not None:
        target = target_of(folder, environment)
        return Rules(trained_base_model(target), target)
    known, problems = load_base_models(folder)
    if problems:
        raise Unusable("\n".join(map(str, problems)))
    try:
        return Rules(known.of(str(identifier)))
    except UnknownBaseModelError as error:
        raise Unusable(f"--base-model: {error}") from None


def trained_base_model(target: DeployTarget) -> BaseModelProfile:
    """Return the base model that an environment trains; raise Unusable when it trains none."""
    if target.settings.training is None:
        raise Unusable(f"{target.name}.toml trains nothing, so no data is checked for it: name a model by --base-model")
    return target.settings.training.profile


def files_of(
    train: Path | None, validation: Path | None, test: Path | None, target: DeployTarget | None
) -> dict[Split, Path]:
    """Return the files that are named, or without any those of an environment's settings."""
    if train is not None:
        named: dict[Split, Path | None] = {"train": train, "validation": validation, "test": test}
        return {split: path for split, path in named.items() if path is not None}
    if target is None or validation or test:
        raise Unusable("say which file has the training data: TRAIN goes before the options")
    files = local_files(target)
    if not files:
        raise Unusable(f"{target.name}.toml names no file of this machine: name the files themselves")
    return files


def local_files(target: DeployTarget) -> dict[Split, Path]:
    """Return the data files of an environment that are on this machine."""
    data = target.settings.data
    if data is None:
        return {}
    sources: dict[Split, DataSource | None] = {"train": data.train, "validation": data.validation, "test": data.test}
    return {split: source.path for split, source in sources.items() if isinstance(source, FileSource)}
