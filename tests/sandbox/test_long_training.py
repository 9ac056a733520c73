"""Trainings that take longer than a custom resource may, and longer than a deploy is told to wait."""

from collections.abc import Iterator

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.sandbox.account import Account
from tests.sandbox.clock_turner import ClockTurner
from tests.sandbox.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.sandbox.project import Project
from tests.sandbox.settings_file import Settings

pytestmark = pytest.mark.sandbox

# A request waits for 50 minutes.
_STEP_SECONDS = 51 * 60 + 15


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in which every training takes five and a half hours."""
    minutes = {**MINUTES, "validation": 10, "data_processing": 20, "training": 300}
    with bootstrapped(Options(rate=RATE, minutes=minutes, quotas=QUOTAS)) as sandbox:
        yield sandbox


def test_one_deploy_climbs_over_five_hours_by_rungs_of_less_than_one(project: Project, sandbox: Sandbox) -> None:
    account = Account(sandbox, "ladder")
    assembly = project.synthesize(Settings("ladder", max_training_hours=7))

    with ClockTurner(account, seconds=_STEP_SECONDS, kinds=("TrainingAwait", "ProvisionedThroughput")):
        run = assembly.deploy("ladder/*")

    assert run.code == 0, run.output
    rungs = account.requests("TrainingAwait")
    assert [(its.type, its.status) for its in rungs] == [("Create", "SUCCESS")] * 9
    said = [its.answer["attributes"] for its in rungs if its.answer]
    assert [its["State"] for its in said] == ["still running"] * 6 + ["ready"] * 3
    assert [its["Ran"] for its in said[:3]] == ["51 min", "1 h 42 min", "2 h 33 min"]
    assert [its.turns for its in rungs[7:]] == [1, 1]
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
    advice = (
        f"training {name} is still running after 1 h 42 min and goes on by itself: "
        "run the same deploy again to go on waiting"
    )
    assert gave_up.code != 0
    assert advice in gave_up.output, gave_up.output
    assert any(advice in reason for reason in account.reasons("Training"))
    assert [job["status"] for job in account.jobs()] == ["InProgress"]
    assert account.throughputs() == []
    assert account.stack_status("Serving") is None

    sandbox.control("clock", {"advance_seconds": 4 * 3600, "rate": sandbox.options.rate})
    adopted = assembly.deploy("hasty/*")

    assert adopted.code == 0, adopted.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert [its.status for its in account.requests("ModelCustomization") if its.type == "Create"] == ["SUCCESS"] * 2
    assert account.throughput()["modelArn"] == account.model(name)["modelArn"]
