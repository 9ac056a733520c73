"""Another hyper-parameter, and back."""

import re
from typing import Final

import pytest

from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Project
from tests.e2e.serving_watch import always_serving
from tests.e2e.settings_file import Settings

pytestmark = pytest.mark.sandbox

_CHANGED_VALUE: Final = re.compile(r"\[([-+])\] (\S+)$", re.MULTILINE)
_CHANGED_RESOURCE: Final = re.compile(r"^\[(.)\] (Custom::\S+|AWS::\S+|Output) ", re.MULTILINE)


def test_another_hyper_parameter_is_one_line_in_the_review_one_training_and_a_swap_in_place(
    project: Project, sandbox: Sandbox
) -> None:
    account = Account(sandbox, "retrain")
    first = project.synthesize(Settings("retrain", hyper_parameters={"epochCount": 2}))
    second = project.synthesize(Settings("retrain", hyper_parameters={"epochCount": 3}))
    run = first.deploy("retrain/*")
    assert run.code == 0, run.output
    (old_job,) = account.jobs()
    old_model = account.model(old_job["jobName"])["modelArn"]
    served = account.throughput()

    # What the template alone says: MiniStack's change sets call every change of a custom resource a replacement.
    review = second.diff("retrain/*", "--method", "template", "--fail-on", "destructive")
    with always_serving(account) as seen:
        run = second.deploy("retrain/*")

    assert review.code == 0, review.output
    assert run.code == 0, run.output
    _, new_job = account.jobs()
    new_model = account.model(new_job["jobName"])["modelArn"]
    ids = [("-", training_id(old_job["jobName"])), ("+", training_id(new_job["jobName"]))]
    assert _CHANGED_RESOURCE.findall(review.output) == [
        ("~", "Custom::BedrockModelCustomization"),
        # The training's name, and what is trained in words.
        ("~", "Output"),
        ("~", "Output"),
        ("~", "Custom::BedrockProvisionedThroughput"),
        # Which training's model is served.
        ("~", "Output"),
    ]
    names = [("-", old_job["jobName"]), ("+", new_job["jobName"])]
    assert _CHANGED_VALUE.findall(review.output) == [("-", "2"), ("+", "3"), *ids, *names, *ids]

    assert account.throughput()["provisionedModelArn"] == served["provisionedModelArn"]
    assert account.throughput()["modelArn"] == new_model
    assert seen[0] == ("InService", old_model)
    assert seen[-1] == ("InService", new_model)
    assert {model for status, model in seen if status == "Updating"} <= {old_model}
    assert account.model(old_job["jobName"])["modelArn"] == old_model
    assert [its.type for its in account.requests("ProvisionedThroughput")] == ["Create", "Update"]

    with always_serving(account):
        run = first.deploy("retrain/*")

    assert run.code == 0, run.output
    assert [job["jobName"] for job in account.jobs()] == [old_job["jobName"], new_job["jobName"]]
    assert account.throughput()["provisionedModelArn"] == served["provisionedModelArn"]
    assert account.throughput()["modelArn"] == old_model
    assert len(account.throughputs()) == 1


def training_id(job_name: str) -> str:
    return job_name.split("-")[-2]
