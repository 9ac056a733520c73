"""The ledger decides who may act on a resource.

Every request gets a generation when it is first seen; the same request seen again keeps its own. Mutating calls are
made only under the lease, and only the newest generation gets the lease. So a duplicate, a late delivery or an
execution that was overtaken can look, but never act.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar, Unpack

from bedrock_lifecycle.engine import clock, record
from bedrock_lifecycle.engine.ledger_table import LedgerTable
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.engine.record import Busy, Entry, Lease, Overtaken, Record
from bedrock_lifecycle.engine.request import Request

T = TypeVar("T")

_TRIES: Final = 20


@dataclass(frozen=True)
class Granted:
    """The lease on a resource, what is known of it, and the service's time."""

    record: Record
    now: datetime


class Ledger:
    """`holder` names an invocation, so not even a retry shares a lease with the invocation before it."""

    def __init__(
        self, table: LedgerTable, *, lease_seconds: int, wall_clock: clock.WallClock = clock.wall_clock
    ) -> None:
        self._table = table
        self._lease_seconds = lease_seconds
        self._wall_clock = wall_clock

    def register(self, request: Request) -> Entry:
        """Write a request down and return its entry; a request seen before keeps the one it has."""

        def change(known: Record, now: datetime) -> Record | Entry:
            present = known.requests.get(request.request_id)
            return present or record.with_request(known, request.request_id, now, request.signed)

        changed, _now = self._change(request, change)
        return changed.requests[request.request_id] if isinstance(changed, Record) else changed

    def take_lease(self, request: Request, generation: int, holder: str) -> Granted | Busy | Overtaken:
        """Take the lease for one invocation."""

        def change(known: Record, _now: datetime) -> Record | Busy | Overtaken:
            wall = int(self._wall_clock())
            return record.with_lease(known, generation, Lease(holder, wall + self._lease_seconds), wall)

        changed: Record | Busy | Overtaken
        changed, now = self._change(request, change)
        if not isinstance(changed, Record):
            return changed
        return Granted(changed, now)

    def release(self, request: Request, holder: str) -> None:
        """Give the lease back; that it is lost already is no error."""
        self._change(request, lambda known, _now: record.without_lease(known, holder))

    def note(self, request: Request, holder: str, **notes: Unpack[record.Notes]) -> Record:
        """Write down, under the lease, what a request has come to, and return the record; raise `Again` without it."""

        def change(known: Record, _now: datetime) -> Record | None:
            return record.with_note(known, request.request_id, holder, **notes)

        noted, _now = self._change(request, change)
        if noted is None:
            raise Again("the lease expired before the action: nothing was done")
        return noted

    def _change(
        self, request: Request, change: Callable[[Record, datetime], Record | T]
    ) -> tuple[Record | T, datetime]:
        """Write what a change makes of the record, or nothing when it makes something else; return it and the time."""
        for _ in range(_TRIES):
            known, now = self._table.read(request.resource_key)
            changed = change(known, now)
            if not isinstance(changed, Record) or self._table.write(request.resource_key, changed):
                return changed, now
        raise Again(f"too many writes to the ledger at once: {request.logical_id}")
