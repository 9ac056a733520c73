"""Checks a dataset file while it streams by: every line, in bounded memory, whatever the bytes are."""

import hashlib
from collections.abc import Iterable

from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_lifecycle.dataset.rules.line_checker import LineChecker
from bedrock_lifecycle.dataset.rules.line_checker import too_large as _too_large
from bedrock_lifecycle.dataset.rules.lines import LineSplitter

__all__ = ["FileFinding", "FileFindings", "Limits", "RecordChecker", "RecordFormat", "check", "too_large"]


class RecordChecker:
    """Takes a file in chunks of any size and reports on it in the end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._checker = LineChecker(limits)
        self._lines = LineSplitter(limits.max_line_bytes)
        self._digest = hashlib.sha256()
        self._bytes = 0

    @property
    def refused(self) -> bool:
        """Whether the report will have errors, as far as is known by now."""
        return self._checker.findings.error_count > 0 or too_large(self._bytes, self._limits) is not None

    def feed(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._bytes += len(chunk)
        for line in self._lines.feed(chunk):
            self._checker.check(line)

    def finish(self) -> FileFindings:
        """Return the report; a checker serves one file and finishes once."""
        for line in self._lines.finish():
            self._checker.check(line)
        checker, findings = self._checker, self._checker.findings
        checker.finish(self._bytes)
        return FileFindings(
            findings=findings.kept,
            counts=findings.counts,
            records=checker.records,
            bytes=self._bytes,
            sha256=self._digest.hexdigest(),
            characters=checker.characters,
        )


def check(chunks: Iterable[bytes], limits: Limits) -> FileFindings:
    """Check a file that comes in chunks."""
    checker = RecordChecker(limits)
    for chunk in chunks:
        checker.feed(chunk)
    return checker.finish()


def too_large(size: int, limits: Limits) -> FileFinding | None:
    """Return the finding for a file of this many bytes, which may be known before it is read."""
    message = _too_large(size, limits)
    return None if message is None else FileFinding(0, "", "file-size", message)
