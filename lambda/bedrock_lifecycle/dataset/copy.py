"""Copies a dataset file into the bucket that Bedrock reads, and lets nothing through that was not checked."""

from contextlib import closing
from typing import Any, Final, Protocol

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from bedrock_lifecycle.dataset.errors import (
    DatasetRefused,
    DestinationDenied,
    DigestMismatch,
    S3Object,
    SourceDenied,
    SourceMissing,
)
from bedrock_lifecycle.dataset.findings import Report
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_lifecycle.dataset.records import RecordChecker, too_large

CHUNK_BYTES: Final = 1024 * 1024
# "classic" is the transfer manager whose failure handling the tests show; the other one is picked by the machine.
# Four parts of 8 MiB in flight, and what waits for them, fit a function of 256 MB.
TRANSFER: Final = TransferConfig(max_concurrency=4, preferred_transfer_client="classic")

# HEAD has no body to carry a code; botocore gives the status in its place.
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
_DENIED: Final = frozenset({"AccessDenied", "AllAccessDisabled", "403"})


class Body(Protocol):
    """What `get_object` hands out."""

    def read(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


class S3(Protocol):
    """The calls of boto3's S3 client that a copy makes."""

    def get_object(self, *, Bucket: str, Key: str) -> Any: ...  # noqa: N803

    def head_object(self, *, Bucket: str, Key: str) -> Any: ...  # noqa: N803

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str, *, Config: TransferConfig) -> None: ...  # noqa: N803


def copy_dataset(s3: S3, source: S3Object, destination: S3Object, expected_sha256: str, limits: Limits) -> Report:
    """Check `source` and have its bytes at `destination`, whose key names their digest; return the report.

    What is at `destination` already is checked there and never written again, so the source may be gone by then.
    Raises `DatasetError` when the bytes or the permissions have to change first; then nothing has been written.
    Everything else that boto3 raises passes through: it may pass by itself.
    """
    if _exists(s3, destination):
        with closing(_open(s3, destination, expected_sha256, limits)) as reader:
            return reader.report()
    with closing(_open(s3, source, expected_sha256, limits)) as reader:
        _upload(s3, reader, destination)
        return reader.report()


class CheckedReader:
    """A stream for the transfer manager that fails before its end when the file must not be kept.

    The manager takes a short read for the end and puts what it has, so the verdict comes before the last bytes do.
    It has no `seek`: what has been checked is what is sent.
    """

    def __init__(self, body: Body, where: S3Object, expected_sha256: str, limits: Limits) -> None:
        self._body = body
        self._where = where
        self._expected_sha256 = expected_sha256
        self._checker = RecordChecker(limits)
        self._report: Report | None = None

    def read(self, amount: int = -1) -> bytes:
        """Return `amount` bytes, fewer only at the end of an accepted file."""
        data = bytearray()
        while self._report is None and (amount < 0 or len(data) < amount):
            data += self._next(CHUNK_BYTES if amount < 0 else min(amount - len(data), CHUNK_BYTES))
        return bytes(data)

    def report(self) -> Report:
        """Return the report on the file, read to its end."""
        while self._report is None:
            self._next(CHUNK_BYTES)
        return self._report

    def close(self) -> None:
        self._body.close()

    def _next(self, amount: int) -> bytes:
        chunk = self._body.read(amount)
        if chunk:
            self._checker.feed(chunk)
        if not chunk or self._checker.refused:
            self._report = self._verdict()
        return chunk

    def _verdict(self) -> Report:
        # After the first finding nothing more is sent, but the rest is read: all findings count.
        while chunk := self._body.read(CHUNK_BYTES):
            self._checker.feed(chunk)
        report = self._checker.finish()
        if report.sha256 != self._expected_sha256:
            raise DigestMismatch(self._where, self._expected_sha256, report.sha256)
        if not report.accepted:
            raise DatasetRefused(self._where, report.errors, report.error_count)
        return report


def _exists(s3: S3, where: S3Object) -> bool:
    try:
        s3.head_object(Bucket=where.bucket, Key=where.key)
    except ClientError as error:
        if _code(error) in _MISSING:
            return False
        if _code(error) in _DENIED:
            raise DestinationDenied(where) from None
        raise
    return True


def _open(s3: S3, where: S3Object, expected_sha256: str, limits: Limits) -> CheckedReader:
    try:
        response = s3.get_object(Bucket=where.bucket, Key=where.key)
    except ClientError as error:
        if _code(error) in _MISSING:
            raise SourceMissing(where) from None
        if _code(error) in _DENIED:
            raise SourceDenied(where) from None
        raise
    size = too_large(response["ContentLength"], limits)
    if size:
        response["Body"].close()
        raise DatasetRefused(where, (size,), 1)
    return CheckedReader(response["Body"], where, expected_sha256, limits)


def _upload(s3: S3, reader: CheckedReader, destination: S3Object) -> None:
    try:
        # s3transfer knows no `IfNoneMatch` (0.19.3). Two copies at once write the same checked bytes.
        s3.upload_fileobj(reader, destination.bucket, destination.key, Config=TRANSFER)
    except ClientError as error:
        if _code(error) in _DENIED:
            raise DestinationDenied(destination) from None
        raise


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
