"""The environments of this project, synthesized once, and a place where the constructs stand alone."""

import fcntl
import json
import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from settings import EnvironmentSettings, Model, load_environments
from stacks.environment_stage import EnvironmentStage
from tests.conftest import ROOT
from tests.synth.cli import Syntheses, synthesize_twice
from tests.synth.foreign import ForeignStack, RefusingStack
from tests.synth.stages import templates_of
from tests.synth.templates import Json


@pytest.fixture(scope="session")
def context() -> dict[str, Any]:
    """The feature flags of `cdk.json`, which only the CLI reads by itself."""
    flags: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return flags


@pytest.fixture(scope="session")
def environments() -> list[EnvironmentSettings]:
    """What the files in `environments/` say."""
    return load_environments(ROOT / "environments")


@pytest.fixture(scope="session")
def dev(environments: list[EnvironmentSettings]) -> Model:
    """The one model in `dev`."""
    (found,) = (model for each in environments if each.environment.name == "dev" for model in each.models)
    return found


@pytest.fixture(scope="session")
def stages(
    environments: list[EnvironmentSettings], context: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, EnvironmentStage]:
    """The stage of each environment, by name. Nothing may be added to them."""
    app = App(
        # Costs a second a process; `test_template_validation.py` reads what it says.
        builtin_cloud_formation_validation=False,
        context=dict(context),
        outdir=str(tmp_path_factory.mktemp("stages")),
    )
    return {each.environment.name: EnvironmentStage(app, each) for each in environments}


@pytest.fixture(scope="session")
def templates(stages: Mapping[str, EnvironmentStage]) -> dict[tuple[str, str], Json]:
    """Every template, by environment and kind of stack: each has one model. Nothing may be changed in them."""
    return {(name, kind): template for name, stage in stages.items() for kind, template in templates_of(stage).items()}


@pytest.fixture(scope="session")
def syntheses(tmp_path_factory: pytest.TempPathFactory) -> Syntheses:
    """What the real CLI makes of the project, twice, under different circumstances; made once for all workers."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return synthesize_twice(tmp_path_factory.mktemp("cli"))
    of_this_run = tmp_path_factory.getbasetemp().parent
    with (of_this_run / "cli.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = of_this_run / "cli.pickle"
        if not made.exists():
            made.write_bytes(pickle.dumps(synthesize_twice(of_this_run / "cli")))
        known: Syntheses = pickle.loads(made.read_bytes())
        return known


@pytest.fixture
def foreign(tmp_path: Path) -> ForeignStack:
    """A stack of another app, in us-west-2."""
    return ForeignStack(tmp_path)


@pytest.fixture(scope="session")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> RefusingStack:
    """A stack of another app, in us-west-2, in which nothing comes to be."""
    return RefusingStack(tmp_path_factory.mktemp("refusing"))


@pytest.fixture
def foreign_stack(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., ForeignStack]:
    """Make stacks of other apps: `foreign_stack(region=None)`."""
    return lambda **arguments: ForeignStack(tmp_path_factory.mktemp("foreign"), **arguments)
