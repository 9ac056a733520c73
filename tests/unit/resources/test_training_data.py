"""A job is made from the very data that was checked, and from no more of it than the base model takes."""

from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.clock import SEEN_WITHIN
from tests.support.calls import client_error
from tests.support.cloudformation import Resource
from tests.support.environment import TRAINING
from tests.support.lifecycle import BUCKET, CANARY
from tests.support.messages import says
from tests.support.wired import WANTED, WiredAccount
from tests.support.world_clients import version_of

TRAIN = f"s3://{BUCKET}/train/{WANTED.sha256}.jsonl"
SWAPPED = WANTED.data.replace(b"shut", b"open")


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount()


def deploy(account: WiredAccount, **changes: Any) -> str:
    """Deploy the Training stack as its template stands, `...` taking a property of the job away; put no data."""
    template = dict(WANTED.training())
    job = {name: value for name, value in {**template["Job"].properties, **changes}.items() if value is not ...}
    return account.cloudformation.deploy(TRAINING, {**template, "Job": Resource(contract.MODEL_CUSTOMIZATION, job)})


def put(account: WiredAccount, data: bytes) -> None:
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", data)


def test_data_that_is_what_was_checked_is_trained_on(account: WiredAccount) -> None:
    put(account, WANTED.data)
    assert deploy(account) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_data_that_was_swapped_after_its_check_is_refused_before_there_is_a_job(account: WiredAccount) -> None:
    put(account, SWAPPED)
    assert deploy(account) == "ROLLBACK_COMPLETE"
    assert says(account.reason, TRAIN, version_of(WANTED.data), version_of(SWAPPED), "reconcile")
    assert CANARY not in account.reason
    assert account.jobs() == []


def test_data_that_is_put_back_is_trained_on(account: WiredAccount) -> None:
    put(account, SWAPPED)
    deploy(account)
    put(account, WANTED.data)
    assert deploy(account) == "CREATE_COMPLETE"


def test_data_that_is_gone_is_refused(account: WiredAccount) -> None:
    assert deploy(account) == "ROLLBACK_COMPLETE"
    assert says(account.reason, TRAIN, "push")
    assert "HeadObject" not in account.reason
    assert account.jobs() == []


@pytest.mark.parametrize(("minutes", "status"), [(1, "CREATE_COMPLETE"), (3, "ROLLBACK_COMPLETE")])
def test_a_version_that_may_not_be_seen_yet_is_waited_for_as_permissions_are_and_then_refused(
    account: WiredAccount, minutes: int, status: str
) -> None:
    put(account, WANTED.data)
    arrives = account.lifecycle.now + timedelta(minutes=minutes)
    s3: Any = account.lifecycle.around("s3")
    real = s3.head_object

    def head_object(**params: str) -> Any:
        if account.lifecycle.now < arrives:
            raise client_error("403", "Forbidden", 403, "HeadObject")
        return real(**params)

    s3.head_object = head_object
    assert deploy(account) == status
    if minutes == 3:
        assert says(account.reason, TRAIN, "HeadObject: 403")
        assert account.jobs() == []


def test_a_job_that_exists_is_adopted_whatever_became_of_its_data(account: WiredAccount) -> None:
    put(account, WANTED.data)
    deploy(account)
    account.destroy()
    put(account, SWAPPED)
    assert deploy(account) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_rollback_runs_no_check(account: WiredAccount) -> None:
    put(account, WANTED.data)
    account.train(WANTED)
    put(account, SWAPPED)
    failing = WANTED.but(hyper_parameters={"epochCount": "11"})
    assert account.cloudformation.deploy(TRAINING, failing.training()) == "UPDATE_ROLLBACK_COMPLETE"
    assert len(account.jobs()) == 1


def test_another_attempt_is_checked_again(account: WiredAccount) -> None:
    put(account, WANTED.data)
    account.train(WANTED)
    account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)
    account.lifecycle.pass_time(SEEN_WITHIN)
    put(account, SWAPPED)
    assert account.cloudformation.deploy(TRAINING, WANTED.but(attempt=2).training()) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, TRAIN, version_of(WANTED.data), version_of(SWAPPED), "reconcile")
    assert len(account.jobs()) == 1


def test_a_deployment_that_told_no_version_is_not_judged(account: WiredAccount) -> None:
    put(account, SWAPPED)
    untold = {"TrainingDataVersionId": ..., "TrainingRecords": ..., "MaxRecordsSum": ...}
    assert deploy(account, **untold) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_more_records_together_than_the_base_model_takes_are_refused_with_the_quota(account: WiredAccount) -> None:
    put(account, WANTED.data)
    validation = {
        "ValidationDataUri": TRAIN.replace("train/", "validation/"),
        "ValidationDataVersionId": version_of(WANTED.data),
        "ValidationRecords": "501",
    }
    account.lifecycle.put(f"validation/{WANTED.sha256}.jsonl", WANTED.data)
    assert deploy(account, TrainingRecords="9500", **validation) == "ROLLBACK_COMPLETE"
    assert says(account.reason, 9500, 501, 10000, "L-679179D2")
    assert account.jobs() == []
