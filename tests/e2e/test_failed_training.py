"""A training that fails at Bedrock."""

from typing import Final

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Project
from tests.e2e.serving_watch import always_serving
from tests.e2e.settings_file import Settings
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

_MESSAGE: Final = "The loss diverged in epoch 2"
_FAULT: Final = {"type": "job", "phase": "Training", "message": _MESSAGE}


def test_a_failed_first_training_is_told_in_bedrocks_words_and_repeated_only_as_another_attempt(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "first")
    first = project.synthesize(Settings("first"))
    second = project.synthesize(Settings("first", attempt=2))
    sandbox.control("faults", {"add": [_FAULT]})

    failed = first.deploy("first/*")

    (job,) = account.jobs()
    reason = (job["jobName"], _MESSAGE, "attempt")
    assert failed.code != 0
    assert says(failed.output, *reason)
    assert any(says(each, *reason) for each in account.reasons("Training"))
    assert account.stack_status("Training") == "ROLLBACK_COMPLETE"

    again = first.deploy("first/*")

    assert again.code != 0
    assert says(again.output, *reason)
    assert len(account.jobs()) == 1
    assert account.throughputs() == []

    mended = second.deploy("first/*")

    assert mended.code == 0, mended.output
    assert [each["status"] for each in account.jobs()] == ["Failed", "Completed"]
    assert account.jobs()[1]["jobName"] == job["jobName"].removesuffix("-1") + "-2"
    assert account.throughput()["status"] == "InService"


def test_the_model_in_service_goes_on_serving_while_its_successor_fails(project: Project, sandbox: Sandbox) -> None:
    account = Account(sandbox, "later")
    served = project.synthesize(Settings("later", hyper_parameters={"epochCount": 2}))
    changed = project.synthesize(Settings("later", hyper_parameters={"epochCount": 3}))
    mended = project.synthesize(Settings("later", hyper_parameters={"epochCount": 3}, attempt=2))
    run = served.deploy("later/*")
    assert run.code == 0, run.output
    before = account.throughput()
    sandbox.control("faults", {"add": [_FAULT]})

    with always_serving(account) as seen:
        failed = changed.deploy("later/*")
        again = changed.deploy("later/*")

    reason = (account.jobs()[1]["jobName"], _MESSAGE, "attempt")
    for refused in (failed, again):
        assert refused.code != 0
        assert says(refused.output, *reason)
    assert seen == [("InService", before["modelArn"])]
    assert account.stack_status("Training") == "UPDATE_ROLLBACK_COMPLETE"
    assert len(account.jobs()) == 2
    assert [its.type for its in account.requests("ProvisionedThroughput")] == ["Create"]

    with always_serving(account):
        run = mended.deploy("later/*")

    assert run.code == 0, run.output
    assert [job["status"] for job in account.jobs()] == ["Completed", "Failed", "Completed"]
    assert account.throughput()["provisionedModelArn"] == before["provisionedModelArn"]
    assert account.throughput()["modelArn"] == account.model(account.jobs()[2]["jobName"])["modelArn"]
