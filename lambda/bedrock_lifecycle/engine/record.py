"""What the ledger holds of one resource, and the rules by which it changes. Pure: no clock, no table."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypedDict, Unpack

from bedrock_lifecycle.engine import clock

# Lambda delivers an event for at most six hours (Lambda developer guide, asynchronous invocation), so a request this
# old cannot come back.
_REQUESTS_KEPT_FOR: Final = timedelta(days=2)
# CloudFormation waits no longer for a custom resource (ServiceTimeout); an older date is of another clock.
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """What is known of one request."""

    generation: int
    began: datetime
    verdict: str = ""
    """The definite failure that this request will be answered with once what it made is undone."""
    created: str = ""
    """The name of what this request set out to create, which is deleted when the request fails."""
    asked: str = ""
    """What this request asked Bedrock to move to in place, written down once it was asked for."""
    looks: int = 0
    """How often a preflight, or a question of a bake, was begun for this request."""
    answers: str = ""
    """For each question of a bake that was answered whether rightly, `1` or `0`."""
    found: str = ""
    """The name of what may have been there before this create, see `resources.found_serving`."""


class Notes(TypedDict, total=False):
    """What may be written down in an `Entry` while its request is served; an empty text changes nothing, 0 does."""

    verdict: str
    created: str
    asked: str
    looks: int
    answers: str
    found: str
    served: Mapping[str, str]
    """The ARN of what serves under a name; it is written down in the `Record`, as are the next two."""
    set_out: Mapping[str, datetime]
    deleted: Mapping[str, datetime | None]
    """None for what was not deleted after all."""


@dataclass(frozen=True)
class Lease:
    """Who may act, until which second of the wall clock."""

    holder: str
    expires: int


@dataclass(frozen=True)
class Record:
    """One resource of one stack. The newest generation rules it."""

    generation: int = 0
    requests: Mapping[str, Entry] = field(default_factory=dict)
    lease: Lease | None = None
    version: int = 0
    """How often this was written; 0 means never."""
    served: Mapping[str, str] = field(default_factory=dict)
    """The ARN of what served last under each name: what is lost is still told by it."""
    set_out: Mapping[str, datetime] = field(default_factory=dict)
    """When a request last set out to create what has a name, or first expected it: until some minutes later it may
    exist unseen."""
    deleted: Mapping[str, datetime] = field(default_factory=dict)
    """When a request last asked AWS to delete what has a name: until it is gone it may be shown, and further deletes
    be refused."""

    @property
    def made(self) -> frozenset[str]:
        """The names of all that requests of this resource set out to create."""
        return frozenset(entry.created for entry in self.requests.values() if entry.created)

    def was_deleted(self, name: str) -> bool:
        """Tell whether AWS was asked to delete what has a name since a request last set out to create it."""
        return name in self.deleted and self.deleted[name] >= self.set_out.get(name, self.deleted[name])

    def is_going(self, name: str, now: datetime) -> bool:
        """Tell whether what has a name may go although it is seen: AWS was asked to delete it minutes ago."""
        return self.was_deleted(name) and now - self.deleted[name] < clock.SEEN_WITHIN

    def unseen(self, now: datetime) -> frozenset[str]:
        """Return the names of what was set out to be created minutes ago: it may exist although it is not seen."""
        young = {name for name, at in self.set_out.items() if now - at < clock.SEEN_WITHIN}
        return frozenset(name for name in young if not self.was_deleted(name))


@dataclass(frozen=True)
class Busy:
    """Another invocation holds the lease, for so many seconds at most."""

    seconds: int


@dataclass(frozen=True)
class Overtaken:
    """A newer request rules this resource."""


def with_request(record: Record, request_id: str, seen: datetime, signed: datetime | None = None) -> Record:
    """Return the record with a request that was not seen before, as the newest generation.

    One that was signed before another that is known already was delivered late: CloudFormation has gone on, so it is
    written down as overtaken from the start.
    """
    date = signed if signed and seen - signed < _HOUR else None
    began = min(date, seen) if date else seen
    late = date is not None and any(entry.began > date for entry in record.requests.values())
    generation = record.generation if late else record.generation + 1
    entry = Entry(generation=0 if late else generation, began=began)
    recent = {key: its for key, its in record.requests.items() if began - its.began < _REQUESTS_KEPT_FOR}
    # Names are remembered for good, once each: what was made here and lost its tags is told by it, also after months.
    made = {its.created: (key, dataclasses.replace(its, verdict="")) for key, its in record.requests.items()}
    kept = {key: its for key, its in made.values() if its.created} | recent
    return dataclasses.replace(record, generation=generation, requests={**kept, request_id: entry})


def with_lease(record: Record, generation: int, lease: Lease, wall: int) -> Record | Busy | Overtaken:
    """Return the record with the lease taken; a newer generation waits while an older one may still act."""
    if generation != record.generation:
        return Overtaken()
    present = record.lease
    if present and present.holder != lease.holder and present.expires >= wall:
        return Busy(seconds=present.expires - wall + 1)
    return dataclasses.replace(record, lease=lease)


def without_lease(record: Record, holder: str) -> Record | None:
    """Return the record with this holder's lease given back, or None when it is not this holder's."""
    if record.lease is None or record.lease.holder != holder:
        return None
    return dataclasses.replace(record, lease=None)


def with_note(record: Record, request_id: str, holder: str, **notes: Unpack[Notes]) -> Record | None:
    """Return the record with what a request came to, or None when the holder lost the lease."""
    if record.lease is None or record.lease.holder != holder:
        return None
    before = record.requests[request_id]
    entry = dataclasses.replace(
        before,
        verdict=notes.get("verdict") or before.verdict,
        created=notes.get("created") or before.created,
        asked=notes.get("asked") or before.asked,
        looks=notes.get("looks", before.looks),
        answers=notes.get("answers") or before.answers,
        found=notes.get("found") or before.found,
    )
    return dataclasses.replace(
        record,
        requests={**record.requests, request_id: entry},
        served={**record.served, **notes.get("served", {})},
        set_out={**record.set_out, **notes.get("set_out", {})},
        deleted={name: at for name, at in {**record.deleted, **notes.get("deleted", {})}.items() if at},
    )
