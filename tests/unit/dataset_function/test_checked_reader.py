"""The stream that never lets its end through before the verdict."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle.dataset.checked_reader import ANSWER_SECONDS, CheckedReader
from bedrock_lifecycle.dataset.errors import DatasetError, OutOfTime, S3Object
from tests.support.messages import says
from tests.unit.dataset_rules.samples import any_limits, any_record, lines, report_on

GOOD = lines(any_record())
LIMITS = any_limits(max_records=3)
WHERE = S3Object("any", "any.jsonl")


class SlowBody(io.BytesIO):
    """A connection that hands out less than was asked for."""

    def read(self, amount: int | None = -1, /) -> bytes:
        return super().read(amount if amount is None or amount < 0 else min(amount, 7))


files = st.integers(0, 5).map(lambda records: GOOD * records)
amounts = st.lists(st.integers(1, 400), max_size=10)


def reader(data: bytes, expected: bytes) -> CheckedReader:
    return CheckedReader(SlowBody(data), WHERE, hashlib.sha256(expected).hexdigest(), LIMITS)


@given(files, st.booleans(), amounts)
def test_reads_short_only_at_the_end_of_an_accepted_file(data: bytes, same: bool, wanted: list[int]) -> None:
    stream = reader(data, data if same else b"other")
    accepted = same and report_on(data, LIMITS).accepted
    sent = b""
    for amount in wanted:
        try:
            chunk = stream.read(amount)
        except DatasetError:
            assert not accepted
            return
        sent += chunk
        assert data.startswith(sent)
        assert len(chunk) == amount or (accepted and sent == data)


@given(files, amounts)
def test_reads_the_rest_at_once(data: bytes, wanted: list[int]) -> None:
    stream = reader(data, data)
    if not report_on(data, LIMITS).accepted:
        with pytest.raises(DatasetError):
            stream.read()
        return
    assert b"".join([*map(stream.read, wanted), stream.read(), stream.read()]) == data
    assert stream.report() == report_on(data, LIMITS)


def test_closes_what_it_reads() -> None:
    body = io.BytesIO(GOOD)
    CheckedReader(body, WHERE, "any", LIMITS).close()
    assert body.closed


class Clock:
    """How many seconds a function may still run: one less with every look."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        self.seconds -= 1
        return self.seconds


@pytest.mark.parametrize("bad", [False, True], ids=["accepted so far", "refused already"])
def test_gives_up_in_words_before_its_time_is_up(bad: bool) -> None:
    data = (b"{\n" if bad else b"") + GOOD * 1000
    clock = Clock(ANSWER_SECONDS + 3)
    sha256 = hashlib.sha256(data).hexdigest()
    stream = CheckedReader(SlowBody(data), WHERE, sha256, LIMITS, size=10_400_000_000, time_left=clock)
    with pytest.raises(OutOfTime) as told:
        stream.report()
    assert says(told.value, "any.jsonl", "0.0 of 10.4 GB", 15, "deploy", "push", "fewer")
    assert ANSWER_SECONDS - 1 <= clock.seconds < ANSWER_SECONDS


def test_goes_on_as_long_as_there_is_time() -> None:
    clock = Clock(10_000)
    data = GOOD * 3
    stream = CheckedReader(SlowBody(data), WHERE, hashlib.sha256(data).hexdigest(), LIMITS, time_left=clock)
    assert stream.report().accepted
    assert clock.seconds < 10_000
