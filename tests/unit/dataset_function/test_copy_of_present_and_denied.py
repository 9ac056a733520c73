"""The copy when the bytes are there already, and when S3 answers with an error."""

import re

import pytest
from botocore.exceptions import ClientError, IncompleteReadError
from mypy_boto3_s3 import S3Client

from bedrock_lifecycle.dataset.copy import copy_dataset
from bedrock_lifecycle.dataset.errors import (
    DatasetError,
    DestinationDenied,
    DigestMismatch,
    Helps,
    NotPushed,
    OutOfTime,
    S3Object,
    SourceDenied,
    SourceMissing,
    StoredDataChanged,
)
from bedrock_lifecycle.engine.outcome import Refusal
from tests.support.messages import saying, says
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
from tests.unit.dataset_rules.samples import report_on


def test_checks_what_is_there_already_and_writes_nothing(copy: Copy) -> None:
    put(copy.s3, destination_of(SMALL), SMALL)
    assert copy(SMALL) == report_on(SMALL, LIMITS)
    assert copy.service.calls == ["HeadObject", "GetObject"]


def test_needs_no_source_for_what_is_there_already(s3: S3Client) -> None:
    put(s3, destination_of(SMALL), SMALL)
    checked = copy_dataset(s3, SOURCE, destination_of(SMALL), sha256(SMALL), LIMITS)
    assert checked.report.sha256 == sha256(SMALL)


def test_tells_that_what_is_there_has_been_overwritten(copy: Copy) -> None:
    put(copy.s3, destination_of(SMALL), SMALL + RECORD)
    with pytest.raises(StoredDataChanged) as changed:
        copy(SMALL)
    stored = f"s3://{BUCKET}/train/{sha256(SMALL)}.jsonl"
    assert says(changed.value, stored, sha256(SMALL), sha256(SMALL + RECORD), "push", "reconcile")
    assert copy.service.calls == ["HeadObject", "GetObject"]


def test_copies_once(copy: Copy) -> None:
    assert copy(SMALL) == copy(SMALL)
    assert "PutObject" not in copy.service.calls


@pytest.mark.parametrize("bucket", [BUCKET, "no-such-bucket"])
def test_names_a_source_that_does_not_exist(s3: S3Client, bucket: str) -> None:
    with pytest.raises(SourceMissing, match=saying(f"s3://{bucket}/a.jsonl")):
        copy_dataset(s3, S3Object(bucket, "a.jsonl"), destination_of(b""), sha256(b""), LIMITS)


DENIED = (403, "AccessDenied")


@pytest.mark.parametrize(
    ("call", "size", "error", "named"),
    [
        ("GetObject", 600, SourceDenied, [SOURCE, "s3:GetObject"]),
        ("HeadObject", 600, DestinationDenied, [f"s3://{BUCKET}/train/", "s3:ListBucket"]),
        ("PutObject", 600, DestinationDenied, [f"s3://{BUCKET}/train/", "s3:PutObject"]),
        ("CreateMultipartUpload", PART_BYTES, DestinationDenied, ["kms:GenerateDataKey"]),
        ("UploadPart", PART_BYTES, DestinationDenied, ["kms:Decrypt"]),
    ],
)
def test_names_the_permission_that_is_missing(
    copy: Copy, call: str, size: int, error: type[DatasetError], named: list[object]
) -> None:
    put(copy.s3, SOURCE, of_size(size))
    copy.service.errors[call] = DENIED
    with pytest.raises(error, match=saying(*named)):
        copy_dataset(copy.s3, SOURCE, destination_of(b"any"), sha256(of_size(size)), LIMITS)
    copy.service.errors.clear()
    assert copy.left_nothing(b"any")


def test_what_names_the_key_of_a_source_that_is_denied_is_told_as_the_app_gave_it() -> None:
    denied = SourceDenied(SOURCE)
    assert "any.key of source" in denied.told(Helps(source_key="any.key of source"))
    assert "any.key" not in denied.told(Helps(push="any.key"))


def test_the_library_names_no_setting_of_an_app() -> None:
    assert not re.search(r"key_arn|bootstrap|settings|\[", str(SourceDenied(SOURCE)))


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        ("HeadObject", 503, "503"),
        ("GetObject", 503, "SlowDown"),
        ("GetObject", 403, "ExpiredToken"),
        ("PutObject", 500, "InternalError"),
    ],
)
def test_passes_on_what_may_pass_by_itself(copy: Copy, call: str, status: int, code: str) -> None:
    put(copy.s3, SOURCE, SMALL)
    copy.service.errors[call] = (status, code)
    with pytest.raises(ClientError, match=code):
        copy_dataset(copy.s3, SOURCE, destination_of(SMALL), sha256(SMALL), LIMITS)


@pytest.mark.parametrize("size", [600, 2 * PART_BYTES])
def test_keeps_nothing_when_the_source_breaks_off(copy: Copy, size: int) -> None:
    copy.service.lost_bytes = 100
    with pytest.raises(IncompleteReadError):
        copy(of_size(size))
    copy.service.lost_bytes = 0
    assert copy.left_nothing(of_size(size))


def test_every_definite_failure_is_a_refusal_in_one_line() -> None:
    failures = [
        SourceMissing(SOURCE),
        SourceDenied(SOURCE),
        DestinationDenied(SOURCE),
        DigestMismatch(SOURCE, "a", "b"),
        StoredDataChanged(SOURCE, "a", "b"),
        NotPushed(SOURCE),
        OutOfTime(SOURCE, done_bytes=1, size_bytes=2),
    ]
    for failure in failures:
        assert isinstance(failure, Refusal)
        assert "\n" not in str(failure)
