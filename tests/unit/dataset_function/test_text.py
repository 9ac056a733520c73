"""A text without records, such as a rubric: copied as it is, again for each evaluation, and checked by its digest."""

import hashlib
from typing import Any

import pytest

from bedrock_lifecycle.contract import MAX_RUBRIC_BYTES
from bedrock_lifecycle.contract.dataset import DatasetProperties
from tests.support.dataset_requests import Dataset
from tests.support.messages import says
from tests.support.s3_service import BUCKET

RUBRIC = b"CANARY: prefer the shorter answer.\n"
PLACE = "evaluation/confidential/rubrics/any.md"


def wanted(text: bytes = RUBRIC, sha256: str | None = None) -> dict[str, Any]:
    return DatasetProperties.write_text(
        source=DatasetProperties.write_source(bucket=BUCKET, key="asset.md"),
        file_name="rubric",
        sha256=sha256 or hashlib.sha256(text).hexdigest(),
        destination_bucket=BUCKET,
        destination_key=PLACE,
        copied_for="any-0",
    )


def served(dataset: Dataset, text: bytes = RUBRIC, **properties: Any) -> dict[str, Any]:
    dataset.s3.put_object(Bucket=BUCKET, Key="asset.md", Body=text)
    return dataset.serve(ResourceProperties=wanted(text, **properties))


def copied(dataset: Dataset) -> bytes:
    return dataset.s3.get_object(Bucket=BUCKET, Key=PLACE)["Body"].read()


def is_copied(dataset: Dataset) -> bool:
    return dataset.s3.list_objects_v2(Bucket=BUCKET, Prefix=PLACE)["KeyCount"] > 0


def test_a_text_is_copied_as_it_is(dataset: Dataset) -> None:
    assert served(dataset)["Status"] == "SUCCESS"
    assert copied(dataset) == RUBRIC


def test_it_is_written_again_so_that_it_expires_later(dataset: Dataset) -> None:
    served(dataset)
    dataset.service.calls.clear()
    assert served(dataset)["Status"] == "SUCCESS"
    # The asset's, and that of the copy.
    assert str(dataset.service.calls).count("PutObject") == 2


def test_another_text_than_the_templates_is_refused_and_not_copied(dataset: Dataset) -> None:
    answer = served(dataset, sha256="a" * 64)
    assert answer["Status"] == "FAILED"
    assert says(answer["Reason"], "a" * 64)
    assert not is_copied(dataset)


@pytest.mark.parametrize(("size", "is_taken"), [(MAX_RUBRIC_BYTES, True), (MAX_RUBRIC_BYTES + 1, False)])
def test_a_text_has_a_longest_size(dataset: Dataset, size: int, *, is_taken: bool) -> None:
    assert (served(dataset, b"x" * size)["Status"] == "SUCCESS") is is_taken
    assert is_copied(dataset) is is_taken


def test_no_word_of_it_is_answered(dataset: Dataset) -> None:
    assert "CANARY" not in str(served(dataset))
    assert "CANARY" not in str(served(dataset, sha256="a" * 64))


def test_a_rollback_copies_nothing_and_needs_no_file(dataset: Dataset) -> None:
    dataset.stack_status = "UPDATE_ROLLBACK_IN_PROGRESS"
    answer = dataset.serve(
        RequestType="Update",
        PhysicalResourceId="dataset/v1/Any",
        ResourceProperties=wanted(),
        OldResourceProperties={},
    )
    assert answer["Status"] == "SUCCESS"
    assert not is_copied(dataset)


def test_a_delete_leaves_it_to_its_expiry(dataset: Dataset) -> None:
    served(dataset)
    answer = dataset.serve(RequestType="Delete", PhysicalResourceId="dataset/v1/Any", ResourceProperties=wanted())
    assert answer["Status"] == "SUCCESS"
    assert copied(dataset) == RUBRIC
