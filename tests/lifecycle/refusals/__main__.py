"""`make refusals`: what is refused before it costs anything, measured now; exits with 1 when one is missed."""

import sys
from pathlib import Path

# Source roots, not packages: see constructs/README.md.
sys.path.extend(str(Path(__file__).resolve().parents[3] / root) for root in ("constructs", "lambda"))

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.lifecycle.refusals.measured import CREATES
from tests.lifecycle.refusals.rows import measured


def main() -> None:
    table = Table(title="Refused before it costs anything", title_justify="left", show_lines=True)
    for heading in ("refused", "stopped at", "creates", "message"):
        table.add_column(heading, overflow="fold")
    wrong = 0
    for row, found in measured():
        mark = "✓" if row.is_as_it_must_be(found) else "✗"
        wrong += mark == "✗"
        table.add_row(*map(Text, (f"{mark} {row.name}", found.stopped, str(found.creates), found.message)))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print(
        f"creates: calls of {', '.join(CREATES)} that the simulated Bedrock counted\n"
        "stopped at: synth, before anything is deployed; preflight (docs/reference/preflight.md); "
        "run, before its first question; decision (docs/explanation/lifecycle.md)",
        soft_wrap=True,
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
