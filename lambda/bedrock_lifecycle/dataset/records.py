"""Checks a dataset file while it streams by: every line, in bounded memory, whatever the bytes are."""

import hashlib
from collections.abc import Iterable
from typing import Final

from bedrock_lifecycle.dataset.findings import Finding, Report
from bedrock_lifecycle.dataset.limits import Limits, RecordFormat
from bedrock_lifecycle.dataset.lines import Line, LineSplitter
from bedrock_lifecycle.dataset.rules import RULES
from bedrock_lifecycle.dataset.strict_json import StrictReader

__all__ = ["MAX_FINDINGS", "Finding", "Limits", "RecordChecker", "RecordFormat", "Report", "check", "too_large"]

MAX_FINDINGS: Final = 100

_BOM: Final = b"\xef\xbb\xbf"
# By its first bytes a file can be something else altogether; every line of it would be a finding of no use.
_OTHER_KINDS: Final = {
    b"version https://git-lfs.github.com/": "is a Git LFS pointer, not the data: run git lfs pull",
    b"\xff\xfe": "is UTF-16 or UTF-32: save it as UTF-8",
    b"\xfe\xff": "is UTF-16: save it as UTF-8",
    b"\x1f\x8b": "is compressed with gzip: unpack it, the data must be plain JSON lines",
    b"PK\x03\x04": "is a zip archive: unpack it, the data must be plain JSON lines",
}


class RecordChecker:
    """Takes a file in chunks of any size and reports on it in the end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rules = RULES[limits.data_format](limits)
        self._reader = StrictReader()
        self._lines = LineSplitter(limits.max_line_bytes)
        self._digest = hashlib.sha256()
        self._findings: list[Finding] = []
        self._finding_count = 0
        self._records = 0
        self._bytes = 0
        self._is_other_kind = False

    @property
    def refused(self) -> bool:
        """Whether the report will have findings, as far as is known by now."""
        return self._finding_count > 0 or too_large(self._bytes, self._limits) is not None

    def feed(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._bytes += len(chunk)
        for line in self._lines.feed(chunk):
            self._check(line)

    def finish(self) -> Report:
        """Return the report; a checker serves one file and finishes once."""
        for line in self._lines.finish():
            self._check(line)
        self._check_file()
        return Report(
            findings=tuple(self._findings),
            finding_count=self._finding_count,
            records=self._records,
            bytes=self._bytes,
            sha256=self._digest.hexdigest(),
        )

    def _check(self, line: Line) -> None:
        data = self._first(line.data) if line.number == 1 else line.data
        if self._is_other_kind:
            return
        if line.too_long:
            limit = self._limits.max_line_bytes
            self._add(line.number, "", "line-length", f"is longer than {limit} bytes: no record can be so long")
        elif not data.strip(b" \t\r"):
            self._add(line.number, "", "blank-line", "is blank: every line must hold a record")
            return
        else:
            self._check_record(line.number, data)
        self._records += 1

    def _first(self, data: bytes) -> bytes:
        for start, message in _OTHER_KINDS.items():
            if data.startswith(start):
                self._is_other_kind = True
                self._add(0, "", "file-kind", message)
        if data.startswith(_BOM):
            self._add(1, "", "byte-order-mark", "starts with a byte order mark: save the file as UTF-8 without one")
        return data.removeprefix(_BOM)

    def _check_record(self, line: int, data: bytes) -> None:
        record, problems = self._reader.read(data)
        for problem in problems:
            self._add(line, *problem)
        if record is not None or not problems:
            for problem in self._rules.check(record):
                self._add(line, *problem)

    def _check_file(self) -> None:
        size = too_large(self._bytes, self._limits)
        if size:
            self._keep(size)
        least, most = self._limits.min_records, self._limits.max_records
        if not self._is_other_kind and not least <= self._records <= most:
            self._add(0, "", "record-count", f"has {self._records} records: must have {least} to {most}")

    def _add(self, line: int, path: str, rule: str, message: str) -> None:
        self._keep(Finding(line, path, rule, message))

    def _keep(self, finding: Finding) -> None:
        self._finding_count += 1
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(finding)


def check(chunks: Iterable[bytes], limits: Limits) -> Report:
    """Check a file that comes in chunks."""
    checker = RecordChecker(limits)
    for chunk in chunks:
        checker.feed(chunk)
    return checker.finish()


def too_large(size: int, limits: Limits) -> Finding | None:
    """Return the finding for a file of this many bytes, which may be known before it is read."""
    if size <= limits.max_file_bytes:
        return None
    return Finding(0, "", "file-size", f"has {size} bytes: must have at most {limits.max_file_bytes}")
