"""The ledger's table, on DynamoDB's own rules for conditional writes."""

import dataclasses
import itertools
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from ministack.services import dynamodb as ministack_dynamodb

from bedrock_lifecycle.engine.ledger import Granted, Ledger
from bedrock_lifecycle.engine.ledger_table import DynamoDBTable
from bedrock_lifecycle.engine.record import Entry, Lease, Record
from tests.support.dynamodb_service import TABLE, DynamoDBService
from tests.support.events import NOW, any_request

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ENTRIES = st.builds(
    Entry,
    st.integers(1, 10**6),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    TEXTS,
    TEXTS,
    TEXTS,
    st.integers(0, 100),
    st.text("01", max_size=5),
    TEXTS,
)
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RECORDS = st.builds(
    Record,
    st.integers(0, 10**6),
    st.dictionaries(st.text(st.characters(codec="ascii"), min_size=1, max_size=36), ENTRIES, max_size=5),
    st.none() | st.builds(Lease, TEXTS, st.integers(0, 2**40)),
    st.just(0),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
    st.dictionaries(TEXTS, TIMES, max_size=3),
    st.dictionaries(TEXTS, TIMES, max_size=3),
)

KEYS = itertools.count()


@pytest.fixture(scope="module")
def service() -> Iterator[DynamoDBService]:
    yield DynamoDBService()
    ministack_dynamodb.reset()


@pytest.fixture
def table(service: DynamoDBService) -> DynamoDBTable:
    return DynamoDBTable(service.client, TABLE)


def test_what_was_never_written_is_empty_and_has_the_service_s_time(table: DynamoDBTable) -> None:
    assert table.read("never") == (Record(), NOW)


def test_the_first_write_creates_the_record(table: DynamoDBTable) -> None:
    assert table.write("first", Record(generation=1)) is True
    assert table.read("first")[0] == Record(generation=1, version=1)


def test_of_two_first_writes_one_succeeds(table: DynamoDBTable) -> None:
    assert table.write("twice", Record(generation=1)) is True
    assert table.write("twice", Record(generation=2)) is False
    assert table.read("twice")[0].generation == 1


def test_a_write_after_somebody_else_s_is_refused_and_changes_nothing(table: DynamoDBTable) -> None:
    table.write("both", Record())
    seen, _ = table.read("both")
    assert table.write("both", Record(generation=5, version=seen.version)) is True
    assert table.write("both", Record(generation=6, version=seen.version)) is False
    assert table.read("both")[0] == Record(generation=5, version=2)


def test_a_record_that_expired_meanwhile_is_not_written_as_if_it_were_there(
    table: DynamoDBTable, service: DynamoDBService
) -> None:
    table.write("expired", Record())
    seen, _ = table.read("expired")
    service.client.delete_item(TableName=TABLE, Key={"Resource": {"S": "expired"}})
    assert table.write("expired", seen) is False


@given(RECORDS)
def test_every_field_comes_back_as_it_was(service: DynamoDBService, record: Record) -> None:
    table, key = DynamoDBTable(service.client, TABLE), str(next(KEYS))
    assert table.write(key, record) is True
    found, _ = table.read(key)
    assert found == dataclasses.replace(record, version=1)


def test_a_record_expires_long_after_the_last_write(table: DynamoDBTable, service: DynamoDBService) -> None:
    table.write("kept", Record())
    expires = int(service.item("kept")["ExpiresAt"]["N"])
    assert abs(expires - time.time() - timedelta(days=400).total_seconds()) < 60


def test_the_time_is_the_service_s_and_not_this_machine_s(table: DynamoDBTable, service: DynamoDBService) -> None:
    service.date = "Tue, 01 Jan 2030 00:00:00 GMT"
    try:
        assert table.read("any")[1] == datetime(2030, 1, 1, tzinfo=UTC)
    finally:
        service.date = "Fri, 15 Nov 2024 12:00:00 GMT"


def test_any_other_error_is_raised(service: DynamoDBService) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        DynamoDBTable(service.client, "other-table").write("any", Record())


def test_a_whole_request_goes_through_the_table(table: DynamoDBTable) -> None:
    ledger, request = Ledger(table, lease_seconds=40), any_request()
    entry = ledger.register(request)
    assert ledger.register(request) == entry == Entry(1, NOW)
    granted = ledger.take_lease(request, 1, "any")
    assert isinstance(granted, Granted)
    assert (granted.record.requests, granted.now) == ({request.request_id: entry}, NOW)
    ledger.note(request, "any", created="thing")
    ledger.release(request, "any")
    assert table.read(request.resource_key)[0].requests[request.request_id].created == "thing"
    assert table.read(request.resource_key)[0].lease is None
