"""The clock that can be turned."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bedrock import Clock
from sandbox.bedrock.clock import DEFAULT_START
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import Account


class RealTime:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_starts_when_haiku_could_be_tuned_and_nova_be_deployed() -> None:
    assert Clock(rate=0).now() == datetime(2025, 11, 15, tzinfo=UTC)


def test_runs_at_its_rate() -> None:
    real = RealTime()
    clock = Clock(rate=60, monotonic=real)
    real.seconds += 2
    assert clock.now() == DEFAULT_START + timedelta(minutes=2)


def test_is_frozen_at_rate_zero_but_can_be_advanced() -> None:
    real = RealTime()
    clock = Clock(rate=0, monotonic=real)
    real.seconds += 500
    assert clock.now() == DEFAULT_START
    assert clock.advance(timedelta(days=3)) == DEFAULT_START + timedelta(days=3)


def test_a_change_of_rate_makes_no_jump() -> None:
    real = RealTime()
    clock = Clock(rate=10, monotonic=real)
    real.seconds += 3
    before = clock.now()
    clock.set_rate(1000)
    assert clock.now() == before
    real.seconds += 1
    assert clock.now() == before + timedelta(seconds=1000)


@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e4), st.floats(0, 1e3)), max_size=20))
def test_never_goes_backwards(moves: list[tuple[float, float, float]]) -> None:
    real = RealTime()
    clock = Clock(monotonic=real)
    seen = clock.now()
    for rate, elapsed, jump in moves:
        clock.set_rate(rate)
        real.seconds += elapsed
        clock.advance(timedelta(seconds=jump))
        assert clock.now() >= seen
        seen = clock.now()


def test_keeps_every_jump_made_by_several_threads() -> None:
    clock = Clock(rate=0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: clock.advance(timedelta(seconds=1)), range(400)))
    assert clock.now() == DEFAULT_START + timedelta(seconds=400)


def test_tells_the_time_in_utc() -> None:
    elsewhere = timezone(timedelta(hours=2))
    assert Clock(datetime(2025, 1, 1, 2, tzinfo=elsewhere), rate=0).now().isoformat() == "2025-01-01T00:00:00+00:00"


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf")])
def test_refuses_a_rate_that_is_no_pace(rate: float) -> None:
    with pytest.raises(ValueError, match=saying("rate", 0)):
        Clock(rate=rate)


def test_is_the_one_that_the_simulation_goes_by(account: Account) -> None:
    assert account.simulated.clock is account.clock


def test_refuses_to_go_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock().advance(timedelta(seconds=-1))


def test_refuses_a_start_without_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Clock(datetime(2025, 1, 1))  # noqa: DTZ001
