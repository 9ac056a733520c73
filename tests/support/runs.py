"""Runs of functions that can be held up in the middle, so that two of them are under way at once.

Each run is a greenlet: it moves until it ends or is held up at one of its calls, and then hands back to whoever let it
move. So every history is deterministic.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Final

from greenlet import greenlet

_NUMBERS: Final = count()


class Killed(BaseException):
    """The function is gone: nothing of it runs any more, not even what stands in `finally`."""


class Run:
    """One run of a function. `done` is called with its result or with the exception that ended it."""

    def __init__(self, body: Callable[[], object], done: Callable[[object, BaseException | None], None]) -> None:
        self._body = body
        self._done = done
        self._greenlet = greenlet(self._run)
        self._result: object = None
        self._error: BaseException | None = None
        self.number = next(_NUMBERS)
        self.ended = False
        self.dead = False
        self.began: datetime | None = None
        self.due: datetime | None = None
        """When a run that is held up goes on."""

    def move(self) -> None:
        """Let the run move until it ends or is held up."""
        self._greenlet.switch()
        if self.ended:
            self._done(self._result, self._error)

    def hold(self) -> None:
        """Hand back, from inside the run, until it is let move again."""
        parent = self._greenlet.parent
        if parent is not None:
            parent.switch()
        if self.dead:
            raise Killed

    def _run(self) -> None:
        try:
            self._result = self._body()
        except BaseException as error:  # noqa: BLE001 - whatever ends the run is its result
            self._error = error
        self.ended = True
