"""A file is uploaded once, whatever breaks off, and only as it was checked."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_s3 import S3Client

from tests.support.messages import saying
from tests.support.s3_service import BUCKET, S3Service
from tune.dataset.files import Unusable
from tune.dataset.upload.parts import checksum_of
from tune.dataset.upload.upload import FileToUpload, Upload, UploadOutcome

MIB = 1 << 20
PART = 8 * MIB
# Three parts, no two alike.
DATA = b"".join(bytes([number]) * MIB for number in range(1, 18))
SHA256 = hashlib.sha256(DATA).hexdigest()
KEY = f"train/{SHA256}.jsonl"


@pytest.fixture
def file(tmp_path: Path) -> FileToUpload:
    path = tmp_path / "train.jsonl"
    path.write_bytes(DATA)
    return FileToUpload(path, SHA256, len(DATA))


@pytest.fixture
def upload(s3: S3Client, file: FileToUpload) -> Upload:
    return Upload(s3, BUCKET, KEY, file)


def run(upload: Upload) -> UploadOutcome:
    return upload.run(lambda _: None)


def stored(s3: S3Client) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()


def begun(s3: S3Client) -> list[Any]:
    return list(s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


def before(s3: S3Client, operation: str, action: Callable[[], object], *, call: int = 1) -> None:
    """Do something just before a request is sent for the `call`th time."""
    calls = 0

    def hook(**_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            action()

    s3.meta.events.register_first(f"before-send.s3.{operation}", hook)


def fail(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


def test_every_part_is_sent_once_with_its_checksum(upload: Upload, s3: S3Client, s3_service: S3Service) -> None:
    reached: list[int] = []
    assert upload.run(reached.append) == UploadOutcome(sent=3, found=0)
    assert stored(s3) == DATA
    assert s3_service.calls.count("UploadPart") == 3
    assert sum(reached) == len(DATA)
    head = s3.head_object(Bucket=BUCKET, Key=KEY, ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"].endswith("-3")
    assert not begun(s3)


def test_an_object_that_is_there_is_not_sent_again(upload: Upload, s3_service: S3Service) -> None:
    run(upload)
    s3_service.calls.clear()
    assert run(upload) == UploadOutcome(sent=0, found=0)
    assert s3_service.calls == ["HeadObject"]


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="https://any"), KeyboardInterrupt()], ids=["network", "interrupt"]
)
def test_what_was_sent_before_it_broke_off_is_not_sent_again(
    upload: Upload, s3: S3Client, s3_service: S3Service, error: BaseException
) -> None:
    before(s3, "UploadPart", fail(error), call=3)
    with pytest.raises(type(error)):
        run(upload)
    assert s3_service.calls.count("UploadPart") == 2
    assert len(begun(s3)) == 1
    s3_service.calls.clear()
    assert run(upload) == UploadOutcome(sent=1, found=2)
    assert s3_service.calls.count("UploadPart") == 1
    assert "CreateMultipartUpload" not in s3_service.calls
    assert stored(s3) == DATA
    assert not begun(s3)


def test_a_part_that_is_there_with_other_bytes_is_sent_again(upload: Upload, s3: S3Client) -> None:
    others = s3.create_multipart_upload(Bucket=BUCKET, Key=KEY, ChecksumAlgorithm="SHA256")["UploadId"]
    for number, data in ((1, DATA[:PART]), (2, DATA[:PART]), (3, DATA[2 * PART :] + b"x")):
        checksum = checksum_of(data)
        s3.upload_part(Bucket=BUCKET, Key=KEY, UploadId=others, PartNumber=number, Body=data, ChecksumSHA256=checksum)
    assert run(upload) == UploadOutcome(sent=2, found=1)
    assert stored(s3) == DATA


def test_an_upload_to_another_key_with_the_same_beginning_is_not_gone_on_with(upload: Upload, s3: S3Client) -> None:
    s3.create_multipart_upload(Bucket=BUCKET, Key=f"{KEY}.backup", ChecksumAlgorithm="SHA256")
    assert run(upload) == UploadOutcome(sent=3, found=0)
    assert [each["Key"] for each in begun(s3)] == [f"{KEY}.backup"]


def test_a_file_that_is_not_what_was_checked_is_refused_and_nothing_of_it_is_left(
    upload: Upload, s3: S3Client, file: FileToUpload
) -> None:
    file.path.write_bytes(DATA[:-1] + b"!")
    with pytest.raises(Unusable, match=saying("train.jsonl", "changed")):
        run(upload)
    assert not begun(s3)
    with pytest.raises(ClientError):
        stored(s3)


@pytest.mark.parametrize("size", [0, PART, len(DATA) + PART])
def test_a_file_that_changes_while_it_is_uploaded_is_refused(
    upload: Upload, s3: S3Client, file: FileToUpload, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    # More parts than are read ahead.
    monkeypatch.setattr("tune.dataset.upload.sending.part_bytes", lambda _: MIB)
    before(s3, "UploadPart", lambda: file.path.write_bytes(bytes(size)))
    with pytest.raises(Unusable, match=saying("train.jsonl")):
        run(upload)
    assert not begun(s3)
    with pytest.raises(ClientError):
        stored(s3)


def test_two_that_push_the_same_at_once_both_succeed(s3: S3Client, file: FileToUpload) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: run(Upload(s3, BUCKET, KEY, file)), range(2)))
    assert sum(outcome.sent for outcome in outcomes) >= 3
    assert stored(s3) == DATA


def test_another_who_completes_the_shared_upload_first_is_no_failure(
    upload: Upload, s3: S3Client, file: FileToUpload
) -> None:
    other: list[UploadOutcome] = []
    before(s3, "UploadPart", lambda: other.append(run(Upload(s3, BUCKET, KEY, file))), call=3)
    assert run(upload) == UploadOutcome(sent=0, found=0)
    assert other == [UploadOutcome(sent=1, found=2)]
    assert stored(s3) == DATA


def test_an_upload_that_was_aborted_by_somebody_is_told(upload: Upload, s3: S3Client) -> None:
    def abort() -> None:
        [each] = begun(s3)
        s3.abort_multipart_upload(Bucket=BUCKET, Key=KEY, UploadId=each["UploadId"])

    before(s3, "CompleteMultipartUpload", abort)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        run(upload)
    assert run(upload) == UploadOutcome(sent=3, found=0)


def test_an_object_that_cannot_be_the_file_is_not_taken_for_it(upload: Upload, s3: S3Client) -> None:
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"of somebody else")
    with pytest.raises(Unusable, match=saying(16, 17825792)):
        run(upload)


def test_a_denial_is_raised_as_it_is(upload: Upload, s3_service: S3Service) -> None:
    s3_service.errors["HeadObject"] = (403, "AccessDenied")
    with pytest.raises(ClientError, match="403"):
        run(upload)
