"""Draws docs/site/demo.svg: the demo's own output, without the lines that say how far a step is."""

import io
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tune.demo.run import run

PICTURE: Final = Path(__file__).with_name("demo.svg")
_WIDTH: Final = 104
# A picture loads no font from elsewhere, as Rich's own template would.
_FONT: Final = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
# Of its chapters those that fit on one screen.
_CHAPTERS: Final = ("Fine-tuning on Amazon Bedrock", "The evaluation", "What AWS would have billed", "To look at")


class _Still(Console):
    """Colours without movement: each step is told once, when it is done."""

    @property
    def is_terminal(self) -> bool:
        return False


def draw(told: str) -> str:
    """Return what the demo told, with its colours, as a picture."""
    console = Console(width=_WIDTH, record=True, file=io.StringIO())
    kept = True
    for line in told.splitlines():
        if "──" in line and "└" not in line:  # a chapter begins, and no axis of a curve
            kept = any(chapter in line for chapter in _CHAPTERS)
        if kept and "…\x1b[0m" not in line[:16]:
            console.print(Text.from_ansi(line), no_wrap=True)
    svg = console.export_svg(title="make demo", theme=MONOKAI)
    start, end = svg.index("@font-face"), svg.rindex("@font-face")
    end = svg.index("}", end) + 1
    return (svg[:start] + svg[end:]).replace("Fira Code", _FONT.replace("'", "")).replace("\u00a0", "&#160;")


def main() -> None:
    """Run the demo, and draw it."""
    console = _Still(width=_WIDTH, record=True, color_system="truecolor")
    code = run(console)
    if code:
        raise SystemExit(code)
    PICTURE.write_text(draw(console.export_text(styles=True)), encoding="utf-8")


if __name__ == "__main__":
    main()
