"""The report for people: grouped by rule, a few places of each, every count."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE, Level
from bedrock_lifecycle.dataset.rules.findings import FileFinding
from tune.dataset.reports import PLACES
from tune.dataset.reports.checked import CheckedFile, by_rule
from tune.dataset.reports.content import beginnings
from tune.terminal.counting import counted

_STYLES: Final = {Level.ERROR: "bold red", Level.WARNING: "yellow"}


def show(files: Sequence[CheckedFile], console: Console, *, places: int = PLACES, show_content: bool = False) -> None:
    """Print what was found; `places` bounds how many lines are named for each rule."""
    for file in files:
        groups = by_rule(file.report.findings)
        told = {finding.line for group in groups.values() for finding in group[:places] if finding.line}
        content = beginnings(file.path, told) if show_content else {}
        console.print(Text(headline(file)), soft_wrap=True)
        for rule, group in groups.items():
            for line in _group(rule, group, file.report.counts[rule], places, content):
                console.print(line, soft_wrap=True)


def headline(file: CheckedFile) -> str:
    report = file.report
    found = f"{counted(report.error_count, 'error')}, {counted(report.warning_count, 'warning')}"
    return f"{file.name}: {found} in {counted(report.records, 'record')}"


def _group(
    rule: str, found: Sequence[FileFinding], count: int, places: int, content: Mapping[int, str]
) -> Iterator[Text]:
    level = CATALOGUE[rule].level
    times = "" if count == 1 else f", {count:,} times"
    yield Text.assemble("  ", (level.value, _STYLES[level]), f" {rule}{times}: {CATALOGUE[rule].reason}")
    for finding in found[:places]:
        line = f"line {finding.line}" if finding.line else "file"
        where = f"{line}, {finding.path}" if finding.path else line
        yield Text(f"    {where}: {finding.message}")
        if finding.line in content:
            yield Text(f"      {content[finding.line]}", style="dim")
    shown = len(found[:places])
    if count > shown:
        yield Text(f"    and {count - shown:,} more")
