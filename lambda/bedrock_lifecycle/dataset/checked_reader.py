"""A stream of a dataset file that lets nothing through which was not checked."""

import math
from collections.abc import Callable
from typing import Final, Protocol

from bedrock_lifecycle.dataset.errors import DatasetRefused, DigestMismatch, OutOfTime, S3Object
from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.records import RecordChecker

CHUNK_BYTES: Final = 1024 * 1024
# What is left then is for aborting an upload and for the answer.
ANSWER_SECONDS: Final = 60.0

# How many seconds the function may still run.
TimeLeft = Callable[[], float]


def without_end() -> float:
    """Say that there is time enough."""
    return math.inf


class Body(Protocol):
    """What `get_object` hands out."""

    def read(self, amount: int, /) -> bytes: ...

    def close(self) -> None: ...


class CheckedReader:
    """A stream for the transfer manager that fails before its end when the file must not be kept.

    The manager takes a short read for the end and puts what it has, so the verdict comes before the last bytes do.
    It has no `seek`: what has been checked is what is sent.
    """

    def __init__(
        self,
        body: Body,
        where: S3Object,
        expected_sha256: str,
        limits: Limits,
        *,
        size: int = 0,
        time_left: TimeLeft = without_end,
    ) -> None:
        self._body = body
        self._where = where
        self._expected_sha256 = expected_sha256
        self._checker = RecordChecker(limits)
        self._size = size
        self._time_left = time_left
        self._done = 0
        self._report: FileFindings | None = None

    def read(self, amount: int = -1) -> bytes:
        """Return `amount` bytes, fewer only at the end of an accepted file."""
        data = bytearray()
        while self._report is None and (amount < 0 or len(data) < amount):
            data += self._next(CHUNK_BYTES if amount < 0 else min(amount - len(data), CHUNK_BYTES))
        return bytes(data)

    def report(self) -> FileFindings:
        """Return the report on the file, read to its end."""
        while self._report is None:
            self._next(CHUNK_BYTES)
        return self._report

    def close(self) -> None:
        self._body.close()

    def _next(self, amount: int) -> bytes:
        chunk = self._fed(amount)
        if not chunk or self._checker.refused:
            self._report = self._verdict()
        return chunk

    def _verdict(self) -> FileFindings:
        # After the first error nothing more is sent, but the rest is read: all findings count.
        while self._fed(CHUNK_BYTES):
            pass
        report = self._checker.finish()
        if report.sha256 != self._expected_sha256:
            raise DigestMismatch(self._where, self._expected_sha256, report.sha256)
        if not report.accepted:
            raise DatasetRefused(self._where, report)
        return report

    def _fed(self, amount: int) -> bytes:
        if self._time_left() < ANSWER_SECONDS:
            raise OutOfTime(self._where, done_bytes=self._done, size_bytes=self._size)
        chunk = self._body.read(amount)
        if chunk:
            self._done += len(chunk)
            self._checker.feed(chunk)
        return chunk
