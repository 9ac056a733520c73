"""`tune deploy --detach` from nothing to an answer, by runs alone that are killed wherever it hurts."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sandbox.options import Options
from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.clock_turner import ClockTurner
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.patience import until
from tests.e2e.project import Project, Run, Running
from tests.e2e.settings_file import NAME, Settings
from tests.support.messages import says
from tune.terminal.exit_codes import ExitCode

pytestmark = pytest.mark.sandbox

_TUNE: Final = (sys.executable, "-m", "tune")
_KILL_HOOK: Final = Path(__file__).parent / "kill_hook"
# A little longer than a rung waits, and together nine hours.
_STEP_SECONDS: Final = 46 * 60
_TRAINING_MINUTES: Final = 9 * 60


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in which every training takes nine hours."""
    minutes = {**MINUTES, "training": float(_TRAINING_MINUTES)}
    with bootstrapped(Options(rate=RATE, minutes=minutes, quotas=QUOTAS)) as sandbox:
        yield sandbox


class Runs:
    """Runs of one command, as the jobs of a pipeline: none knows of another."""

    def __init__(self, project: Project, account: Account, settings: Settings) -> None:
        self._project = project
        self._account = account
        self._kills = project.fresh("kills")
        self._kills.mkdir()
        assembly = ["--app", str(project.synthesize(settings).folder), "--require-approval", "never"]
        folder = project.write(settings)
        self.commit = commit(folder)
        self.folder = ["--environments", str(folder)]
        self._command = [*_TUNE, "deploy", settings.environment, *self.folder, "--detach", "--", *assembly]

    def start(self, **variables: str) -> Running:
        return self._project.start(*self._command, **variables)

    def run(self) -> Run:
        return self.start().wait()

    def killed_after(self, operation: str) -> None:
        """Run it, and kill it when an operation of AWS has taken effect and before it knows."""
        (self._kills / operation).touch()
        hook = {"PYTHONPATH": str(_KILL_HOOK), "KILL_AFTER": str(self._kills), "_LAMBDA_FUNCTION_ARN": "none"}
        run = self.start(**hook).wait()
        killed = self._kills / f"{operation}.killed"
        assert killed.exists(), run.output
        killed.unlink()

    def killed_when_it_says(self, text: str) -> None:
        running = self.start()
        until(lambda: text in running.output or running.ended(), pause=0.01)
        assert not running.ended(), running.output
        running.kill()


def commit(folder: Path) -> str:
    """Make a repository of a folder; return the first digits of its commit."""
    git = ("git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.com")
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "x")):
        subprocess.run([*git, *arguments], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout[:12]


def test_a_training_of_nine_hours_is_carried_by_runs_that_are_killed_and_trains_and_buys_once(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "detached")
    runs = Runs(project, account, Settings("detached", max_training_hours=12))
    complete = ("CREATE_COMPLETE", "UPDATE_COMPLETE")

    runs.killed_when_it_says("creating CloudFormation changeset")
    runs.killed_after("DescribeChangeSet")
    assert account.stack_status("Foundation") == "REVIEW_IN_PROGRESS"
    runs.killed_after("ExecuteChangeSet")
    until(lambda: account.stack_status("Foundation") in complete)

    with ClockTurner(account, seconds=0, kinds=()):  # the clock stands still
        runs.killed_after("DescribeChangeSet")
        runs.killed_after("ExecuteChangeSet")
        until(lambda: bool(account.jobs()))
        early = runs.run()
        assert early.code == ExitCode.GOES_ON, early.output
        assert says(early.output, account.stack("Training"), "CREATE_IN_PROGRESS", account.jobs()[0]["jobName"])
        assert account.stack_status("Serving") is None

    with ClockTurner(account, seconds=_STEP_SECONDS, kinds=("TrainingAwait", "ProvisionedThroughput")):
        until(lambda: account.stack_status("Training") in complete)
        runs.killed_after("ExecuteChangeSet")
        until(lambda: account.stack_status("Serving") in complete)
    last = runs.run()

    assert last.code == ExitCode.DONE, last.output
    (job,) = account.jobs()
    assert job["status"] == "Completed"
    (throughput,) = account.throughputs()
    assert not throughput["deleted"]
    assert account.throughput()["status"] == "InService"
    assert account.throughput()["modelArn"] == account.model(job["jobName"])["modelArn"]
    assert {(its.type, its.status) for its in account.requests()} == {("Create", "SUCCESS")}
    told = project.document(*_TUNE, "status", "--all", *runs.folder, "--json", "--exit-code")
    (environment,) = told["environments"]
    row = environment["models"][0]
    assert (row["model"], row["training"], row["commit"]) == (NAME, job["jobName"], runs.commit)
    assert [stack["commit"] for stack in environment["stacks"]] == [runs.commit] * 3
    waited = [its for its in account.requests("TrainingAwait") if its.waits]
    assert len(waited) * _STEP_SECONDS >= _TRAINING_MINUTES * 60
