"""The records of a file, one by one, for commands that rewrite a file and let nothing wrong through."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_lifecycle.dataset.rules.line_checker import LineChecker
from bedrock_lifecycle.dataset.rules.record_rules import RecordRules
from tune.dataset.files import lines_of
from tune.dataset.progress import Advance
from tune.dataset.reports.checked import CheckedFile
from tune.dataset.reports.refused import DataRefused
from tune.dataset.what_helps import with_what_helps

# Far beyond any base model: how many and how long the records may be is the check's business.
_WIDE: Final = 10**12


class DataRecord(NamedTuple):
    """A line without its line feed, and the object that it holds."""

    line: bytes
    value: dict[str, Any]


def wide_limits(record_format: RecordFormat) -> Limits:
    """Return limits that ask for one record or more in a format, and nothing else."""
    return Limits(
        data_format=record_format, min_records=1, max_records=_WIDE, max_tokens_per_record=_WIDE, max_file_bytes=_WIDE
    )


def records(path: Path, limits: Limits, advance: Advance, *, rules: RecordRules | None = None) -> Iterator[DataRecord]:
    """Yield the records without errors, in bounded memory.

    Args:
        path: The file.
        limits: The rules.
        advance: Is told of the bytes that are done.
        rules: Others than those of the limits' format.

    Raises:
        DataRefused: After the last record, when there were others: whoever writes must keep nothing before that.
        Unusable: When the file cannot be read to its end.
    """
    checker, size = LineChecker(limits, rules=rules), 0
    for line in lines_of(path, limits.max_line_bytes, advance):
        value = checker.check(line)
        size += len(line.data) + 1
        if value is not None:
            yield DataRecord(line.data, value)
    checker.finish(size)
    found = checker.findings
    if found.error_count:
        report = FileFindings(found.kept, found.counts, checker.records, size, "", checker.characters)
        # With rules of its own it is being converted already.
        told = report if rules else with_what_helps(report, path, limits.data_format)
        raise DataRefused([CheckedFile(path, told)])
