"""What each environment's templates allow."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import pytest

from settings import Access, EnvironmentSettings, Model
from settings.allow import Allow
from stacks.environment_stage import EnvironmentStage
from tests.synth.privileges.policies import Grant, Policies, needs
from tests.synth.privileges.uses import Use, uses
from tests.synth.stages import elsewhere, stage_of, templates_of
from tests.synth.templates import Json

APPLICATION: Final = "222222222222"
ACCESS: Final = Access.model_validate(
    {"account": APPLICATION, "principals": [f"arn:aws:iam::{APPLICATION}:role/answers"]}
)
EVERYTHING: Final = Allow(train=True, buy=True, delete_models=True)


@pytest.fixture(scope="session")
def policies_of(
    dev: Model, context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Allow], Policies]:
    """Make the policies of `dev` with another `[allow]`, and with an application in another account."""

    shared = dev.model_copy(update={"access": (ACCESS,)})

    @cache
    def made(allow: Allow) -> Policies:
        stage = stage_of(elsewhere(shared, allow=allow), tmp_path_factory.mktemp("allow"), context)
        return Policies(stage, templates_of(stage), allow)

    return made


@pytest.fixture(scope="session")
def policies(
    stages: Mapping[str, EnvironmentStage],
    templates: Mapping[tuple[str, str], Json],
    environments: Sequence[EnvironmentSettings],
    policies_of: Callable[[Allow], Policies],
) -> dict[str, Policies]:
    """The policies of each environment, by name, and of one that may do everything."""
    found = {
        each.environment.name: Policies(
            stages[each.environment.name],
            {stack: template for (name, stack), template in templates.items() if name == each.environment.name},
            each.environment.allow,
        )
        for each in environments
    }
    return {**found, "everything": policies_of(EVERYTHING)}


@pytest.fixture(scope="session")
def needed(policies: Mapping[str, Policies]) -> dict[str, dict[Grant, list[Use]]]:
    """For each environment and each grant the uses that are denied without it."""
    return {name: needs(each, uses()) for name, each in policies.items()}
