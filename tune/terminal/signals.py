"""Clearing up after a signal: what a command has started ends with it, however it is asked to end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(SystemExit):
    """Something else than Ctrl-C asked this process to end; the code is that of a shell."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Let the first signal that asks this process to end unwind it; a later one does not disturb the clearing up.

    What this process was started to ignore (nohup, a shell's background) it goes on ignoring.
    """

    def leave(number: int, _frame: Any) -> None:
        unstoppable()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise Stopped(128 + number)

    heard = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, leave) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def unstoppable() -> None:
    """From here on a signal could only keep the clearing up from being done."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
