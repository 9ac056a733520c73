"""The CDK CLI killed in the middle of a deploy, and the same command again."""

import sys
from collections.abc import Callable

import pytest

from sandbox.server import Sandbox
from tests.sandbox.account import Account
from tests.sandbox.patience import until
from tests.sandbox.project import Project, Running
from tests.sandbox.settings_file import Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

# For a training or a throughput here, and less than a request waits for.
_LONG_ENOUGH_SECONDS = 20 * 60


def test_a_deploy_killed_in_every_stack_and_run_again_trains_once_and_buys_once(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "killed")
    assembly = project.synthesize(Settings("killed"))

    foundation = assembly.start_deploy("killed/*")
    # Here Foundation is made in less than a second, so it may be complete when the kill comes.
    kill_when(foundation, lambda: "deploying... [1/3]" in foundation.output)
    until(lambda: account.stack_status("Foundation") != "CREATE_IN_PROGRESS")

    sandbox.control("clock", {"rate": 0})
    kill_when(assembly.start_deploy("killed/*"), lambda: bool(account.jobs()))
    assert account.stack_status("Training") == "CREATE_IN_PROGRESS"

    # The CLI passes over a stack that is in progress, so it comes to Serving while the training is running.
    early = assembly.deploy("killed/*")
    assert early.code != 0
    name = account.jobs()[0]["jobName"]
    assert says(early.output, name, "0 min", "deploy")
    assert [(its.type, its.status) for its in account.requests("ProvisionedThroughput")] == [("Create", "FAILED")]
    assert account.throughputs() == []

    sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
    until(lambda: account.stack_status("Training") == "CREATE_COMPLETE")
    kill_when(assembly.start_deploy("killed/*"), lambda: bool(account.throughputs()))
    assert account.stack_status("Serving") == "CREATE_IN_PROGRESS"

    sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
    until(lambda: account.stack_status("Serving") == "CREATE_COMPLETE")
    last = assembly.deploy("killed/*")

    assert last.code == 0, last.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert [each["deleted"] for each in account.throughputs()] == [False]
    assert account.throughput()["modelArn"] == account.model(name)["modelArn"]
    assert account.throughput()["status"] == "InService"
    assert [its.status for its in account.requests("ModelCustomization")] == ["SUCCESS"]


def test_the_projects_own_command_waits_for_what_was_left_in_progress(project: Project, sandbox: Sandbox) -> None:
    account = Account(sandbox, "wrapped")
    settings = Settings("wrapped")
    command = deploy_command(project, settings)

    sandbox.control("clock", {"rate": 0})
    kill_when(project.start(*command), lambda: bool(account.jobs()))
    second = project.start(*command)
    until(lambda: says(second.output, "wrapped-Training", "CREATE_IN_PROGRESS", "waiting"))
    assert account.stack_status("Serving") is None
    sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
    kill_when(second, lambda: bool(account.throughputs()))
    third = project.start(*command)
    until(lambda: says(third.output, "wrapped-Serving", "CREATE_IN_PROGRESS", "waiting"))
    sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
    run = third.wait()

    assert run.code == 0, run.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert [each["deleted"] for each in account.throughputs()] == [False]
    assert account.throughput()["status"] == "InService"
    assert {(its.type, its.status) for its in account.requests()} == {("Create", "SUCCESS")}


def deploy_command(project: Project, settings: Settings) -> list[str]:
    """Return the command that the README recommends, without a synthesis on each run."""
    assembly = ["--app", str(project.synthesize(settings).folder), "--require-approval", "never"]
    environments = ["--environments", str(project.write(settings))]
    return [sys.executable, "-m", "tune", "deploy", settings.environment, *environments, "--", *assembly]


def kill_when(deploy: Running, condition: Callable[[], bool]) -> None:
    """Kill a deploy as soon as a condition holds; fail when it ends before."""
    until(lambda: condition() or deploy.ended(), pause=0.01)
    assert not deploy.ended(), deploy.output
    deploy.kill()
