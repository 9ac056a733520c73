"""The ledger when several write at once."""

from collections.abc import Callable

import pytest

from bedrock_lifecycle.engine.ledger import Granted, Ledger
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.engine.record import Busy, Entry, Lease, Overtaken, Record
from tests.support.events import NOW, any_request
from tests.support.memory_table import MemoryTable

FIRST = any_request(RequestId="first")
SECOND = any_request(RequestId="second")


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def ledger(table: MemoryTable) -> Ledger:
    return Ledger(table, lease_seconds=40, wall_clock=lambda: 1000.9)


def test_a_request_begins_at_the_service_s_time(ledger: Ledger) -> None:
    assert ledger.register(FIRST) == Entry(1, NOW)


def test_a_duplicate_keeps_its_generation_and_writes_nothing(ledger: Ledger, table: MemoryTable) -> None:
    ledger.register(FIRST)
    ledger.register(SECOND)
    assert ledger.register(FIRST).generation == 1
    assert table.writes == 2


def test_two_requests_at_once_get_two_generations(ledger: Ledger, table: MemoryTable) -> None:
    table.before_write = lambda: _ignore(ledger.register(SECOND))
    assert ledger.register(FIRST).generation == 2
    assert ledger.register(SECOND).generation == 1


def test_a_duplicate_at_once_gets_the_same_generation(ledger: Ledger, table: MemoryTable) -> None:
    table.before_write = lambda: _ignore(ledger.register(FIRST))
    assert ledger.register(FIRST).generation == 1
    assert table.writes == 1


def test_a_lease_ends_by_the_wall_clock(ledger: Ledger, table: MemoryTable) -> None:
    ledger.register(FIRST)
    granted = ledger.take_lease(FIRST, 1, "any")
    assert isinstance(granted, Granted)
    assert (granted.record.requests[FIRST.request_id], granted.now) == (Entry(1, NOW), NOW)
    assert table.records[FIRST.resource_key].lease == Lease("any", 1040)


def test_a_lease_comes_with_all_that_requests_of_the_resource_set_out_to_create(ledger: Ledger) -> None:
    for request, made in ((FIRST, "one"), (SECOND, "other"), (any_request(RequestId="third"), "")):
        generation = ledger.register(request).generation
        ledger.take_lease(request, generation, "any")
        ledger.note(request, "any", created=made, verdict="" if made else "no")
    granted = ledger.take_lease(any_request(RequestId="third"), 3, "any")
    assert isinstance(granted, Granted)
    assert granted.record.made == {"one", "other"}


def test_of_two_who_want_the_lease_at_once_one_gets_it(ledger: Ledger, table: MemoryTable) -> None:
    ledger.register(FIRST)
    table.before_write = lambda: _ignore(ledger.take_lease(FIRST, 1, "other"))
    assert ledger.take_lease(FIRST, 1, "any") == Busy(41)


def test_a_newer_request_that_arrives_meanwhile_takes_the_lease_away(ledger: Ledger, table: MemoryTable) -> None:
    ledger.register(FIRST)
    table.before_write = lambda: _ignore(ledger.register(SECOND))
    assert ledger.take_lease(FIRST, 1, "any") == Overtaken()


def test_a_lease_that_is_lost_already_is_given_back_without_an_error(ledger: Ledger) -> None:
    ledger.register(FIRST)
    ledger.take_lease(FIRST, 1, "other")
    ledger.release(FIRST, "any")
    assert ledger.take_lease(FIRST, 1, "any") == Busy(41)


def test_what_cannot_be_written_down_must_not_be_done(ledger: Ledger) -> None:
    ledger.register(FIRST)
    with pytest.raises(Again, match="lease"):
        ledger.note(FIRST, "any", created="thing")


def test_endless_contention_means_again() -> None:
    class Contended(MemoryTable):
        def write(self, key: str, record: Record) -> bool:
            del key, record
            return False

    table = Contended()
    ledger = Ledger(table, lease_seconds=40)
    table.records[FIRST.resource_key] = Record(1, {"first": Entry(1, NOW)}, Lease("any", 1040))
    contended: list[Callable[[], object]] = [
        lambda: ledger.register(SECOND),
        lambda: ledger.take_lease(FIRST, 1, "any"),
        lambda: ledger.note(FIRST, "any", created="thing"),
    ]
    for write in contended:
        with pytest.raises(Again, match=FIRST.logical_id):
            write()


def _ignore(_: object) -> None:
    return None


def test_what_serves_is_remembered_for_every_later_request(ledger: Ledger) -> None:
    ledger.take_lease(FIRST, ledger.register(FIRST).generation, "any")
    ledger.note(FIRST, "any", served={"one": "arn-before"})
    ledger.note(FIRST, "any", served={"one": "arn"})
    ledger.note(FIRST, "any", served={"other": "other-arn"})
    ledger.release(FIRST, "any")
    granted = ledger.take_lease(SECOND, ledger.register(SECOND).generation, "any")
    assert isinstance(granted, Granted)
    assert granted.record.served == {"one": "arn", "other": "other-arn"}
