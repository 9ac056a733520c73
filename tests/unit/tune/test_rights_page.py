"""`docs/how-to/rights.md` prints the table of what the commands need. Renewed by make snapshots."""

import os
import re
from collections.abc import Iterable
from typing import Final

from tests.conftest import ROOT
from tune.policy.needs import COMMANDS, NEEDS, Command

PAGE: Final = ROOT / "docs" / "how-to" / "rights.md"
BETWEEN: Final = re.compile(r"(?<=<!-- actions -->\n).*?(?=<!-- end -->)", re.DOTALL)


def printed() -> str:
    rows: dict[str, tuple[set[Command], set[Command]]] = {}
    for need in NEEDS:
        needed, optional = rows.setdefault(need.action, (set(), set()))
        needed |= need.commands - need.optional
        optional |= need.optional
    head = "\n| action | needed by | optional for |\n|---|---|---|\n"
    lines = (f"| `{action}` | {_words(needed)} | {_words(optional)} |\n" for action, (needed, optional) in rows.items())
    return f"{head}{''.join(lines)}\n"


def _words(commands: Iterable[Command]) -> str:
    found = set(commands)
    return ", ".join(f"`{each}`" for each in COMMANDS if each in found)


def test_the_page_has_the_table_of_what_commands_need() -> None:
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_SNAPSHOTS"):
        page = BETWEEN.sub(lambda _: printed(), page, count=1)
        PAGE.write_text(page, encoding="utf-8")
    found = BETWEEN.search(page)
    assert found is not None
    assert found[0] == printed()
