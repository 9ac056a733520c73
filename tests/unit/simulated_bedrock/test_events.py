"""The events of customization jobs."""

import json
from datetime import timedelta

import pytest

from sandbox.bedrock import EventFault
from tests.support.bedrock_client import ACCOUNT
from tests.unit.simulated_bedrock.scenario import ROLE_ARN, TRAIN_KEY, VALIDATION_KEY, Account, records, uri


def test_every_change_of_status_is_announced(account: Account) -> None:
    account.create_job()
    assert account.job_statuses() == ["InProgress"]
    account.pass_time()
    account.job()
    assert account.job_statuses() == ["InProgress", "Completed"]


def test_a_stop_is_announced_twice(account: Account) -> None:
    account.create_job()
    account.bedrock.stop_model_customization_job(jobIdentifier="job")
    account.pass_time()
    account.simulated.settle()
    assert account.job_statuses() == ["InProgress", "Stopping", "Stopped"]


def test_a_failure_is_announced_with_its_reason(account: Account) -> None:
    account.put(TRAIN_KEY, records(1))
    account.create_job()
    account.pass_time()
    account.simulated.settle()
    detail = account.world.events[-1].detail
    assert detail["jobStatus"] == "Failed"
    assert detail["failureMessage"] == account.job()["failureMessage"]


def test_has_the_documented_form(account: Account) -> None:
    arn = account.create_job()
    account.pass_time()
    account.simulated.settle()
    event = account.world.events[-1]
    assert (event.account, event.region, event.source) == (ACCOUNT, "us-west-2", "aws.bedrock")
    assert event.detail_type == "Model Customization Job State Change"
    assert event.resources == (arn,)
    assert json.loads(json.dumps(event.detail)) == {
        "version": "0.0",
        "jobName": "job",
        "jobArn": arn,
        "outputModelName": "job-model",
        "outputModelArn": account.job()["outputModelArn"],
        "roleArn": ROLE_ARN,
        "jobStatus": "Completed",
        "creationTime": "2025-11-15T00:00:00.000Z",
        "lastModifiedTime": "2025-11-15T01:30:00.000Z",
        "endTime": "2025-11-15T01:30:00.000Z",
        "baseModelArn": account.job()["baseModelArn"],
        "hyperParameters": {"epochCount": "2"},
        "trainingDataConfig": {"s3Uri": uri(TRAIN_KEY)},
        "validationDataConfig": {"s3Uri": uri(VALIDATION_KEY)},
        "outputDataConfig": {"s3Uri": uri("output/")},
    }


def test_goes_out_when_nobody_asks(account: Account) -> None:
    account.create_job()
    account.pass_time()
    account.simulated.settle()
    assert account.job_statuses()[-1] == "Completed"


def test_events_of_several_jobs_come_in_the_order_of_simulated_time(account: Account) -> None:
    account.create_job("slow", hyperParameters={"epochCount": "10"})
    account.pass_time(timedelta(minutes=1))
    account.create_job("fast", hyperParameters={"epochCount": "1"})
    account.pass_time()
    account.simulated.settle()
    assert [event.detail["jobName"] for event in account.world.events[2:]] == ["fast", "slow"]


@pytest.mark.parametrize(
    ("outcome", "expected"), [("dropped", ["InProgress"]), ("doubled", ["InProgress", "Completed", "Completed"])]
)
def test_can_be_lost_or_come_twice(account: Account, outcome: str, expected: list[str]) -> None:
    account.create_job()
    account.simulated.faults.add(EventFault(outcome))  # type: ignore[arg-type]
    account.pass_time()
    account.simulated.settle()
    assert account.job_statuses() == expected


def test_a_throughput_sends_none(account: Account) -> None:
    model = account.tuned_model()
    before = len(account.world.events)
    account.in_service(model)
    account.simulated.settle()
    assert len(account.world.events) == before


def test_an_event_that_could_not_be_delivered_is_tried_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ConnectionError("the bus is away")

    account.create_job()
    account.pass_time()
    with monkeypatch.context() as patch:
        patch.setattr(account.world, "emit", broken)
        with pytest.raises(ConnectionError):
            account.simulated.settle()
    account.simulated.settle()
    assert account.job_statuses() == ["InProgress", "Completed"]
