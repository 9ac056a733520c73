"""`docs/how-to/rights.md` prints the table of what the commands need. Renewed by make snapshots."""

from collections.abc import Iterable
from typing import Final

from tests.conftest import ROOT
from tests.docs.fences import fence
from tests.docs.printed import assert_printed
from tests.unit.tune.recorded import denied
from tune.account.clients import told
from tune.policy.needs import COMMANDS, NEEDS, Command

PAGE: Final = ROOT / "docs" / "how-to" / "rights.md"


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
    assert_printed(PAGE, "actions", printed())


def test_the_page_shows_a_refusal_as_it_is_printed() -> None:
    shown, _, cut = fence("docs/how-to/rights.md", "When a call is refused").text.partition("…")
    assert (told(denied("bedrock:ListCustomModels", "*")).startswith(shown), cut) == (True, "\n")
