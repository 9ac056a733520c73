"""Clearing up after a signal: what a command has started ends with it, however it is asked to end."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the first signal that asks this process to end unwind it; a later one does not disturb the clearing up."""

    def leave(number: int, _frame: Any) -> None:
        unstoppable()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def unstoppable() -> None:
    """From here on a signal could only keep the clearing up from being done."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
