"""The service's time, and how long to wait before the next look."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.clock import in_words


def test_the_service_s_time_is_the_date_of_its_answer() -> None:
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 15 Nov 2024 12:00:00 GMT"}}}
    assert clock.service_time(answer) == datetime(2024, 11, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize("answer", [{}, {"ResponseMetadata": {}}, {"ResponseMetadata": {"HTTPHeaders": {}}}])
def test_an_answer_without_a_date_is_from_now(answer: dict[str, object]) -> None:
    assert abs(clock.service_time(answer) - datetime.now(UTC)) < timedelta(minutes=1)


@given(st.timedeltas(timedelta(), timedelta(hours=1)), st.timedeltas(timedelta(), timedelta(hours=1)))
def test_the_wait_grows_from_ten_seconds_to_a_minute(first: timedelta, second: timedelta) -> None:
    shorter, longer = (clock.usual_wait_seconds(waited) for waited in sorted((first, second)))
    assert 10 <= shorter <= longer <= 60


def test_the_deadline_leaves_time_to_undo_and_to_answer_inside_cloudformation_s_hour() -> None:
    assert timedelta(minutes=contract.DEADLINE_MINUTES) == clock.DEADLINE <= timedelta(minutes=55)


def test_a_lease_outlasts_the_function_that_holds_it() -> None:
    assert contract.LEASE_SECONDS > contract.TURN_TIMEOUT_SECONDS


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=45), "45 min"),
        (timedelta(minutes=60), "1 h 0 min"),
        (timedelta(hours=2, minutes=10), "2 h 10 min"),
        (timedelta(days=1, hours=2), "26 h 0 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=48), "2 days 0 h"),
        (timedelta(days=6, hours=19, minutes=15), "6 days 19 h"),
    ],
)
def test_a_span_is_told_as_a_person_says_it(span: timedelta, words: str) -> None:
    assert in_words(span) == words
