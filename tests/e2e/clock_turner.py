"""Turns the simulated clock by hand, so that hours pass in a deployment without anybody waiting for them."""

import threading
from types import TracebackType
from typing import Final, Self

from tests.e2e.account import Account

_PAUSE_SECONDS: Final = 0.1


class ClockTurner:
    """Lets no time pass but for a step at a time: one for every request that is found waiting.

    So what happens in a deployment does not hang on how fast the machine is. `kinds` says which requests make time
    pass, by the ends of their resource types.
    """

    def __init__(self, account: Account, *, seconds: int, kinds: tuple[str, ...]) -> None:
        self._account = account
        self._seconds = seconds
        self._kinds = kinds
        self._seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="clock")
        self._error: Exception | None = None

    def __enter__(self) -> Self:
        self._account.sandbox.control("clock", {"rate": 0})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=30)
        if self._error and error is None:
            raise self._error

    def _turn(self) -> None:
        while not self._over.wait(_PAUSE_SECONDS):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - raised where the test can see it
                self._error = error
                return

    def _look(self) -> None:
        if self._account.stack_status("Training") is None:
            return
        for request in self._account.requests(statusFilter="RUNNING"):
            if request.waits > 0 and request.kind.endswith(self._kinds) and request.execution_arn not in self._seen:
                self._seen.add(request.execution_arn)
                self._account.sandbox.control("clock", {"advance_seconds": self._seconds})
