"""Objects with versions: which one is read, which one was checked, and that none is written over."""

from typing import Any

import pytest
from mypy_boto3_s3 import S3Client

from bedrock_lifecycle.dataset import objects
from bedrock_lifecycle.dataset.copy import check_in_place, copy_dataset
from bedrock_lifecycle.dataset.errors import DatasetRefused, S3Object, SourceMissing, StoredDataChanged
from tests.support.messages import saying
from tests.support.s3_service import BUCKET
from tests.unit.dataset_function.copying import (
    LIMITS,
    PART_BYTES,
    RECORD,
    SMALL,
    SOURCE,
    Copy,
    destination_of,
    of_size,
    put,
    sha256,
)

SIZES = pytest.mark.parametrize("data", [SMALL, of_size(2 * PART_BYTES)], ids=["one put", "parts"])


@pytest.fixture(autouse=True)
def _versioned(s3: S3Client, copy: Copy) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    copy.service.calls.clear()


def current(s3: S3Client, where: S3Object) -> str:
    return s3.head_object(Bucket=where.bucket, Key=where.key)["VersionId"]


@SIZES
def test_the_version_that_was_written_is_told(copy: Copy, data: bytes) -> None:
    assert copy.checked(data).version_id == current(copy.s3, destination_of(data))


def test_the_version_that_was_checked_where_it_lies_is_told(copy: Copy) -> None:
    put(copy.s3, destination_of(SMALL), b"older\n")
    put(copy.s3, destination_of(SMALL), SMALL)
    checked = check_in_place(copy.s3, destination_of(SMALL), sha256(SMALL), LIMITS)
    assert checked.version_id == current(copy.s3, destination_of(SMALL))


def test_an_object_without_versioning_has_s3_s_null_version(copy: Copy, s3: S3Client) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    assert copy.checked(SMALL).version_id == "null"


@SIZES
def test_what_somebody_wrote_in_the_meantime_is_checked_and_not_written_over(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    first = copy.checked(data)
    monkeypatch.setattr(objects, "exists", lambda *_: False)
    second = copy.checked(data)
    assert second == first
    assert "GetObject" in copy.service.calls[-2:]
    assert "Uploads" not in dict(copy.s3.list_multipart_uploads(Bucket=BUCKET))
    assert len(copy.s3.list_object_versions(Bucket=BUCKET, Prefix="train/")["Versions"]) == 1


def test_wrong_bytes_that_somebody_wrote_in_the_meantime_are_refused(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(copy.s3, destination_of(SMALL), SMALL + RECORD)
    monkeypatch.setattr(objects, "exists", lambda *_: False)
    with pytest.raises(StoredDataChanged):
        copy(SMALL)


def test_a_client_is_left_as_it_was_found(copy: Copy) -> None:
    copy(SMALL)
    with pytest.raises(DatasetRefused):
        copy(SMALL + b"{\n")
    put(copy.s3, destination_of(SMALL), b"a plain put writes over what is there")
    assert len(copy.s3.list_object_versions(Bucket=BUCKET, Prefix="train/")["Versions"]) == 2


@pytest.fixture
def versions(s3: S3Client) -> list[str]:
    """The versions of the source, oldest first: the right one, then a later upload to the same key."""
    made: list[Any] = [s3.put_object(Bucket=BUCKET, Key=SOURCE.key, Body=body) for body in (SMALL, b"later\n")]
    return [each["VersionId"] for each in made]


def source(version_id: str | None) -> S3Object:
    return S3Object(BUCKET, SOURCE.key, version_id=version_id)


def test_the_version_that_is_named_is_read_whatever_came_later(s3: S3Client, versions: list[str]) -> None:
    checked = copy_dataset(s3, source(versions[0]), destination_of(SMALL), sha256(SMALL), LIMITS)
    assert checked.report.sha256 == sha256(SMALL)


@pytest.mark.parametrize("gone", ["no such version", "a deletion"])
def test_a_version_that_is_gone_is_named(s3: S3Client, versions: list[str], gone: str) -> None:
    version = versions[0]
    if gone == "a deletion":
        version = s3.delete_object(Bucket=BUCKET, Key=SOURCE.key)["VersionId"]
    else:
        s3.delete_object(Bucket=BUCKET, Key=SOURCE.key, VersionId=version)
    with pytest.raises(SourceMissing, match=saying(SOURCE.key, version)):
        copy_dataset(s3, source(version), destination_of(SMALL), sha256(SMALL), LIMITS)
