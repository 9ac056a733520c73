"""Stages of this project as tests make them: mostly of one model, so that a stack is told by its kind."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import App, Stack, Stage

from settings import EnvironmentSettings, Model
from stacks.environment_stage import EnvironmentStage
from tests.synth.templates import Json, to_json
from tune.execution_policy.declared import declared

# The types without a handler: a line of the CDK's own, and what our own functions make.
WITHOUT_HANDLERS: Final = re.compile(r"AWS::CDK::Metadata|Custom::\w+")


def elsewhere(model: Model, **changes: Any) -> Model:
    """Return a model in its environment with some of that changed."""
    return model.model_copy(update={"environment": model.environment.model_copy(update=changes)})


def alone(model: Model) -> EnvironmentSettings:
    """Return the environment of a model without any other."""
    return EnvironmentSettings(model.environment, (model,))


def stage_of(
    settings: EnvironmentSettings | Model, folder: Path, context: Mapping[str, Any] | None = None
) -> EnvironmentStage:
    """Return the stage of an environment, or of a model alone in its own, in an app that writes to a folder."""
    app = App(builtin_cloud_formation_validation=False, context=dict(context or {}), outdir=str(folder))
    return EnvironmentStage(app, alone(settings) if isinstance(settings, Model) else settings)


def place_of(path: str) -> str:
    """Return where a construct stands by its path, without environment and model: `Training/…`."""
    return re.sub("^[^/]+/([^/]+-)?", "", path)


def stacks_of(stage: Stage) -> dict[str, Stack]:
    """Return the stacks of a stage with one model, by their kinds."""
    found = [each for each in stage.node.children if isinstance(each, Stack)]
    by_kind = {place_of(each.node.path): each for each in found}
    assert len(by_kind) == len(found), "more than one model"
    return by_kind


def templates_of(stage: Stage) -> dict[str, Json]:
    """Return the templates of a stage with one model, by the kinds of their stacks; each type in them is known.

    What makes a type of resource that no environment in `execution_policy/variants.py` makes would be denied by the
    policy that this project writes for CloudFormation, and no test of that policy would see it.
    """
    templates = {kind: to_json(stack) for kind, stack in stacks_of(stage).items()}
    if os.environ.get("UPDATE_SNAPSHOTS"):  # what is known is being renewed
        return templates
    for kind, template in templates.items():
        _check_types(kind, template)
    return templates


def _check_types(stack: str, template: Json) -> None:
    """Raise AssertionError for a type of resource with a handler of which the execution policy knows nothing."""
    known = declared().keys()
    for logical_id, each in template["Resources"].items():
        if not WITHOUT_HANDLERS.fullmatch(each["Type"]) and each["Type"] not in known:
            raise AssertionError(
                f"{stack}/{logical_id}: the execution policy does not know the type {each['Type']}; "
                "add settings that make it to tests/synth/execution_policy/variants.py, run `make snapshots`, "
                "and follow CONTRIBUTING.md on a type of resource"
            )
