"""The commands and settings of this repository, for the messages of the library."""

from bedrock_tuning import Remedies
from settings import Environment, Model


def remedies_of_environment(environment: Environment) -> Remedies:
    """Return what helps where no model is known."""
    return Remedies(status=f"make status ENV={environment.name}")


def remedies_of_model(model: Model) -> Remedies:
    """Return what helps with one model."""
    environment = model.environment.name
    return Remedies(
        status=f"make status ENV={environment}",
        check=f"python -m tune dataset check --environment {environment} --model {model.name}",
        push=f"python -m tune dataset push {environment} {model.name}",
        source_key="kms_key_arn beside s3; for a file by path [bootstrap] key_arn of environment.toml",
    )
