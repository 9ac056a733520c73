"""A rollback goes back to data that was accepted before: nothing is checked again, and nothing can fail it."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from bedrock_lifecycle import contract
from tests.support.calls import client_error
from tests.support.dataset_requests import BAD, GOOD, Dataset, properties
from tests.support.s3_service import BUCKET
from tests.unit.dataset_function.test_dataset_resource import Breaking

REPORT = "output/dataset-reports/train-any.json"
ACCEPTED = {"Records": "3", "Bytes": str(len(GOOD)), "Warnings": "0", "VersionId": "null"}
UNKNOWN = dict.fromkeys(ACCEPTED, contract.UNKNOWN)
DENIED = client_error("AccessDenied", "no", 403, "Any")


@pytest.fixture
def before(dataset: Dataset) -> dict[str, str]:
    """The properties of data that was accepted once, whose objects are gone since."""
    wanted = {**dataset.put(GOOD), "ReportKey": REPORT}
    assert dataset.serve(ResourceProperties=wanted)["Status"] == "SUCCESS"
    for key in (wanted["SourceKey"], wanted["DestinationKey"]):
        dataset.s3.delete_object(Bucket=BUCKET, Key=key)
    dataset.stack_status = "UPDATE_ROLLBACK_IN_PROGRESS"
    dataset.service.calls.clear()
    return wanted


def update(dataset: Dataset, wanted: dict[str, str], s3: Any = None) -> dict[str, Any]:
    return dataset.serve(
        s3,
        RequestType="Update",
        PhysicalResourceId="dataset/v1/Any",
        ResourceProperties=wanted,
        OldResourceProperties={},
    )


def test_a_rollback_to_data_that_is_gone_succeeds_with_what_was_told_when_it_was_accepted(
    dataset: Dataset, before: dict[str, str]
) -> None:
    answer = update(dataset, before)
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", ACCEPTED)


def test_the_same_update_that_is_no_rollback_is_checked(dataset: Dataset, before: dict[str, str]) -> None:
    dataset.stack_status = "UPDATE_IN_PROGRESS"
    assert update(dataset, before)["Status"] == "FAILED"


def test_a_rollback_without_the_permission_to_read_says_that_nothing_is_known(
    dataset: Dataset, before: dict[str, str]
) -> None:
    denied = Breaking(dataset.s3, 1000, DENIED)
    answer = update(dataset, before, denied)
    assert (answer["Status"], answer["Data"], dataset.pauses) == ("SUCCESS", UNKNOWN, [])


@pytest.mark.parametrize("without", ["ReportKey", "the report", "its acceptance"])
def test_a_rollback_without_a_report_says_that_nothing_is_known(
    dataset: Dataset, before: dict[str, str], without: str
) -> None:
    if without == "ReportKey":
        del before["ReportKey"]
    elif without == "the report":
        dataset.s3.delete_object(Bucket=BUCKET, Key=REPORT)
    else:
        dataset.s3.put_object(Bucket=BUCKET, Key=REPORT, Body=b'{"accepted": false, "records": 3}')
    answer = update(dataset, before)
    assert (answer["Status"], answer["Data"]) == ("SUCCESS", UNKNOWN)


@pytest.mark.parametrize("error", [DENIED, EndpointConnectionError(endpoint_url="https://any")])
def test_where_nobody_tells_whether_it_is_a_rollback_the_data_is_checked(dataset: Dataset, error: Exception) -> None:
    dataset.stack_status = error
    dataset.put(BAD)
    assert update(dataset, properties(BAD))["Status"] == "FAILED"
    assert update(dataset, dataset.put(GOOD))["Status"] == "SUCCESS"
