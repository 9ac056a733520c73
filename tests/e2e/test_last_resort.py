"""A workflow that dies is answered for."""

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account, Request
from tests.e2e.patience import until
from tests.e2e.project import Project
from tests.e2e.settings_file import Settings

pytestmark = pytest.mark.sandbox

_SECONDS = 15


def test_a_workflow_that_is_stopped_is_answered_within_seconds_and_costs_nothing(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "orphan")
    assembly = project.synthesize(Settings("orphan", model_units=None))

    def waiting() -> Request | None:
        if account.stack_status("Training") is None:
            return None
        return next((its for its in account.requests("TrainingAwait") if its.waits), None)

    sandbox.control("clock", {"rate": 0})
    deploy = assembly.start_deploy("orphan/*")
    account.stop_workflow(until(waiting))
    until(lambda: account.stack_status("Training") != "CREATE_IN_PROGRESS", seconds=_SECONDS)
    run = deploy.wait()

    assert run.code != 0
    answer = "the lifecycle workflow ended without an answer"
    assert answer in run.output
    assert any(answer in reason for reason in account.reasons("Training"))
    assert [job["status"] for job in account.jobs()] == ["InProgress"]

    sandbox.control("clock", {"rate": sandbox.options.rate})
    again = assembly.deploy("orphan/*")
    assert again.code == 0, again.output
    assert [job["status"] for job in account.jobs()] == ["Completed"]
