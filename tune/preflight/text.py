"""What was looked at, for people and for machines."""

from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bedrock_lifecycle.preflight.facts import NotChecked
from bedrock_lifecycle.preflight.report import CheckResult, NotNeeded, Passed, Problem
from tune.preflight.observe import PreflightResult, Subject
from tune.terminal.marks import UNLOOKED

VERSION: Final = 1
_MARKS: Final = {Passed: "✓", Problem: "✗", NotChecked: UNLOOKED, NotNeeded: UNLOOKED}
_KINDS: Final = {Passed: "passed", Problem: "problem", NotChecked: "not checked", NotNeeded: "not needed"}


def document(looked: PreflightResult) -> dict[str, Any]:
    """Return what `--json` prints. Keys are only ever added; `version` goes up when one changes its meaning."""
    return {
        "version": VERSION,
        "environment": looked.environment,
        "account": looked.place.account,
        "region": looked.place.region,
        "asOf": looked.now.isoformat(),
        "problems": looked.problems,
        "subjects": [
            {
                "kind": subject.kind,
                "name": subject.name,
                "checks": [
                    {"id": each.id, "title": each.title, "verdict": _KINDS[type(each.verdict)], "found": _found(each)}
                    for each in subject.findings
                ],
            }
            for subject in looked.subjects
        ],
    }


def show(looked: PreflightResult, console: Console) -> None:
    """Print what was found: tables on a terminal, lines elsewhere."""
    if not console.is_terminal:
        for line in lines(looked):
            console.file.write(f"{line}\n")
        return
    console.print(Text(_head(looked)))
    for subject in looked.subjects:
        console.print(_table(subject))
    console.print(Text(_verdict(looked)))


def lines(looked: PreflightResult) -> Iterator[str]:
    """Yield what was found as plain lines."""
    yield _head(looked)
    for subject in looked.subjects:
        yield f"{subject.kind} {subject.name}"
        yield from (f"  {_mark(each)} {each.title}: {_told(each)}" for each in subject.findings)
    yield _verdict(looked)


def _table(subject: Subject) -> Table:
    table = Table(title=f"{subject.kind} {subject.name}", title_justify="left", expand=True)
    table.add_column("")
    for heading in ("check", "found"):
        table.add_column(heading, overflow="fold")
    for each in subject.findings:
        table.add_row(*map(Text, (_mark(each), each.title, _told(each))))
    return table


def _head(looked: PreflightResult) -> str:
    return f"Environment {looked.environment} in account {looked.place.account}, {looked.place.region}"


def _verdict(looked: PreflightResult) -> str:
    if not looked.problems:
        return "Nothing that was checked stands in the way of the next deploy."
    plural = "s" * (looked.problems > 1)
    return f"{looked.problems} problem{plural}: the next deploy would be refused before anything is paid."


def _mark(finding: CheckResult) -> str:
    return _MARKS[type(finding.verdict)]


def _told(finding: CheckResult) -> str:
    kind = _KINDS[type(finding.verdict)]
    return f"{kind}: {_found(finding)}" if kind.startswith("not") else _found(finding)


def _found(finding: CheckResult) -> str:
    match finding.verdict:
        case Passed(text) | Problem(text) | NotChecked(text) | NotNeeded(text):
            return text
