"""Progress bars for what takes long. Where no person looks, there are none."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from bedrock_lifecycle.contract import Split
from tune.terminal.labels import name_of

_SECONDS_BETWEEN: Final = 0.1

# Is told of each piece of work that is done, in bytes.
Advance = Callable[[int], None]
# Is told how many bytes of a file are done.
Reached = Callable[[Split, int], None]


@contextmanager
def progress(path: Path) -> Iterator[Advance]:
    """Show a bar for work on one file on the error stream of a terminal, and take it away after the block."""
    with _bars() as bars:
        task = bars.add_task(escape(name_of(path)), total=_size(path))
        shown = _Shown(bars)

        def advance(amount: int) -> None:
            bars.advance(task, amount)
            shown.again()

        yield advance


@contextmanager
def progress_of(files: Mapping[Split, Path]) -> Iterator[Reached]:
    """Show a bar for each of several files."""
    with _bars() as bars:
        tasks = {split: bars.add_task(escape(name_of(path)), total=_size(path)) for split, path in files.items()}
        shown = _Shown(bars)

        def reached(split: Split, done: int) -> None:
            bars.update(tasks[split], completed=done)
            shown.again()

        yield reached


class _Shown:
    """Draws bars again when it is time to."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._next = 0.0

    def again(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _SECONDS_BETWEEN
            self._bars.refresh()


def _bars() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    # A thread that draws would keep this process from being copied, which is how large files are checked.
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal, auto_refresh=False)


def _size(path: Path) -> int | None:
    # What keeps a file from being read is told by whoever reads it.
    return path.stat().st_size if path.is_file() else None
