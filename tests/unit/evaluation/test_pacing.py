"""The pace of a target: the whole of its share, with as few functions as hold it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.evaluation.asking.pacing import MAX_CONCURRENCY, Pace, pace, requests_a_minute


@given(allowed=st.floats(0.01, 100_000), shards=st.integers(1, 4_000), output=st.integers(1, 10_000))
def test_all_shards_together_keep_what_is_allowed(allowed: float, shards: int, output: int) -> None:
    its = pace(allowed, shards=shards, max_output_tokens=output)
    assert 1 <= its.concurrency <= min(shards, MAX_CONCURRENCY)
    assert its.seconds >= 0
    assert its.concurrency * 60 <= allowed * (its.seconds + 0.0006)
    # No last wave that leaves much of the quota.
    waves = -(-shards // its.concurrency)
    assert waves * its.concurrency - shards < waves


@pytest.mark.parametrize(
    ("shards", "expected"),
    [(1, Pace(1, 0.12)), (40, Pace(40, 4.8)), (60, Pace(30, 3.6)), (61, Pace(31, 3.72)), (4_000, Pace(59, 7.08))],
)
def test_a_share_of_500_a_minute_in_functions(shards: int, expected: Pace) -> None:
    assert pace(500, shards=shards, max_output_tokens=256) == expected


def test_the_scarcer_quota_counts() -> None:
    known = {"share": 0.25, "tokens_a_question": 500.0}
    assert requests_a_minute(requests=2_000, tokens=4_000_000, **known) == 500
    assert requests_a_minute(requests=2_000, tokens=400_000, **known) == 200
    assert requests_a_minute(requests=2_000, tokens=None, **known) == 500
    assert requests_a_minute(requests=None, tokens=400_000, **known) == 200
    assert requests_a_minute(requests=None, tokens=None, **known) is None


@pytest.mark.parametrize(("shards", "concurrency"), [(1, 1), (40, 40), (41, 21), (4_000, 40)])
def test_without_a_known_quota_two_questions_a_second_are_a_beginning(shards: int, concurrency: int) -> None:
    its = pace(None, shards=shards, max_output_tokens=256)
    assert its == Pace(concurrency, concurrency / 2, adapts=True)
