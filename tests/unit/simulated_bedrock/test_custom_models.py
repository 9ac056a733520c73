"""Custom models."""

from typing import Any

import pytest

from tests.support.bedrock_client import ACCOUNT
from tests.unit.simulated_bedrock.scenario import HAIKU_TUNABLE, Account

BASE_ARN = f"arn:aws:bedrock:us-west-2::foundation-model/{HAIKU_TUNABLE}"


def test_comes_into_being_when_its_job_completes(account: Account) -> None:
    account.create_job()
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.get_custom_model(modelIdentifier="job-model")
    account.pass_time()
    model = account.bedrock.get_custom_model(modelIdentifier="job-model")
    job = account.job()
    assert model["modelStatus"] == "Active"
    assert model["modelArn"] == job["outputModelArn"]
    assert model["jobArn"] == job["jobArn"]
    assert model["baseModelArn"] == BASE_ARN
    assert model["creationTime"] == job["endTime"]
    for name in ("trainingMetrics", "validationMetrics", "hyperParameters", "trainingDataConfig"):
        assert model[name] == job[name]


def test_is_found_by_its_arn(account: Account) -> None:
    arn = account.tuned_model()
    assert account.bedrock.get_custom_model(modelIdentifier=arn)["modelName"] == "job-model"


def test_can_be_deleted_once(account: Account) -> None:
    arn = account.tuned_model()
    account.bedrock.delete_custom_model(modelIdentifier=arn)
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.get_custom_model(modelIdentifier=arn)
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.delete_custom_model(modelIdentifier=arn)
    assert account.job()["status"] == "Completed"


def test_cannot_be_deleted_while_a_throughput_serves_or_will_serve_it(account: Account) -> None:
    first, second = account.tuned_model("first"), account.tuned_model("second")
    serving = account.in_service(first)
    account.bedrock.update_provisioned_model_throughput(provisionedModelId=serving, desiredModelId=second)
    for arn in (first, second):
        with pytest.raises(account.bedrock.exceptions.ConflictException, match="used"):
            account.bedrock.delete_custom_model(modelIdentifier=arn)
    account.pass_time()
    account.bedrock.delete_custom_model(modelIdentifier=first)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["second-model", "first-model"]),
        ({"nameContains": "first"}, ["first-model"]),
        ({"baseModelArnEquals": BASE_ARN}, ["second-model", "first-model"]),
        ({"baseModelArnEquals": BASE_ARN.replace("200k", "48k")}, []),
        ({"foundationModelArnEquals": BASE_ARN.replace("200k", "48k")}, []),
        ({"modelStatus": "Active"}, ["second-model", "first-model"]),
        ({"modelStatus": "Creating"}, []),
        ({"isOwned": True}, ["second-model", "first-model"]),
        ({"isOwned": False}, []),
        ({"sortOrder": "Ascending", "maxResults": 1}, ["first-model"]),
    ],
)
def test_are_listed(account: Account, filters: dict[str, Any], expected: list[str]) -> None:
    account.tuned_model("first")
    account.tuned_model("second")
    found = account.bedrock.list_custom_models(**filters)["modelSummaries"]
    assert [each["modelName"] for each in found] == expected
    assert all(each["ownerAccountId"] == ACCOUNT for each in found)
