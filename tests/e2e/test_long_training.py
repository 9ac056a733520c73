"""Trainings that take longer than a custom resource may, and longer than a deploy is told to wait."""

from collections.abc import Iterator
from typing import Final

import pytest

from bedrock_lifecycle.contract import RUNG_MINUTES
from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.accesses import MADE_ELSEWHERE, made
from tests.e2e.account import Account
from tests.e2e.clock_turner import ClockTurner
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Project
from tests.e2e.settings_file import Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

_TRAINING_MINUTES: Final = 10 + 20 + 270
# A little longer than a rung waits.
_STEP_MINUTES: Final = RUNG_MINUTES + 1
_STEP_SECONDS: Final = _STEP_MINUTES * 60 + 15


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in which every training takes five hours."""
    minutes = {**MINUTES, "validation": 10, "data_processing": 20, "training": 270}
    with bootstrapped(Options(rate=RATE, minutes=minutes, quotas=QUOTAS)) as sandbox:
        yield sandbox


def test_one_deploy_climbs_over_five_hours_by_rungs_of_less_than_one(project: Project, sandbox: Sandbox) -> None:
    account = Account(sandbox, "ladder")
    assembly = project.synthesize(Settings("ladder", max_training_hours=7))

    with ClockTurner(account, seconds=_STEP_SECONDS, kinds=("TrainingAwait", "ProvisionedThroughput")):
        run = assembly.deploy("ladder/*")

    assert run.code == 0, run.output
    rungs = account.requests("TrainingAwait")
    waited = _TRAINING_MINUTES * 60 // _STEP_SECONDS
    assert waited >= 6
    assert {(its.type, its.status) for its in rungs} == {("Create", "SUCCESS")}
    said = [its.answer["attributes"] for its in rungs if its.answer]
    assert [its["State"] for its in said] == ["still running"] * waited + ["ready"] * (len(rungs) - waited)
    assert said[0]["Ran"] == f"{_STEP_MINUTES} min"
    # The first that is ready has waited for it; those after it have nothing to wait for.
    assert [its.turns for its in rungs[waited + 1 :]] == [1] * (len(rungs) - waited - 1)
    assert len(rungs) > waited + 1
    assert [its["status"] for its in account.jobs()] == ["Completed"]
    assert account.throughput()["status"] == "InService"
    assert len(account.throughputs()) == 1


def test_a_deploy_that_waits_for_less_than_the_training_says_so_and_the_next_one_adopts_it(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "hasty")
    assembly = project.synthesize(Settings("hasty", max_training_hours=1))

    with ClockTurner(account, seconds=_STEP_SECONDS, kinds=("TrainingAwait",)):
        gave_up = assembly.deploy("hasty/*")

    name = account.jobs()[0]["jobName"]
    advice = (name, f"1 h {2 * _STEP_MINUTES - 60} min", "deploy", "max_training_hours")
    assert gave_up.code != 0
    assert says(gave_up.output, *advice), gave_up.output
    assert any(says(reason, *advice) for reason in account.reasons("Training"))
    assert [job["status"] for job in account.jobs()] == ["InProgress"]
    assert account.throughputs() == []
    assert account.stack_status("Serving") is None

    sandbox.control("clock", {"advance_seconds": 4 * 3600, "rate": sandbox.options.rate})
    adopted = assembly.deploy("hasty/*")

    assert adopted.code == 0, adopted.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert [its.status for its in account.requests("ModelCustomization") if its.type == "Create"] == ["SUCCESS"] * 2
    assert account.throughput()["modelArn"] == account.model(name)["modelArn"]


def test_serving_that_comes_before_its_model_is_told_how_the_training_stands_and_buys_nothing(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "early")
    sandbox.control("clock", {"rate": 0})

    run = project.synthesize(Settings("early", max_training_hours=0)).deploy("early/*")

    name = account.jobs()[0]["jobName"]
    assert run.code != 0
    assert says(run.output, name, "still running"), run.output
    assert [job["status"] for job in account.jobs()] == ["InProgress"]
    assert account.throughputs() == []
    assert "Foundation-ServingTurnRole bedrock:GetModelCustomizationJob" in MADE_ELSEWHERE & made(sandbox, "early")
