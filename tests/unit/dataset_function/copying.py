"""Files to copy, and a copy that can be watched."""

import hashlib
from typing import Any

from mypy_boto3_s3 import S3Client

from bedrock_lifecycle.dataset.copy import StoredDataset, copy_dataset
from bedrock_lifecycle.dataset.errors import S3Object
from bedrock_lifecycle.dataset.objects import S3
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.records import FileFindings
from bedrock_lifecycle.dataset.upload import TRANSFER
from tests.support.s3_service import BUCKET, S3Service
from tests.unit.dataset_rules.samples import any_limits, any_record, lines

PART_BYTES = TRANSFER.multipart_chunksize
LIMITS = any_limits(max_records=10**6, max_file_bytes=10**9)
SOURCE = S3Object(BUCKET, "assets/train.jsonl")
RECORD = lines(any_record(system="x" * 500))
SMALL = RECORD * 3
_LONG = lines(any_record(system="x" * 5_000))  # many bytes in few records are checked quickly
REFUSED_AT_THE_END = any_limits(max_records=10, max_file_bytes=10**9)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def destination_of(data: bytes) -> S3Object:
    return S3Object(BUCKET, f"train/{sha256(data)}.jsonl")


def of_size(size: int) -> bytes:
    """Return good records of exactly this many bytes."""
    data = _LONG * (size // len(_LONG) - 1)
    return data + _LONG.rstrip(b"\n").ljust(size - len(data) - 1) + b"\n"


def put(s3: S3Client, where: S3Object, data: bytes) -> None:
    s3.put_object(Bucket=where.bucket, Key=where.key, Body=data)


def stored(s3: S3Client, where: S3Object) -> bytes | None:
    try:
        return s3.get_object(Bucket=where.bucket, Key=where.key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None


class Copy:
    """A source in place, and the calls that the copy of it makes."""

    def __init__(self, s3: S3Client, service: S3Service) -> None:
        self.s3 = s3
        self.service = service

    def __call__(self, data: bytes, limits: Limits = LIMITS, expected: str | None = None) -> FileFindings:
        return self.checked(data, limits, expected).report

    def checked(self, data: bytes, limits: Limits = LIMITS, expected: str | None = None) -> StoredDataset:
        """Copy a file that is put in place first."""
        put(self.s3, SOURCE, data)
        self.service.calls.clear()
        client: S3 = self.s3
        return copy_dataset(client, SOURCE, destination_of(data), expected or sha256(data), limits)

    def left_nothing(self, data: bytes) -> bool:
        uploads: Any = self.s3.list_multipart_uploads(Bucket=BUCKET)
        return stored(self.s3, destination_of(data)) is None and "Uploads" not in uploads
