"""The rules of the ledger: who is newest, who may act, what is kept."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bedrock_lifecycle.engine import record
from bedrock_lifecycle.engine.record import Busy, Entry, Lease, Overtaken, Record
from tests.support.events import NOW

KEPT_FOR = timedelta(days=2)
REQUEST_IDS = st.sampled_from(["one", "two", "three", "four", "five"])
HOLDERS = st.sampled_from(["first", "second"])
AGES = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=5))


def any_record(**changes: object) -> Record:
    present = Record(generation=3, requests={"any": Entry(3, NOW)}, lease=Lease("holder", 100), version=7)
    return dataclasses.replace(present, **changes)  # type: ignore[arg-type]


class EveryHistory(RuleBasedStateMachine):
    """Requests come, leases are taken and lapse, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.record = Record()
        self.wall = 1000
        self.generation_of: dict[str, int] = {}
        self.most = 0

    @rule(request_id=REQUEST_IDS)
    def register(self, request_id: str) -> None:
        if request_id not in self.record.requests:
            self.record = record.with_request(self.record, request_id, NOW)
            self.generation_of[request_id] = self.record.generation

    @rule(request_id=REQUEST_IDS, holder=HOLDERS)
    def take_lease(self, request_id: str, holder: str) -> None:
        if request_id not in self.generation_of:
            return
        generation, before = self.generation_of[request_id], self.record.lease
        taken = record.with_lease(self.record, generation, Lease(holder, self.wall + 40), self.wall)
        if generation < self.record.generation:
            assert taken == Overtaken()
        elif before and before.holder != holder and before.expires >= self.wall:
            assert isinstance(taken, Busy)
        else:
            assert isinstance(taken, Record)
            assert taken.lease == Lease(holder, self.wall + 40)
            self.record = taken

    @rule(holder=HOLDERS)
    def release(self, holder: str) -> None:
        before = self.record.lease
        released = record.without_lease(self.record, holder)
        assert (released is None) == (before is None or before.holder != holder)
        self.record = released or self.record

    @rule(seconds=st.integers(0, 60))
    def time_passes(self, seconds: int) -> None:
        self.wall += seconds

    @invariant()
    def generations_only_grow(self) -> None:
        assert self.record.generation >= self.most
        self.most = self.record.generation

    @invariant()
    def a_request_keeps_its_generation(self) -> None:
        assert {key: its.generation for key, its in self.record.requests.items()} == self.generation_of

    @invariant()
    def no_two_requests_share_a_generation(self) -> None:
        assert len(set(self.generation_of.values())) == len(self.generation_of)


TestEveryHistory = EveryHistory.TestCase


@given(st.dictionaries(REQUEST_IDS, AGES))
@example({"just": KEPT_FOR, "almost": KEPT_FOR - timedelta(microseconds=1)})
def test_what_cannot_come_back_is_forgotten_and_the_newest_never(ages: Mapping[str, timedelta]) -> None:
    requests = {key: Entry(number, NOW - age) for number, (key, age) in enumerate(ages.items(), 1)}
    changed = record.with_request(Record(len(requests), requests), "newest", NOW)
    assert set(changed.requests) == {"newest"} | {key for key, age in ages.items() if age < KEPT_FOR}
    assert changed.requests["newest"] == Entry(len(requests) + 1, NOW)
    assert changed.generation == len(requests) + 1


def test_what_was_created_is_remembered_for_good_once_for_each_name_and_without_its_verdict() -> None:
    long_ago = NOW - timedelta(days=300)
    requests = {
        "first": Entry(1, long_ago, verdict="no room", created="a"),
        "again": Entry(2, long_ago + timedelta(days=1), verdict="no room", created="a"),
        "other": Entry(3, long_ago + timedelta(days=2), created="b"),
        "looked": Entry(4, long_ago + timedelta(days=3)),
    }
    changed = record.with_request(Record(4, requests), "newest", NOW)
    kept = {key: (its.created, its.verdict) for key, its in changed.requests.items()}
    assert kept == {"again": ("a", ""), "other": ("b", ""), "newest": ("", "")}


SECOND = timedelta(seconds=1)


def test_a_request_begins_when_it_was_signed_and_not_when_it_was_delivered() -> None:
    changed = record.with_request(any_record(), "late", NOW + 9 * SECOND, NOW + SECOND)
    assert changed.requests["late"] == Entry(4, NOW + SECOND)
    assert changed.generation == 4


