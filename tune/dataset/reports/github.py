"""The report as workflow commands of GitHub Actions, which shows them beside the lines of a pull request."""

from collections.abc import Iterator, Sequence

from bedrock_lifecycle.dataset.rules.findings import FileFinding
from tune.dataset.reports.checked import CheckedFile


def commands(files: Sequence[CheckedFile]) -> Iterator[str]:
    """Yield a line for each finding, and one that has the totals: GitHub shows a few annotations of a step alone."""
    for file in files:
        for finding in file.report.findings:
            yield _command(file, finding)
        report = file.report
        counts = f"{report.error_count} errors, {report.warning_count} warnings in {report.records} records"
        yield f"::notice file={_property(file.name)},title=dataset check::{_data(f'{file.name}: {counts}')}"


def _command(file: CheckedFile, finding: FileFinding) -> str:
    # A finding about the file as a whole stands at its first line.
    place = f"file={_property(file.name)},line={max(finding.line, 1)},title={_property(finding.rule)}"
    return f"::{finding.level} {place}::{_data(finding.describe(file.name))}"


def _data(text: str) -> str:
    """Escape as the toolkit does (actions/toolkit, packages/core/src/command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
