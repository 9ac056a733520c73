"""What was asked and answered: for people, for machines, and for whoever plays the account."""

from collections.abc import Iterator
from typing import Any, Final

from sandbox.assumptions import answers
from sandbox.assumptions.register import COSTS, Assumption
from tune.probe.probing import Probed, ProbeFinding, not_asked
from tune.probe.reads import Unanswered
from tune.terminal.marks import UNLOOKED

VERSION: Final = 1


def document(probed: Probed) -> dict[str, Any]:
    """Return what `--json` prints. Keys are only ever added; `version` goes up when one changes its meaning."""
    return {
        "version": VERSION,
        "region": probed.region,
        "asked": probed.asked.isoformat(timespec="seconds"),
        "differing": len(probed.differing),
        "questions": [_told(each) for each in probed.findings],
        "notAsked": [
            {
                "id": entry.id,
                "assumes": entry.assumes,
                "register": entry.holds,
                "ask": entry.ask,
                "cost": COSTS[entry.cost],
                "commands": list(entry.commands),
            }
            for entry in not_asked()
        ],
    }


def answer_file(probed: Probed) -> dict[str, Any]:
    """Return the content of a file of answers: nothing in it is of the account but how AWS answers it."""
    return {
        "version": answers.VERSION,
        "region": probed.region,
        "asked": probed.asked.date().isoformat(),
        "answers": probed.answers,
    }


def lines(probed: Probed) -> Iterator[str]:
    """Yield what was asked and answered as plain lines."""
    answered, asked = len(probed.answers), len(probed.findings)
    differing = f"{len(probed.differing)} different from the register"
    yield f"Asked in {probed.region}, free of charge: {answered} of {asked} questions answered, {differing}."
    for finding in probed.findings:
        yield from _line(finding)
    yield ""
    yield "Not asked, because asking costs or changes something. To ask in your own account:"
    for entry in not_asked():
        yield from _command_lines(entry)


def _line(finding: ProbeFinding) -> Iterator[str]:
    entry, verdict = finding.entry, finding.verdict
    if isinstance(verdict, Unanswered):
        yield f"  {UNLOOKED} {entry.id}: not answered: {verdict.why}"
        return
    yield f"  {'✗' if finding.differs else '✓'} {entry.id}: {verdict}"
    if finding.differs:
        yield f"      the register says {entry.holds} ({entry.assumes})"
        yield f"      consequence: {entry.otherwise}"


def _command_lines(entry: Assumption) -> Iterator[str]:
    yield f"  {entry.id} ({COSTS[entry.cost]}): {entry.ask}"
    yield from (f"      {command}" for command in entry.commands)


def _told(finding: ProbeFinding) -> dict[str, Any]:
    why = finding.verdict.why if isinstance(finding.verdict, Unanswered) else None
    return {
        "id": finding.entry.id,
        "assumes": finding.entry.assumes,
        "register": finding.entry.holds,
        "answer": finding.answer,
        "differs": finding.differs,
        "notAnswered": why,
    }
