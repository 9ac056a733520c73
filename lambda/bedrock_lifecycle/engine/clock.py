"""Two clocks, each for what it is right for.

*Service time* is the `Date` of an AWS response. Deadlines and ages are reckoned by it, so one clock rules a request
that many short functions serve; on AWS it is the wall clock, and the sandbox can turn it.
*Wall time* is this machine's. A lease is reckoned by it, because a lease outlasts the run of a function, which the
Lambda service ends by real time.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bedrock_lifecycle import contract

DEADLINE: Final = timedelta(minutes=contract.DEADLINE_MINUTES)
UNDONE_BY: Final = DEADLINE + timedelta(minutes=contract.UNDOING_MINUTES)
# Nobody promises that a thing is seen by name, in a list or with its tags right after its create, nor a model at the
# moment its job is Completed. Until then absence is doubted; the figure is a guess of this project's.
SEEN_WITHIN: Final = timedelta(minutes=5)
RUNG: Final = timedelta(minutes=contract.RUNG_MINUTES)
_SHORTEST_WAIT_SECONDS: Final = 10
_LONGEST_WAIT_SECONDS: Final = 60
# From here on a person says days.
_HOURS_IN_DAYS: Final = 48

WallClock = Callable[[], float]
wall_clock: WallClock = time.time


def service_time(response: Mapping[str, Any]) -> datetime:
    """Return the service's time from a botocore response or from `ClientError.response`."""
    date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)


def usual_wait_seconds(waited: timedelta) -> int:
    """Return how long to wait before the next look: short at first, a minute when it has been long."""
    return min(max(int(waited.total_seconds()) // 10, _SHORTEST_WAIT_SECONDS), _LONGEST_WAIT_SECONDS)


def in_words(span: timedelta) -> str:
    """Return a span of time as a person says it: `45 min`, `2 h 10 min`, `6 days 19 h`."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    if hours >= _HOURS_IN_DAYS:
        return f"{hours // 24} days {hours % 24} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
