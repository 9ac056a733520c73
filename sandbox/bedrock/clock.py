"""The simulation's own time, which a test can turn."""

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

# A date at which Claude 3 Haiku was in service and could be fine-tuned, and models of Nova that were tuned then can be
# deployed for on-demand inference (those customized on or after 16 July 2025).
DEFAULT_START: Final = datetime(2025, 11, 15, tzinfo=UTC)


class Clock:
    """Time that starts at `start` and runs `rate` times as fast as the real time.

    A rate of 0 freezes it: only `advance` moves it then. It never goes backwards, and a change of rate
    makes no jump. Safe to use from several threads.
    """

    def __init__(
        self,
        start: datetime = DEFAULT_START,
        *,
        rate: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if start.tzinfo is None:
            msg = f"start must carry a time zone, got {start.isoformat()}"
            raise ValueError(msg)
        self._monotonic = monotonic
        self._rate = _checked_rate(rate)
        self._anchor = start.astimezone(UTC)
        self._anchor_seconds = monotonic()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """How many simulated seconds pass in a real one."""
        return self._rate

    def now(self) -> datetime:
        """Return the simulated time, in UTC."""
        with self._lock:
            return self._now()

    def advance(self, by: timedelta) -> datetime:
        """Move the time forward by `by` (not negative) at once, and return what it is then."""
        if by < timedelta(0):
            msg = f"time only moves forward, got {by}"
            raise ValueError(msg)
        with self._lock:
            self._anchor += by
            return self._now()

    def set_rate(self, rate: float) -> None:
        """Let the time run at another rate from now on; 0 freezes it."""
        checked = _checked_rate(rate)
        with self._lock:
            self._anchor = self._now()
            self._anchor_seconds = self._monotonic()
            self._rate = checked

    def _now(self) -> datetime:
        if not self._rate:
            return self._anchor
        return self._anchor + timedelta(seconds=(self._monotonic() - self._anchor_seconds) * self._rate)


def _checked_rate(rate: float) -> float:
    if not math.isfinite(rate) or rate < 0:
        msg = f"rate must be a finite number of at least 0, got {rate}"
        raise ValueError(msg)
    return float(rate)