@pytest.mark.parametrize("signed", [None, NOW - timedelta(hours=1), NOW + SECOND])
def test_a_request_without_a_date_that_can_be_right_begins_when_it_is_seen(signed: datetime | None) -> None:
    assert record.with_request(Record(), "any", NOW, signed).requests["any"] == Entry(1, NOW)


def test_a_request_that_was_signed_before_one_that_is_known_is_overtaken_from_the_start() -> None:
    changed = record.with_request(any_record(lease=None), "late", NOW + SECOND, NOW - SECOND)
    assert (changed.requests["late"], changed.generation) == (Entry(0, NOW - SECOND), 3)
    assert changed.requests["any"] == any_record().requests["any"]
    assert record.with_lease(changed, 0, Lease("other", 1040), 1000) == Overtaken()
    assert isinstance(record.with_lease(changed, 3, Lease("other", 1040), 1000), Record)


def test_requests_that_were_signed_in_the_same_second_are_taken_as_they_come() -> None:
    changed = record.with_request(any_record(), "next", NOW + SECOND, NOW)
    assert changed.requests["next"] == Entry(4, NOW)


def test_a_lease_is_respected_to_its_last_second_and_free_in_the_next() -> None:
    other = Lease("other", 140)
    assert record.with_lease(any_record(), 3, other, 100) == Busy(seconds=1)
    assert record.with_lease(any_record(), 3, other, 60) == Busy(seconds=41)
    assert record.with_lease(any_record(), 3, other, 101) == any_record(lease=other)


def test_the_holder_itself_may_take_its_lease_again() -> None:
    again = Lease("holder", 140)
    assert record.with_lease(any_record(), 3, again, 100) == any_record(lease=again)


@pytest.mark.parametrize("generation", [1, 2, 4])
def test_any_generation_but_the_newest_is_overtaken_even_when_nobody_holds_the_lease(generation: int) -> None:
    assert record.with_lease(any_record(lease=None), generation, Lease("other", 140), 1000) == Overtaken()


@pytest.mark.parametrize("lease", [None, Lease("other", 100)])
def test_only_the_holder_writes_down_and_gives_back(lease: Lease | None) -> None:
    present = any_record(lease=lease)
    assert record.with_note(present, "any", "holder", created="thing") is None
    assert record.without_lease(present, "holder") is None


def test_notes_add_up() -> None:
    created = record.with_note(any_record(), "any", "holder", created="thing")
    assert created is not None
    both = record.with_note(created, "any", "holder", verdict="reason")
    assert both is not None
    assert both.requests["any"] == Entry(3, NOW, verdict="reason", created="thing")
    assert (both.lease, both.generation, both.version) == (any_record().lease, 3, 7)


def test_a_count_is_taken_back_to_nothing() -> None:
    counted = record.with_note(any_record(), "any", "holder", looks=1)
    assert counted is not None
    assert counted.requests["any"].looks == 1
    back = record.with_note(counted, "any", "holder", looks=0)
    assert back is not None
    assert back.requests["any"].looks == 0


def test_a_date_of_another_clock_makes_no_request_late() -> None:
    """A response URL that was signed by a clock an hour behind says nothing about the order of requests."""
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    behind = now - timedelta(hours=2)
    first = record.with_request(record.Record(), "first", now, behind)
    second = record.with_request(first, "second", now, behind)
    assert second.requests["second"].generation == 2


def test_what_was_asked_to_be_deleted_goes_for_minutes_and_until_it_is_created_again() -> None:
    made = record.with_note(any_record(), "any", "holder", created="thing", set_out={"thing": NOW})
    assert made is not None
    gone = record.with_note(made, "any", "holder", deleted={"thing": NOW + SECOND})
    assert gone is not None
    minutes = [timedelta(minutes=4), timedelta(minutes=6)]
    assert [gone.is_going("thing", NOW + later) for later in minutes] == [True, False]
    assert (made.unseen(NOW + SECOND), gone.unseen(NOW + SECOND)) == (frozenset({"thing"}), frozenset())
    again = record.with_note(gone, "any", "holder", set_out={"thing": NOW + 2 * SECOND})
    refused = record.with_note(gone, "any", "holder", deleted={"thing": None})
    assert again is not None
    assert refused is not None
    assert not again.was_deleted("thing")
    assert not refused.was_deleted("thing")
