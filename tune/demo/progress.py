"""How the demo tells what it does: one line for each step, alive on a terminal, still in a log."""

import threading
import time
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

_TITLE_WIDTH: Final = 25
_SECONDS_BETWEEN_LINES: Final = 5.0


class Progress:
    """Steps, one after the other, and what they showed. Safe to use from two threads."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._lock = threading.RLock()
        self._title = ""
        self._began = 0.0
        self._told = 0.0
        self._live: Live | None = None

    def begin(self, title: str, detail: str = "") -> None:
        """Start a step."""
        with self._lock:
            self._title, self._began, self._told = title, time.monotonic(), time.monotonic()
            if self.console.is_terminal:
                self._live = Live(self._moving(detail), console=self.console, transient=True, refresh_per_second=8)
                self._live.start()

    def detail(self, text: str) -> None:
        """Say how far the step is."""
        with self._lock:
            if self._live:
                self._live.update(self._moving(text))
            elif self._title and time.monotonic() - self._told >= _SECONDS_BETWEEN_LINES:
                self._told = time.monotonic()
                self.console.print(_row(Text("…", style="dim"), self._title, text, self._seconds(), is_cut=True))

    def done(self, note: str) -> None:
        """End the step well."""
        self._end(Text("✓", style="green"), note)

    def failed(self) -> None:
        """End the step, if there is one, because something went wrong in it."""
        if self._title:
            self._end(Text("✗", style="red"), "")

    def fact(self, title: str, note: str) -> None:
        """Tell something that was checked and took no time."""
        self.begin(title)
        self.done(note)

    def heading(self, text: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.print(Rule(Text(text, style="bold"), align="left", style="dim"))

    def show(self, *renderables: RenderableType) -> None:
        """Show something in full."""
        for renderable in renderables:
            self.console.print(renderable)

    def _end(self, mark: Text, note: str) -> None:
        with self._lock:
            self._stop_live()
            self.console.print(_row(mark, self._title, note, self._seconds()))
            self._title = ""

    def _stop_live(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def _moving(self, detail: str) -> Table:
        return _row(Spinner("dots", style="cyan"), self._title, detail, "", is_cut=True)

    def _seconds(self) -> str:
        return f"{time.monotonic() - self._began:.0f} s"


def _row(mark: RenderableType, title: str, note: str, seconds: str, *, is_cut: bool = False) -> Table:
    """Return a step; `is_cut` leaves out of its note what has no place on the line."""
    row = Table.grid(padding=(0, 1), expand=True)
    row.add_column(width=2, justify="right")
    row.add_column(width=_TITLE_WIDTH)
    row.add_column(ratio=1, no_wrap=is_cut, overflow="ellipsis" if is_cut else "fold")
    row.add_column(width=5, justify="right", style="dim")
    row.add_row(mark, Text(title), Text(note, style="dim"), seconds)
    return row
