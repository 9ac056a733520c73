"""The clients of tests without the wire: services that answer slowly, with a 5xx, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from bedrock_lifecycle.preflight.readers import reading
from tests.support.calls import CONNECTING_FOR, Fault
from tests.support.environment import Account
from tests.support.lifecycle import BUCKET, KEY_ARN, ROLE_ARN, Lifecycle
from tests.support.runs import Killed, Run

READS: dict[str, Callable[[Any], Any]] = {
    "bedrock": lambda client: client.list_custom_models(),
    "iam": lambda client: client.get_role(RoleName=ROLE_ARN.rpartition("/")[2]),
    "kms": lambda client: client.describe_key(KeyId=KEY_ARN),
    "s3": lambda client: client.list_objects_v2(Bucket=BUCKET, Prefix="any", MaxKeys=1),
    "service-quotas": lambda client: client.get_service_quota(ServiceCode="bedrock", QuotaCode="L-CB5B847D"),
}
# The clock of a preflight's reads.
TIME: Any = vars(reading)["time"]
each_service = pytest.mark.parametrize("service", READS)


@pytest.fixture
def lifecycle() -> Lifecycle:
    return Account().lifecycle


def played(lifecycle: Lifecycle, body: Callable[[], object]) -> object:
    """Run a function as Lambda would; return what it gives or raises."""
    ends: list[object] = []
    lifecycle._move(Run(body, lambda result, error: ends.append(error or result)))
    while not ends:
        lifecycle.step()
    return ends[0]


def read(lifecycle: Lifecycle, service: str) -> object:
    return played(lifecycle, lambda: READS[service](lifecycle.aws(service)))


@each_service
def test_a_read_takes_its_time_by_the_clock_that_bounds_a_preflight(lifecycle: Lifecycle, service: str) -> None:
    began = lifecycle.now
    lifecycle.calls.latency = lambda _call: timedelta(seconds=2)

    def twice() -> list[float]:
        before = TIME.monotonic()
        for _ in range(2):
            READS[service](lifecycle.aws(service))
        return [TIME.monotonic() - before]

    assert played(lifecycle, twice) == pytest.approx([4])
    assert lifecycle.now - began == timedelta(seconds=4)


@each_service
def test_a_service_out_of_reach_is_waited_for_and_not_there(lifecycle: Lifecycle, service: str) -> None:
    lifecycle.calls.lasting = lambda call: Fault.TIMED_OUT if call.service == service else None
    began = lifecycle.now
    for _ in range(2):
        assert isinstance(read(lifecycle, service), ConnectTimeoutError)
    assert lifecycle.now - began == 2 * CONNECTING_FOR
    (other, *_) = READS.keys() - {service}
    assert isinstance(read(lifecycle, other), dict)


@each_service
def test_a_server_error_lasts(lifecycle: Lifecycle, service: str) -> None:
    lifecycle.calls.lasting = lambda _call: Fault.SERVER_ERROR
    for _ in range(3):
        error = read(lifecycle, service)
        assert isinstance(error, ClientError)
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_function_is_ended_when_it_has_waited_for_too_long(lifecycle: Lifecycle) -> None:
    lifecycle.calls.lasting = lambda _call: Fault.TIMED_OUT
    tried = []

    def patient() -> None:
        while True:
            try:
                READS["iam"](lifecycle.aws("iam"))
            except ConnectTimeoutError:
                tried.append(lifecycle.now)

    assert isinstance(played(lifecycle, patient), Killed)
    assert len(tried) == 7
