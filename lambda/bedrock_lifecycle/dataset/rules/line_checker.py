"""Checks a file line by line and keeps the score: findings, records, characters."""

from typing import Any, Final

from bedrock_lifecycle.dataset.rules.conversation import ConverseRules, MessagesRules
from bedrock_lifecycle.dataset.rules.findings import Findings
from bedrock_lifecycle.dataset.rules.foreign_shapes import Shapes, describe
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_lifecycle.dataset.rules.lines import Line
from bedrock_lifecycle.dataset.rules.prompt_completion import PromptCompletionRules
from bedrock_lifecycle.dataset.rules.record_rules import RecordRules
from bedrock_lifecycle.dataset.rules.strict_json import StrictReader

RULES: Final[dict[RecordFormat, type[RecordRules]]] = {
    RecordFormat.MESSAGES: MessagesRules,
    RecordFormat.CONVERSE: ConverseRules,
    RecordFormat.PROMPT_COMPLETION: PromptCompletionRules,
}

# What JSON takes for white space, but the line feed that ends a line.
WHITE_SPACE: Final = b" \t\r"
_BOM: Final = b"\xef\xbb\xbf"
# By its first bytes a file can be something else altogether; every line of it would be a finding of no use.
_OTHER_KINDS: Final = {
    b"version https://git-lfs.github.com/": "is a Git LFS pointer, not the data: run git lfs pull",
    b"\xff\xfe": "is UTF-16 or UTF-32: save it as UTF-8",
    b"\xfe\xff": "is UTF-16: save it as UTF-8",
    b"\x1f\x8b": "is compressed with gzip, and must be plain JSON lines: unpack it",
    b"PK\x03\x04": "is a zip archive, and must be plain JSON lines: unpack it",
}


class LineChecker:
    """Every finding in a line comes from here, whoever splits the lines.

    `records` counts the lines that are not blank and `characters` those of their texts; `is_other_kind` tells that the
    file is none of lines, and `shapes` what its wrong records look like. `at_start` says whether the first line is that
    of the file; `rules` are others than those of the limits' format, for records of any shape.
    """

    def __init__(self, limits: Limits, *, at_start: bool = True, rules: RecordRules | None = None) -> None:
        self.findings = Findings()
        self.records = 0
        self.characters = 0
        self.is_other_kind = False
        self.shapes = Shapes()
        self._limits = limits
        self._at_start = at_start
        self._rules = rules or RULES[limits.data_format](limits)
        self._is_any_shape = rules is not None
        self._reader = StrictReader()

    def check(self, line: Line) -> Any:
        """Check one line; return what it holds when nothing is wrong with it but warnings, else None."""
        errors = self.findings.error_count
        data = self._first(line.data) if line.number == 1 and self._at_start else line.data
        if self.is_other_kind:
            return None
        if line.too_long:
            limit = self._limits.max_line_bytes
            self.findings.add(
                line.number, "", "line-length", f"is longer than {limit} bytes, the most that a record can have"
            )
        elif not data.strip(WHITE_SPACE):
            self.findings.add(line.number, "", "blank-line", "is blank: every line must have a record")
            return None
        self.records += 1
        record = None if line.too_long else self._record(line.number, data)
        if self.findings.error_count == errors:
            return record
        if not self._is_any_shape:
            self.shapes.see(line.number, data, record)
        return None

    def certified(self, characters: int) -> None:
        """Count a record that somebody else found to break no rule."""
        self.records += 1
        self.characters += characters

    def finish(self, size: int) -> None:
        """Check what concerns the file as a whole, `size` bytes of which these were the lines."""
        check_whole(
            self.findings,
            self._limits,
            size=size,
            records=self.records,
            is_other_kind=self.is_other_kind,
            shapes=self.shapes,
        )

    def _first(self, data: bytes) -> bytes:
        for start, message in _OTHER_KINDS.items():
            if data.startswith(start):
                self.is_other_kind = True
                self.findings.add(0, "", "file-kind", message)
        if data.startswith(_BOM):
            told = "starts with a byte order mark: save the file as UTF-8 without one"
            self.findings.add(1, "", "byte-order-mark", told)
        return data.removeprefix(_BOM)

    def _record(self, number: int, data: bytes) -> Any:
        record, problems = self._reader.read(data)
        for problem in problems:
            self.findings.add(number, *problem)
        if record is not None or not problems:
            for problem in self._rules.check(record, len(data.strip(WHITE_SPACE))):
                self.findings.add(number, *problem)
            self.characters += self._rules.characters.record
        return record


def check_whole(
    findings: Findings, limits: Limits, *, size: int, records: int, is_other_kind: bool, shapes: Shapes
) -> None:
    """Check what concerns the file as a whole: its bytes, its records, and whether it is of another shape.

    Then that is all that is reported about its records: it causes whatever the rules found in them.
    """
    shape = None if is_other_kind else shapes.of_file(limits.data_format, records)
    if shape:
        findings.clear()
        findings.add(0, "", "other-shape", describe(shape, limits.data_format))
    too_big = too_large(size, limits)
    if too_big:
        findings.add(0, "", "file-size", too_big)
    if not is_other_kind and not shape and not limits.min_records <= records <= limits.max_records:
        told = f"must have {limits.min_records} to {limits.max_records} records (got {records})"
        findings.add(0, "", "record-count", told)


def too_large(size: int, limits: Limits) -> str | None:
    """Return what to say of a file of this many bytes, which may be known before it is read."""
    return None if size <= limits.max_file_bytes else f"must have at most {limits.max_file_bytes} bytes (got {size})"
