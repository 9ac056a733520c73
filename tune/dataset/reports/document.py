"""The report as one JSON document."""

from collections.abc import Sequence
from typing import Any, Final

from tune.dataset.reports.checked import CheckedFile

# Raised when a key is taken away or changes its meaning; keys may be added without it.
VERSION: Final = 1


def document(files: Sequence[CheckedFile], base_model: str) -> dict[str, Any]:
    """Return what was found. `counts` has every finding of a rule, `findings` the first places of each."""
    return {
        "version": VERSION,
        "baseModel": base_model,
        "accepted": all(file.report.accepted for file in files),
        "errors": sum(file.report.error_count for file in files),
        "warnings": sum(file.report.warning_count for file in files),
        "files": [_file(file) for file in files],
    }


def _file(file: CheckedFile) -> dict[str, Any]:
    report = file.report
    return {
        "split": file.split,
        "file": file.name,
        "records": report.records,
        "bytes": report.bytes,
        "sha256": report.sha256,
        "errors": report.error_count,
        "warnings": report.warning_count,
        "counts": dict(report.counts),
        "findings": [
            {"level": each.level, "rule": each.rule, "line": each.line, "path": each.path, "message": each.message}
            for each in report.findings
        ],
    }
