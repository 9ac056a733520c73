"""Whose rules a command applies, and to which files."""

from dataclasses import dataclass
from pathlib import Path

from bedrock_lifecycle.contract import FINE_TUNING, Split
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data.sources import FileSource
from settings import Model
from settings.base_models import load_base_models
from tune.dataset.files import Unusable
from tune.terminal.targets import target_of


@dataclass(frozen=True)
class Rules:
    """Whose rules a command applies: a base model's for one way of customizing it, and the model that named both."""

    base_model: BaseModelProfile
    customization_type: str
    model: Model | None = None

    @property
    def record_format(self) -> RecordFormat:
        """The format that the data must have."""
        return RecordFormat(self.base_model.customization(self.customization_type).data.format)

    @property
    def unused_validation(self) -> str | None:
        """What to tell of validation data of which the training makes no use; None where it does."""
        return self.base_model.unused_validation(self.customization_type)


def rules_of(identifier: str | None, environment: str | None, model: str | None, folder: Path) -> Rules:
    """Return the rules that are meant; raise Unusable unless they are named in one of the two ways."""
    if (identifier is None) == (environment is None):
        raise Unusable("say whose rules apply: give one of --base-model and --environment")
    if environment is not None:
        return rules_of_model(target_of(folder, environment, model).model)
    if model is not None:
        raise Unusable("--model names a model of an environment: give --environment too")
    known, problems = load_base_models(folder)
    if problems:
        raise Unusable("\n".join(map(str, problems)))
    try:
        base_model = known.of(str(identifier))
        base_model.customization(FINE_TUNING)
    except ValueError as error:
        raise Unusable(f"--base-model: {error}") from None
    return Rules(base_model, FINE_TUNING)


def rules_of_model(model: Model) -> Rules:
    """Return the rules of a model's training; raise Unusable when there is none."""
    if model.training is None:
        raise Unusable(f"{file_of(model)} trains nothing, so no data is checked for it: name a model by --base-model")
    return Rules(model.training.profile, model.training.customization_type, model)


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
    sources = model.data.sources if model.data else {}
    return {split: source.path for split, source in sources.items() if isinstance(source, FileSource)}
