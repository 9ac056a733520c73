"""The parts of `docs/explanation/sandbox.md` that are printed from the register, by the names that they have there."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from sandbox.assumptions.register import COSTS, Assumption, register
from tune.probe.questions import actions

_HEAD: Final = (
    "| entry | what is assumed | answer | what follows otherwise | rests on it | asked by | costs |\n"
    "|---|---|---|---|---|---|---|\n"
)


def parts() -> dict[str, str]:
    """Return the text of each part."""
    answered = sum(entry.answered is not None for entry in register().values())
    head = f"{len(register())} entries, of which accounts have answered {answered or 'none'}.\n"
    return {"entries": head + "".join(_sections()), "actions": "".join(f"- `{each}`\n" for each in actions())}


def _sections() -> Iterator[str]:
    for title, entries in groupby(register().values(), key=lambda entry: entry.section):
        yield f"\n### {title}\n\n{table(tuple(entries))}"


def table(entries: Sequence[Assumption]) -> str:
    """Return the rows of some entries."""
    return _HEAD + "".join(f"| {' | '.join(_cells(entry))} |\n" for entry in entries)


def _cells(entry: Assumption) -> tuple[str, ...]:
    cells = (
        f"`{entry.id}`",
        entry.assumes,
        _answer(entry),
        entry.otherwise,
        ", ".join(f"`{path}`" for path in entry.rests),
        entry.ask,
        COSTS[entry.cost],
    )
    return tuple(cell.replace("|", "/") for cell in cells)


def _answer(entry: Assumption) -> str:
    answer = f"{entry.holds} {entry.unit}".strip()
    if entry.answered is None:
        return f"{answer}, assumed"
    return f"{answer}, answered on {entry.answered.on:%Y-%m-%d}"
