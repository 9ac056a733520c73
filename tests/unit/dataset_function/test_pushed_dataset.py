"""Data that was pushed before: checked where it lies, and copied nowhere; and one version of an object elsewhere."""

import hashlib
from typing import Any

import pytest

from tests.support.dataset_requests import BAD, CANARY, GOOD, KEY, Dataset, destination, properties
from tests.support.messages import says
from tests.support.s3_service import BUCKET


def pushed(data: bytes) -> dict[str, str]:
    """Return the properties of a resource whose data was pushed."""
    given = properties(data, FileName="train data")
    return {name: value for name, value in given.items() if not name.startswith("Source")}


def push(dataset: Dataset, data: bytes, instead: bytes | None = None) -> dict[str, str]:
    """Push a file, or other bytes in its place, and return the properties of its resource."""
    dataset.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    dataset.s3.put_object(Bucket=BUCKET, Key=destination(data), Body=data if instead is None else instead)
    dataset.service.calls.clear()
    return pushed(data)


def test_good_data_is_accepted_and_its_version_told(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=push(dataset, GOOD))
    version = dataset.s3.head_object(Bucket=BUCKET, Key=destination(GOOD))["VersionId"]
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"]["VersionId"] == version
    assert answer["Data"]["Records"] == "3"


def test_is_only_read(dataset: Dataset) -> None:
    dataset.serve(ResourceProperties=push(dataset, GOOD))
    assert dataset.service.calls == ["GetObject"]


def test_bad_data_is_refused_by_line_place_and_rule(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=push(dataset, BAD))
    assert answer["Status"] == "FAILED"
    assert says(answer["Reason"], "line 2", "messages", "(message-count)")
    assert CANARY not in answer["Reason"]


def test_data_that_was_swapped_before_it_was_checked_is_refused_with_both_digests(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=push(dataset, GOOD, instead=GOOD[:-1] + b" \n"))
    assert answer["Status"] == "FAILED"
    assert says(answer["Reason"], f"s3://{BUCKET}/{destination(GOOD)}")
    for data in (GOOD, GOOD[:-1] + b" \n"):
        assert hashlib.sha256(data).hexdigest() in answer["Reason"]


def test_data_that_was_not_pushed_is_told_with_what_to_do(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=pushed(GOOD))
    assert says(answer["Reason"], f"s3://{BUCKET}/{destination(GOOD)}", "any --push", "deploy")
    assert dataset.pauses == []


def test_the_named_version_elsewhere_is_copied_whatever_came_later(dataset: Dataset) -> None:
    dataset.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    made: list[Any] = [dataset.s3.put_object(Bucket=BUCKET, Key=KEY, Body=data) for data in (GOOD, BAD)]
    answer = dataset.serve(ResourceProperties=properties(GOOD, SourceVersionId=made[0]["VersionId"]))
    assert answer["Status"] == "SUCCESS"
    assert dataset.copied(GOOD)


def test_a_missing_version_elsewhere_is_named(dataset: Dataset) -> None:
    dataset.put(GOOD)
    answer = dataset.serve(ResourceProperties=properties(GOOD, SourceVersionId="no-such-version"))
    assert says(answer["Reason"], f"s3://{BUCKET}/{KEY}", "no-such-version", "location")


@pytest.mark.parametrize("data", [GOOD, BAD], ids=["good", "bad"])
def test_a_file_that_takes_longer_than_the_function_has_is_answered_in_words(dataset: Dataset, data: bytes) -> None:
    answer = dataset.serve(time_left=lambda: 59.0, ResourceProperties=push(dataset, data))
    assert answer["Status"] == "FAILED"
    assert says(answer["Reason"], "0.0 of 0.0 GB", "deploy", "any --push")


def test_a_copy_that_takes_longer_than_the_function_has_leaves_nothing(dataset: Dataset) -> None:
    answer = dataset.serve(time_left=lambda: 59.0, ResourceProperties=dataset.put(GOOD))
    assert says(answer["Reason"], "0.0 of 0.0 GB", "deploy", "any --push")
    assert not dataset.copied(GOOD)
