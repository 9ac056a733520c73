"""What each environment's templates allow."""

from collections.abc import Mapping

import pytest

from stacks.environment_stage import EnvironmentStage
from tests.synth.privileges.policies import Grant, Policies, needs
from tests.synth.privileges.uses import Use, uses
from tests.synth.templates import Json


@pytest.fixture(scope="session")
def policies(stages: Mapping[str, EnvironmentStage], templates: Mapping[tuple[str, str], Json]) -> dict[str, Policies]:
    """The policies of each environment, by name."""
    return {
        name: Policies(stage, {stack: each for (environment, stack), each in templates.items() if environment == name})
        for name, stage in stages.items()
    }


@pytest.fixture(scope="session")
def needed(policies: Mapping[str, Policies]) -> dict[str, dict[Grant, list[Use]]]:
    """For each environment and each grant the uses that are denied without it."""
    return {name: needs(each, uses()) for name, each in policies.items()}
