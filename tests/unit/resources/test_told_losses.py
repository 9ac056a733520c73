"""The losses of a training as attributes of its last wait step; nothing that keeps them away fails a deployment."""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle.contract.training_await import LOSSES, TRAINING_LOSS, UNKNOWN_LOSS, VALIDATION_LOSS
from bedrock_lifecycle.resources import told_losses, training_metrics
from bedrock_lifecycle.resources.bedrock import Bedrock
from tests.support.cloudformation import Resource, Template
from tests.support.environment import TRAINING
from tests.support.wired import QUICK, WANTED, WiredAccount

UNKNOWN: Final = dict.fromkeys(LOSSES, UNKNOWN_LOSS)


def telling(rungs: int = 2) -> Template:
    """Return the Training stack of today, whose last rung tells losses."""
    template = WANTED.but(rungs=rungs).training()
    last = template[f"Await{rungs}"]
    return {**template, f"Await{rungs}": Resource(last.type, {**last.properties, "TellsLosses": True})}


def deployed(template: Template, account: WiredAccount) -> Mapping[str, Mapping[str, Any]]:
    """Return the attributes of each resource."""
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    assert account.cloudformation.deploy(TRAINING, template) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    stack = account.cloudformation.stack(TRAINING)
    assert stack is not None
    return {name: live.attributes for name, live in stack.resources.items()}


def told(account: WiredAccount) -> Mapping[str, str]:
    return told_losses.told(Bedrock(account.lifecycle.client).job(WANTED.training_name))


@pytest.fixture
def trained() -> WiredAccount:
    account = WiredAccount()
    assert account.train(WANTED) == "CREATE_COMPLETE"
    return account


def test_the_last_rung_alone_tells_what_bedrock_reports() -> None:
    account = WiredAccount()
    found = deployed(telling(), account)
    reported = account.job(WANTED)["trainingMetrics"]["trainingLoss"]
    assert found["Await2"][TRAINING_LOSS] == f"{reported:.6g}"
    assert found["Await2"].keys() >= set(LOSSES)
    assert found["Await1"].keys().isdisjoint(LOSSES)


def test_a_rung_of_an_older_template_tells_none_and_tells_them_once_it_is_updated() -> None:
    account = WiredAccount()
    assert deployed(WANTED.training(), account)["Await1"].keys().isdisjoint(LOSSES)
    assert deployed(telling(rungs=1), account)["Await1"].keys() >= set(LOSSES)
    assert account.changes() == ["CreateModelCustomizationJob"]


def test_the_losses_are_those_that_bedrock_reports(trained: WiredAccount) -> None:
    def reported(parsed: dict[str, Any], **_: object) -> None:
        parsed |= {"trainingMetrics": {"trainingLoss": 0.12345678}, "validationMetrics": [{"validationLoss": 0.5}]}

    trained.lifecycle.client.meta.events.register("after-call.bedrock.GetModelCustomizationJob", reported)
    assert told(trained) == {TRAINING_LOSS: "0.123457", VALIDATION_LOSS: "0.5"}


@pytest.mark.parametrize("loss", [-1.0, float("nan"), float("inf"), None])
def test_what_is_no_loss_is_unknown(loss: float | None, trained: WiredAccount) -> None:
    def reported(parsed: dict[str, Any], **_: object) -> None:
        its = {} if loss is None else {"trainingLoss": loss}
        parsed |= {"trainingMetrics": its, "validationMetrics": []}

    trained.lifecycle.client.meta.events.register("after-call.bedrock.GetModelCustomizationJob", reported)
    assert told(trained) == UNKNOWN


def test_of_a_training_that_has_not_completed_nothing_is_told() -> None:
    hours = dataclasses.replace(QUICK, durations=dataclasses.replace(QUICK.durations, training=timedelta(hours=2)))
    account = WiredAccount(hours)
    assert account.train(WANTED.but(rungs=0)) == "CREATE_COMPLETE"
    job = Bedrock(account.lifecycle.client).job(WANTED.training_name)
    assert job is not None
    assert job.status == "InProgress"
    assert told_losses.told(job) == told_losses.told(None) == UNKNOWN


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("s3://b/output/", ("b", "output/model-customization-job-abc/")),
        ("s3://b/output", ("b", "output/model-customization-job-abc/")),
        ("s3://b", ("b", "model-customization-job-abc/")),
    ],
)
def test_the_folder_of_a_job_is_below_its_output(uri: str, place: tuple[str, str]) -> None:
    assert training_metrics.place(uri, "arn:aws:bedrock:us-west-2:1:model-customization-job/base/abc") == place
