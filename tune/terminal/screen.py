"""What a person sees: the CDK CLI's own output, and below it a line of ours that never gets into it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

_SECONDS_BETWEEN_LINES: Final = 60.0


class Screen(Protocol):
    """Where a command shows what happens. Safe to use from two threads."""

    is_terminal: bool

    def output(self, text: str) -> None:
        """Show a piece of the CDK CLI's output, which need not be a whole line."""

    def status(self, text: str | None) -> None:
        """Show what is going on now, or with None that nothing particular is."""

    def say(self, text: str) -> None:
        """Show a line of ours, once."""


class TerminalScreen:
    """Keeps one live line under the output. It is taken away before anything is printed, and while a prompt waits."""

    is_terminal = True

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._status: str | None = None
        self._live: Live | None = None
        self._at_line_start = True

    def output(self, text: str) -> None:
        with self._lock:
            self._hide()
            self._console.file.write(text)
            self._console.file.flush()
            self._at_line_start = text.endswith("\n")
            self._show()

    def status(self, text: str | None) -> None:
        with self._lock:
            self._status = text
            if text and self._live:
                self._live.update(_spinner(text))
            else:
                self._hide()
                self._show()

    def say(self, text: str) -> None:
        with self._lock:
            self._hide()
            self._console.print(Text(text), soft_wrap=True)
            self._show()

    def _show(self) -> None:
        if self._status and self._at_line_start:
            self._live = Live(_spinner(self._status), console=self._console, transient=True, refresh_per_second=8)
            self._live.start()

    def _hide(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None


class PlainScreen:
    """For logs: no animation, and the status as a line now and then."""

    is_terminal = False

    def __init__(
        self,
        console: Console,
        *,
        seconds_between_lines: float = _SECONDS_BETWEEN_LINES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._pause = seconds_between_lines
        self._clock = clock
        self._next = 0.0

    def output(self, text: str) -> None:
        with self._lock:
            self._console.file.write(text)
            self._console.file.flush()

    def status(self, text: str | None) -> None:
        if text is None:
            self._next = 0.0
        elif self._clock() >= self._next:
            self._next = self._clock() + self._pause
            self.say(text)

    def say(self, text: str) -> None:
        self.output(f"{text}\n")


class LabelledScreen:
    """One of several that share a screen: each whole line has its label, and nobody is asked anything."""

    is_terminal = False

    def __init__(self, screen: Screen, label: str) -> None:
        self._screen = screen
        self._label = label
        self._rest = ""

    def output(self, text: str) -> None:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._screen.output(f"{self._label} | {line.rstrip()}\n")

    def status(self, text: str | None) -> None:
        self._screen.status(f"{self._label}: {text}" if text else None)

    def say(self, text: str) -> None:
        self._screen.say(f"{self._label} | {text}")


def screen_of(console: Console) -> Screen:
    """Return the screen that suits where the output goes."""
    return TerminalScreen(console) if console.is_terminal else PlainScreen(console)


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that something takes its time; the output of the command is not touched."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(Text(text), spinner="dots"):
        yield


def _spinner(text: str) -> Spinner:
    return Spinner("dots", Text(text, overflow="ellipsis", no_wrap=True))
