"""The CDK CLI killed in the middle of a deploy, and the same command again."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.patience import until
from tests.e2e.project import Project, Running
from tests.e2e.settings_file import Settings, stack_of
from tests.support.messages import says
from tune.terminal.targets import target_of

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
    until(lambda: says(second.output, stack_of("wrapped", "Training"), "CREATE_IN_PROGRESS", "waiting"))
    assert account.stack_status("Serving") is None
    sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
    kill_when(second, lambda: bool(account.throughputs()))
    third = project.start(*command)
    until(lambda: says(third.output, stack_of("wrapped", "Serving"), "CREATE_IN_PROGRESS", "waiting"))
    sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
    run = third.wait()

    assert run.code == 0, run.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert [each["deleted"] for each in account.throughputs()] == [False]
    assert account.throughput()["status"] == "InService"
    assert {(its.type, its.status) for its in account.requests()} == {("Create", "SUCCESS")}

    while_a_deploy_waits(project, sandbox, account, settings)


def while_a_deploy_waits(project: Project, sandbox: Sandbox, account: Account, settings: Settings) -> None:
    """Lose the credentials of a second deploy, and end what bills by the hour from the same checkout."""
    folder = project.write(replace(settings, hyper_parameters={"epochCount": 3}))
    (folder / "another").mkdir()
    (folder / "another" / "environment.toml").write_text("attemptt = ", encoding="utf-8")
    tune = (sys.executable, "-m", "tune")
    options = (settings.environment, "--environments", str(folder))
    deploy = (*tune, "deploy", *options, "--", "--require-approval", "never")
    assembly = target_of(folder, settings.environment).assembly
    try:
        # As a person starts it: it synthesizes into the checkout, and keeps that folder locked while it waits.
        sandbox.control("clock", {"rate": 0})
        waiting = project.start(*deploy, CDK_OUTPUT="")
        until(lambda: len(account.jobs()) == 2 or waiting.ended(), seconds=180)
        assert not waiting.ended(), waiting.output
        assert assembly.exists()

        user = User(sandbox)
        second = project.start(*deploy, CDK_OUTPUT="", **user.variables)
        until(lambda: f"waiting for stack {stack_of('wrapped', 'Training')}" in second.output or second.ended())
        user.lose_the_key()
        lost = second.wait()
        assert lost.code == 2, lost.output
        assert "InvalidClientTokenId" in lost.output
        assert says(lost.output, "sign in", "run the same command")
        assert "Traceback" not in lost.output

        settings.data_path(folder).unlink()
        destroyed = project.start(*tune, "destroy", *options, "--serving-only", "--yes").wait()
        assert destroyed.code == 0, destroyed.output
        assert [each["deleted"] for each in account.throughputs()] == [True]
        assert account.stack_status("Serving") is None
        assert account.stack_status("Training") == "UPDATE_IN_PROGRESS"
        assert not waiting.ended(), waiting.output
        assert "aws bedrock stop-model-customization-job" in destroyed.output

        # The rest is destroyed when CloudFormation has ended what it is at.
        rest = project.start(*tune, "destroy", *options, "--yes")
        until(lambda: f"{stack_of('wrapped', 'Training')} is UPDATE_IN_PROGRESS" in rest.output or rest.ended())
        waiting.kill()
        sandbox.control("clock", {"advance_seconds": _LONG_ENOUGH_SECONDS})
        ended = rest.wait()
        assert ended.code == 0, ended.output
        assert account.stack_status("Training") is None
        assert account.stack_status("Foundation") in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        assert [job["status"] for job in account.jobs()] == ["Completed"] * 2
    finally:
        shutil.rmtree(assembly, ignore_errors=True)


class User:
    """Somebody with a key of their own, which ends."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._iam = sandbox.client("iam")
        self._iam.create_user(UserName="somebody")
        self._iam.attach_user_policy(UserName="somebody", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        self._key = self._iam.create_access_key(UserName="somebody")["AccessKey"]

    @property
    def variables(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self._key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self._key["SecretAccessKey"],
        }

    def lose_the_key(self) -> None:
        self._iam.delete_access_key(UserName="somebody", AccessKeyId=self._key["AccessKeyId"])


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
