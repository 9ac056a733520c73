"""The commands and settings of this repository, for the messages of the library."""

from pathlib import Path

from bedrock_tuning import Remedies
from settings import Environment, Model
from settings.folder import option


def remedies_of_environment(environment: Environment) -> Remedies:
    """Return what helps where no model is known."""
    return Remedies(status=f"make status ENV={environment.name}")


def remedies_of_model(model: Model, folder: str | None) -> Remedies:
    """Return what helps with one model; `folder` has the settings, where it is not the one of this repository.

    It is named in what is told at synth alone: a template is the same on every machine.
    """
    environment = model.environment.name
    there = _option(folder)
    return Remedies(
        status=f"make status ENV={environment}",
        check=f"python -m tune dataset check --environment {environment} --model {model.name}{there}",
        push=_push(model),
        source_key="kms_key_arn beside s3; for a file by path [bootstrap] key_arn of environment.toml",
    )


def push_of_model(model: Model, folder: str | None) -> str:
    """Return the command that pushes the files of a model from this machine; `folder` as above."""
    return f"{_push(model)}{_option(folder)}"


def _push(model: Model) -> str:
    return f"python -m tune dataset push {model.environment.name} {model.name}"


def _option(folder: str | None) -> str:
    return option(Path(folder)) if folder else ""
