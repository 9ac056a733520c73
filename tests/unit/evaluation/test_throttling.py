"""Where no quota is known, shards find the pace that they are allowed: nobody tells them, and none knows of another."""

import random
from collections.abc import Iterator
from heapq import heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.evaluation.asking.pacing import pace
from bedrock_lifecycle.evaluation.asking.throttling import PaceBounds, Rhythm, Slots
from bedrock_lifecycle.evaluation.stored.records import SHARD
from bench.evaluate import rates

ADAPTS = PaceBounds.of(20.0, adapts=True)
KNOWN = PaceBounds.of(2.0, adapts=False)


def answered(rhythm: Rhythm, bounds: PaceBounds, times: int) -> Rhythm:
    for _ in range(times):
        rhythm = rhythm.answered(bounds)
    return rhythm


def test_without_throttles_two_answers_double_the_pace() -> None:
    assert answered(Rhythm(seconds=20.0), ADAPTS, 2).seconds == pytest.approx(10)
    assert answered(Rhythm(seconds=20.0), ADAPTS, 100).seconds == ADAPTS.fastest < 0.1


def test_a_throttle_halves_the_pace_and_thirty_answers_double_it_again() -> None:
    slower = Rhythm(seconds=0.5).turned_away(ADAPTS)
    assert slower.seconds == 1
    assert answered(slower, ADAPTS, 30).seconds == pytest.approx(0.5, rel=0.05)
    # Of the slow ones fewer do.
    assert answered(Rhythm(seconds=40.0).turned_away(ADAPTS), ADAPTS, 12).seconds < 40


def test_throttles_in_a_row_halve_the_pace_once() -> None:
    slower = Rhythm(seconds=1.0).turned_away(ADAPTS).turned_away(ADAPTS).turned_away(ADAPTS)
    assert (slower.seconds, slower.refusals) == (2, 3)
    assert slower.answered(ADAPTS).turned_away(ADAPTS).seconds > 3


def test_a_known_quota_is_never_exceeded() -> None:
    assert answered(Rhythm(seconds=2.0), KNOWN, 100).seconds == 2
    assert answered(Rhythm(seconds=2.0).turned_away(KNOWN), KNOWN, 100).seconds == 2


@given(st.lists(st.sampled_from(["answered", "turned away", "refused"]), max_size=200), st.booleans())
def test_whatever_comes_the_pace_is_within_its_bounds(happened: list[str], adapts: bool) -> None:
    bounds = PaceBounds.of(3.0, adapts=adapts)
    rhythm = Rhythm(seconds=3.0)
    for each in happened:
        before = rhythm
        if each == "answered":
            rhythm = rhythm.answered(bounds)
            assert rhythm.seconds <= before.seconds
            assert rhythm.refusals == 0
        elif each == "turned away":
            rhythm = rhythm.turned_away(bounds)
            assert rhythm.seconds == (before.seconds if before.refusals else min(2 * before.seconds, bounds.slowest))
        else:
            rhythm = rhythm.refused()
            assert rhythm.seconds == before.seconds
        assert bounds.fastest <= rhythm.seconds <= bounds.slowest == 24
        assert rhythm.refusals == 0 or 1 <= rhythm.pause(0.5) <= 60


def test_what_a_function_tells_is_what_the_next_one_reads() -> None:
    rhythm = Rhythm(seconds=1.25, throttled=True, refusals=3)
    assert Rhythm.of(rhythm.told()) == rhythm
    assert Rhythm.of(None) is None
    # Of other code.
    assert Rhythm.of({"seconds": 1}) is None


@pytest.mark.parametrize("quota", [60, 300, 1_000])
def test_shards_that_know_no_quota_come_near_to_it(quota: int) -> None:
    """Of the last tenth of the answers the time depends on how few shards are left."""
    rate, shards = Rate(quota), 200
    moments = list(asked(rate, shards))
    assert len(moments) == shards * SHARD
    most = len(moments) * 9 // 10
    assert moments[most] < 1.15 * rate.seconds_for(most)


def test_a_quota_that_falls_is_followed_with_few_questions_in_vain() -> None:
    rate = Rate(300)
    answers = len(list(asked(rate, 200)))
    assert rate.refused < 0.1 * answers


class Rate(rates.Rate):
    """A quota of so many questions a minute, of which half is taken by others now and then."""

    refused = 0

    def takes(self, now: float) -> bool:
        takes = super().takes(now)
        self.refused += not takes
        return takes


def asked(rate: Rate, shards: int) -> Iterator[float]:
    """Ask so many shards on simulated time, as many at once as Prepare says; yield when each question is answered."""
    chance = random.Random(1)
    its = pace(None, shards=shards, max_output_tokens=256)
    # When a shard asks next, and which one: each knows of no other.
    asks: list[tuple[float, int]] = []
    slots: dict[int, Slots] = {}
    left = dict.fromkeys(range(shards), SHARD)

    def begin(now: float) -> None:
        if (shard := len(slots)) < shards:
            begins = now + 15 * jitter(shard)
            slots[shard] = Slots(Rhythm(seconds=its.seconds), PaceBounds.of(its.seconds, adapts=its.adapts), begins)
            heappush(asks, (begins, shard))

    for _ in range(its.concurrency):
        begin(0.0)
    while asks:
        now, shard = heappop(asks)
        if rate.takes(now):
            answered_at = now + 0.8 + chance.expovariate(1 / 0.8)
            yield answered_at
            slots[shard].took(answered_at)
            left[shard] -= 1
        else:
            slots[shard].throttled(now, jitter(shard))
        if left[shard]:
            heappush(asks, (slots[shard].due, shard))
        else:
            begin(now)


def jitter(shard: int) -> float:
    return shard * 0.618034 % 1
