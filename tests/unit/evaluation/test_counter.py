"""The counter of tokens in DynamoDB: a bound that holds, and never less than what was used."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract.evaluation_store import counter_key
from bedrock_lifecycle.evaluation.asking.counter import Counted, LedgerCounter
from tests.support.calls import client_error
from tests.support.dynamodb_service import TABLE, DynamoDBService

EVALUATION = "9c1f6a0b2d3e"


@pytest.fixture
def service() -> DynamoDBService:
    return DynamoDBService()


def counter(service: DynamoDBService, max_tokens: int = 1_000) -> LedgerCounter:
    return LedgerCounter(service.client, TABLE, EVALUATION, max_tokens)


def test_nothing_is_counted_at_first(service: DynamoDBService) -> None:
    assert counter(service).read() == Counted(0, 0)


def test_reservations_add_up_to_the_bound_and_no_further(service: DynamoDBService) -> None:
    its = counter(service)
    assert its.reserve(600)
    assert not its.reserve(401)
    assert its.reserve(400)
    assert not its.reserve(1)
    assert its.read() == Counted(1_000, 0)


def test_more_than_the_bound_is_never_reserved(service: DynamoDBService) -> None:
    assert not counter(service).reserve(1_001)
    assert service.calls == []


def test_another_run_with_a_higher_bound_goes_on_counting(service: DynamoDBService) -> None:
    counter(service).reserve(1_000)
    assert counter(service, 1_500).reserve(500)
    assert not counter(service, 1_500).reserve(1)


def test_what_was_used_takes_the_place_of_what_was_reserved(service: DynamoDBService) -> None:
    its = counter(service)
    its.reserve(600)
    its.settle(reserved=600, used=150, throttled=3)
    its.reserve(100)
    its.settle(reserved=100, used=120)
    assert its.read() == Counted(270, 3)


def test_the_item_says_only_numbers_and_expires(service: DynamoDBService) -> None:
    counter(service).reserve(5)
    item = service.item(counter_key(EVALUATION))
    assert set(item) == {"Resource", "Tokens", "ExpiresAt"}
    assert int(item["ExpiresAt"]["N"]) > 1_700_000_000


class Failing:
    """A client whose updates fail, before or after their effect."""

    def __init__(self, service: DynamoDBService, *, times: int, after: bool = False) -> None:
        self._service = service
        self._times = times
        self._after = after
        self.calls = 0

    def update_item(self, **request: Any) -> Any:
        self.calls += 1
        fails = self.calls <= self._times
        if fails and not self._after:
            raise client_error("InternalServerError", "any", 500, "UpdateItem")
        answer = self._service.client.update_item(**request)
        if fails:
            raise client_error("InternalServerError", "any", 500, "UpdateItem")
        return answer


@pytest.mark.parametrize("after", [False, True])
def test_what_is_given_back_is_given_back_once_at_most(service: DynamoDBService, *, after: bool) -> None:
    counter(service).reserve(600)
    failing = Failing(service, times=1, after=after)
    LedgerCounter(failing, TABLE, EVALUATION, 1_000).settle(reserved=600, used=100)  # type: ignore[arg-type]
    assert failing.calls == 1
    assert counter(service).read().tokens == (100 if after else 600)


@pytest.mark.parametrize("after", [False, True])
def test_what_was_used_beyond_is_counted_at_least_once(service: DynamoDBService, *, after: bool) -> None:
    counter(service).reserve(100)
    failing = Failing(service, times=2, after=after)
    LedgerCounter(failing, TABLE, EVALUATION, 1_000).settle(reserved=100, used=150)  # type: ignore[arg-type]
    assert counter(service).read().tokens >= 150


def test_what_was_used_beyond_and_cannot_be_counted_is_an_error(service: DynamoDBService) -> None:
    failing = Failing(service, times=9)
    with pytest.raises(ClientError):
        LedgerCounter(failing, TABLE, EVALUATION, 1_000).settle(reserved=1, used=2)  # type: ignore[arg-type]


def test_a_reservation_that_fails_is_an_error_and_not_a_bound(service: DynamoDBService) -> None:
    with pytest.raises(ClientError):
        LedgerCounter(Failing(service, times=1), TABLE, EVALUATION, 1_000).reserve(1)  # type: ignore[arg-type]
