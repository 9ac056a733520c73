"""What each environment's templates allow."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import pytest

from settings import Access, EnvironmentSettings, Evaluation, Model
from settings.allow import Allow
from settings.environment import Notifications
from stacks.environment_stage import EnvironmentStage
from tests.synth.privileges.policies import Grant, Policies, needs
from tests.synth.privileges.uses import Use, uses
from tests.synth.stages import elsewhere, stage_of, templates_of
from tests.synth.templates import Json

APPLICATION: Final = "222222222222"
ACCESS: Final = Access.model_validate(
    {"account": APPLICATION, "principals": [f"arn:aws:iam::{APPLICATION}:role/answers"]}
)
NOTIFICATIONS: Final = Notifications.model_validate({"email": ["you@example.com"]})
STRONGER: Final = "us.anthropic.claude-sonnet-4-6"
EVERYTHING: Final = Allow.model_validate(
    {"train": True, "buy": True, "delete_models": True, "bake": True, "evaluate_with": ["base", STRONGER]}
)
# What takes models of another environment does not train or delete any.
_TAKING: Final = {"train": False, "buy": True, "promote_from": ["lab"]}
TAKING: Final = Allow.model_validate(_TAKING)
# It evaluates what it takes.
TAKING_AND_ASKING: Final = Allow.model_validate({**_TAKING, "evaluate_with": ["base", STRONGER]})


@pytest.fixture(scope="session")
def policies_of(
    dev: Model, context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Allow], Policies]:
    """Make the policies of `dev` with another `[allow]`, notified, evaluated, and asked from another account."""
    folder = tmp_path_factory.mktemp("evaluated")
    for name, text in (("rubric.md", "Any."), ("own.py", "def score(answer, reference): return 1.0")):
        (folder / name).write_text(text, encoding="utf-8")
    evaluation = {
        "max_output_tokens": 1,
        "max_tokens": 1_000,
        "metrics": [{"name": "own", "path": "own.py", "function": "score"}],
        "judge": {"model": STRONGER, "rubric": "rubric.md", "records": 1},
    }
    evaluated = Evaluation.model_validate(evaluation, context={"folder": folder})
    shared = dev.model_copy(update={"access": (ACCESS,), "evaluation": evaluated})

    @cache
    def made(allow: Allow) -> Policies:
        givers = {name: f"bedrock-tuning-{name}-Foundation" for name in allow.promote_from}
        changed = elsewhere(shared, allow=allow, givers=givers, notifications=NOTIFICATIONS)
        stage = stage_of(changed, tmp_path_factory.mktemp("allow"), context)
        return Policies(stage, templates_of(stage), allow)

    return made


@pytest.fixture(scope="session")
def policies(
    stages: Mapping[str, EnvironmentStage],
    templates: Mapping[tuple[str, str], Json],
    environments: Sequence[EnvironmentSettings],
    policies_of: Callable[[Allow], Policies],
) -> dict[str, Policies]:
    """The policies of each environment, by name, of one that may do everything, and of two that take models."""
    found = {
        each.environment.name: Policies(
            stages[each.environment.name],
            {stack: template for (name, stack), template in templates.items() if name == each.environment.name},
            each.environment.allow,
        )
        for each in environments
    }
    others = {"everything": EVERYTHING, "taking": TAKING, "taking and asking": TAKING_AND_ASKING}
    return {**found, **{name: policies_of(allow) for name, allow in others.items()}}


@pytest.fixture(scope="session")
def needed(policies: Mapping[str, Policies]) -> dict[str, dict[Grant, list[Use]]]:
    """For each environment and each grant the uses that are denied without it."""
    return {name: needs(each, uses()) for name, each in policies.items()}
