"""The bare app that `make bench-synth` compares with is what it is said to be, and the comparison runs."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from bench.synth import assembly, bare, report
from bench.synth.assembly import WrittenStack
from settings import load_environments
from stacks import node_options
from stacks.environment_stage import EnvironmentStage
from tests.conftest import ROOT
from tests.support.messages import saying


def written(folder: Path) -> list[WrittenStack]:
    """Return what this project's environment `dev` synthesizes to."""
    app = App(builtin_cloud_formation_validation=False, outdir=str(folder))
    (dev,) = (each for each in load_environments(ROOT / "environments") if each.environment.name == "dev")
    EnvironmentStage(app, dev)
    app.synth()
    return assembly.stacks(folder)


def made_bare(stacks: list[WrittenStack], folder: Path) -> list[WrittenStack]:
    app = App(builtin_cloud_formation_validation=False, outdir=str(folder))
    bare.build(app, stacks)
    app.synth()
    return assembly.stacks(folder)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenStack]:
    return written(tmp_path_factory.mktemp("project"))


def test_the_bare_app_has_the_same_resources_and_as_many_assets(project: list[WrittenStack], tmp_path: Path) -> None:
    theirs = made_bare(project, tmp_path)
    assert [stack.id for stack in project] == ["Foundation", "docstrings-Training", "docstrings-Serving"]
    assert sum(stack.kinds.total() for stack in project) > 50
    assert [stack.kinds for stack in theirs] == [stack.kinds for stack in project]
    assert [stack.template for stack in theirs] == [stack.template for stack in project]
    assert [len(stack.assets) for stack in theirs] == [2, 4, 0]


def without_first_resource(stack: WrittenStack) -> dict[str, Any]:
    return {**stack.template, "Resources": dict(list(stack.template["Resources"].items())[1:])}


@pytest.mark.parametrize(
    "change", [lambda stack: {"assets": ()}, lambda stack: {"template": without_first_resource(stack)}]
)
def test_a_bare_app_that_makes_something_else_is_not_measured(project: list[WrittenStack], change: Any) -> None:
    first, *others = project
    with pytest.raises(SystemExit, match="dev/Foundation"):
        report.proof(project, [replace(first, **change(first)), *others])


def test_the_app_starts_nodejs_with_what_the_bench_says() -> None:
    told = "import os, app; print(os.environ['NODE_OPTIONS'])"
    variables = {name: value for name, value in os.environ.items() if name != node_options.VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == node_options.VALUE


@pytest.mark.parametrize("rounds", ["0", "many"])
def test_a_number_of_rounds_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, rounds: str) -> None:
    monkeypatch.setenv("BENCH_ROUNDS", rounds)
    with pytest.raises(SystemExit, match=saying("BENCH_ROUNDS", f"'{rounds}'", 1)):
        report.main()


@pytest.mark.slow
def test_the_comparison_runs_and_says_whether_the_target_was_met() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.synth"],
        cwd=ROOT,
        env={**os.environ, "BENCH_ROUNDS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    # One round on a busy machine proves no ratio; that it was found and told is what is asked here.
    assert done.returncode == (1 if "MISSED" in done.stdout else 0), done.stderr
    assert "times the cheaper bare app, at most 1.3" in done.stdout
    assert "AWS::IAM::Role" in done.stdout
