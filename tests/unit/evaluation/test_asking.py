"""A shard is asked so that every record has one answer, whenever functions end, and never past the bound of tokens."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.contract.evaluation_store import answers_key, begun_key
from bedrock_lifecycle.evaluation.asking.asked import CannotAsk
from bedrock_lifecycle.evaluation.asking.asking import AllAnswered, Bounded, HandOn
from bedrock_lifecycle.evaluation.asking.throttling import Rhythm
from bedrock_lifecycle.evaluation.questions.estimate import input_tokens
from bedrock_lifecycle.evaluation.stored.records import CHECKPOINT, Answer, lines
from tests.support.calls import client_error
from tests.unit.evaluation.asking_bench import ANSWERS_ID, Bench, echo, reply_of


def test_every_question_is_asked_once_in_order_at_its_pace() -> None:
    bench = Bench(120, pace=2.0, seconds_of_a_function=10_000)
    assert bench.to_the_end() == AllAnswered()
    assert [text for _, text in bench.model.asked] == [f"q{record}" for record in range(1, 121)]
    assert [each.record for each in bench.answers()] == [*range(1, 121)]
    assert {each.text for each in bench.answers()} == {f"answer to q{record}" for record in range(1, 121)}
    moments = [moment for moment, _ in bench.model.asked]
    assert moments[-1] - moments[0] == pytest.approx(119 * 2.0)
    assert bench.functions == 1
    assert bench.counter.tokens == bench.model.used == 120 * 10


def test_a_slow_model_is_asked_one_question_after_the_other() -> None:
    bench = Bench(10, pace=0.5)
    assert bench.to_the_end() == AllAnswered()
    moments = [moment for moment, _ in bench.model.asked]
    assert moments[-1] - moments[0] == pytest.approx(9 * 1.0)


def test_a_function_whose_time_is_up_hands_on_and_nothing_is_asked_again() -> None:
    bench = Bench(130, seconds_of_a_function=33)
    assert bench.to_the_end() == AllAnswered()
    assert bench.functions > 7
    assert len(bench.model.asked) == 130
    assert [each.record for each in bench.answers()] == [*range(1, 131)]
    assert bench.counter.tokens == bench.model.used


def test_a_long_pause_is_a_wait_of_the_workflow() -> None:
    bench = Bench(5, pace=90)
    assert bench.to_the_end() == AllAnswered()
    assert len(bench.model.asked) == 5
    assert bench.functions == 5
    assert all(85 <= seconds <= 90 for seconds in bench.waits)


def test_the_bound_stops_before_the_checkpoint_that_may_cross_it() -> None:
    bench = Bench(150)
    most = sum(input_tokens(each) + 10 for each in bench.questions[:CHECKPOINT])
    bench.counter.max_tokens = most + 499
    assert bench.to_the_end() == Bounded()
    assert len(bench.model.asked) == CHECKPOINT
    assert len(bench.answers()) == CHECKPOINT
    assert bench.counter.tokens == bench.model.used <= bench.counter.max_tokens


@settings(max_examples=200, deadline=None)
@given(
    number=st.integers(1, 260),
    kills=st.sets(st.integers(1, 700), max_size=12),
    seconds=st.sampled_from([40.0, 130.0, 10_000.0]),
)
def test_whenever_functions_are_killed_each_record_has_one_answer(number: int, kills: set[int], seconds: float) -> None:
    bench = Bench(number, kills=kills, seconds_of_a_function=seconds)
    assert bench.to_the_end() == AllAnswered()
    assert [each.record for each in bench.answers()] == [*range(1, number + 1)]
    assert len(bench.model.asked) <= number + CHECKPOINT * bench.kills
    assert bench.counter.tokens >= bench.model.used


@settings(max_examples=200, deadline=None)
@given(kills=st.sets(st.integers(1, 700), max_size=12), max_tokens=st.integers(0, 12_000), output=st.integers(1, 300))
def test_the_bound_holds_whenever_functions_are_killed(kills: set[int], max_tokens: int, output: int) -> None:
    chance = random.Random(output)

    def reply(text: str, _before: int) -> Mapping[str, Any]:
        # Longer than was reckoned with, now and then.
        return reply_of(text, input_tokens=chance.choice([5, 5, 40]), output_tokens=min(output, 10))

    bench = Bench(260, reply=reply, kills=kills, max_tokens=max_tokens)
    ended = bench.to_the_end()
    checkpoint = CHECKPOINT * (40 + 10)
    assert bench.counter.tokens <= max_tokens + checkpoint
    assert bench.model.used <= max_tokens + checkpoint * (1 + bench.kills)
    records = [each.record for each in bench.answers()]
    assert records == sorted(set(records))
    if ended == AllAnswered():
        assert records == [*range(1, 261)]


def test_throttles_pause_the_shard_are_counted_and_cost_no_answer() -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text == "q3" and before < 3:
            raise client_error("ThrottlingException", "too many tokens", 429, "Converse")
        return echo(text, before)

    bench = Bench(60, reply=reply, pace=1.0, seconds_of_a_function=10_000)
    assert bench.to_the_end() == AllAnswered()
    assert bench.counter.throttled == 3
    assert [each.error for each in bench.answers()] == [""] * 60
    tries = [moment for moment, text in bench.model.asked if text == "q3"]
    pauses = [after - before for before, after in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= 2
    after = [moment for moment, text in bench.model.asked if text in ("q4", "q5", "q60")]
    # Slower than its pace at first, and in the end at its pace again.
    assert after[1] - after[0] > 1.5
    assert bench.model.asked[-1][0] - bench.model.asked[-2][0] < 8


def test_persistent_throttles_wait_in_the_workflow_and_hold_no_tokens() -> None:
    def reply(_text: str, _before: int) -> Mapping[str, Any]:
        raise client_error("ThrottlingException", "too many tokens", 429, "Converse")

    bench = Bench(60, reply=reply)
    ended = bench.function()
    assert isinstance(ended, HandOn)
    assert ended.seconds > 20
    assert bench.counter.tokens == 0
    assert not bench.store.objects


@pytest.mark.parametrize("code", ["ModelErrorException", "ModelTimeoutException", "InternalServerException"])
def test_what_fails_three_times_is_no_answer_and_may_have_been_paid(code: str) -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text == "q2":
            raise client_error(code, "a CANARY of a message", 424 if code.startswith("Model") else 500, "Converse")
        return echo(text, before)

    bench = Bench(4, reply=reply)
    assert bench.to_the_end() == AllAnswered()
    assert [each.error for each in bench.answers()] == ["", code, "", ""]
    assert [each.text is None for each in bench.answers()] == [False, True, False, False]
    assert sum(text == "q2" for _, text in bench.model.asked) == 3
    assert bench.counter.tokens == bench.model.used + 3 * (input_tokens(bench.questions[1]) + 10)


def test_a_lost_connection_is_asked_again() -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text == "q2" and before == 0:
            raise ReadTimeoutError(endpoint_url="https://any")
        return echo(text, before)

    bench = Bench(3, reply=reply)
    assert bench.to_the_end() == AllAnswered()
    assert [each.text for each in bench.answers()] == ["answer to q1", "answer to q2", "answer to q3"]
    assert bench.counter.tokens > bench.model.used


def test_a_request_that_bedrock_calls_invalid_is_no_answer_at_once() -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text == "q1":
            raise client_error("ValidationException", "CANARY is too long", 400, "Converse")
        if text == "q2":
            raise ParamValidationError(report="CANARY")
        return echo(text, before)

    bench = Bench(3, reply=reply)
    assert bench.to_the_end() == AllAnswered()
    assert [each.error for each in bench.answers()] == ["ValidationException", "ParamValidationError", ""]
    assert len(bench.model.asked) == 3
    assert all(b"CANARY" not in each for each in bench.store.objects.values())


@pytest.mark.parametrize("stop", ["content_filtered", "guardrail_intervened"])
def test_what_is_filtered_is_no_answer_and_is_paid(stop: str) -> None:
    bench = Bench(1, reply=lambda text, _before: reply_of(text, stop=stop))
    assert bench.to_the_end() == AllAnswered()
    (answer,) = bench.answers()
    assert (answer.text, answer.error, answer.stop_reason) == (None, stop, stop)
    assert (answer.input_tokens, answer.output_tokens) == (5, 5)
    assert bench.counter.tokens == 10


def test_an_answer_of_tool_calls_is_their_json() -> None:
    call = {"toolUse": {"toolUseId": "t", "name": "look_up", "input": {"b": 1, "a": [2]}}}

    def reply(text: str, before: int) -> Mapping[str, Any]:
        said = dict(echo(text, before))
        return {**said, "output": {"message": {"role": "assistant", "content": [{"text": "I look"}, call]}}}

    bench = Bench(1, reply=reply)
    assert bench.to_the_end() == AllAnswered()
    assert bench.answers()[0].text == '[{"input":{"a":[2],"b":1},"name":"look_up"}]'


@pytest.mark.parametrize(("code", "status"), [("AccessDeniedException", 403), ("ResourceNotFoundException", 404)])
def test_a_target_that_may_not_be_asked_ends_the_run_after_two_minutes(code: str, status: int) -> None:
    def reply(_text: str, _before: int) -> Mapping[str, Any]:
        raise client_error(code, "CANARY", status, "Converse")

    bench = Bench(60, reply=reply)
    with pytest.raises(CannotAsk) as refused:
        bench.to_the_end()
    assert code in str(refused.value)
    assert "CANARY" not in str(refused.value)
    assert bench.clock.now - 1_000 < 180
    assert bench.counter.tokens == 0


def test_a_target_that_is_seen_late_is_asked() -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text == "q1" and before < 4:
            raise client_error("ResourceNotFoundException", "no", 404, "Converse")
        return echo(text, before)

    bench = Bench(3, reply=reply)
    assert bench.to_the_end() == AllAnswered()
    assert [each.error for each in bench.answers()] == [""] * 3


def test_two_functions_that_ask_the_same_shard_leave_one_answer_each() -> None:
    bench = Bench(50, seconds_of_a_function=10_000)
    first, second = bench.begun(), bench.begun()
    for _ in range(50):
        next(first)
        next(second)
    for run in (first, second):
        with pytest.raises(StopIteration):
            next(run)
    assert [each.record for each in bench.answers()] == [*range(1, 51)]
    assert bench.counter.tokens == bench.model.used == 100 * 10


def test_without_time_for_a_checkpoint_it_hands_on_and_reserves_nothing() -> None:
    bench = Bench(60, seconds_of_a_function=0)
    assert bench.function() == HandOn(1, Rhythm(seconds=2.0))
    assert (bench.model.asked, bench.counter.tokens) == ([], 0)


@settings(max_examples=50, deadline=None)
@given(max_tokens=st.integers(0, 8_000))
def test_answers_that_are_all_lost_and_billed_stay_within_the_bound(max_tokens: int) -> None:
    def reply(_text: str, _before: int) -> Mapping[str, Any]:
        raise ReadTimeoutError(endpoint_url="https://any")

    bench = Bench(120, reply=reply, max_tokens=max_tokens)
    bench.to_the_end()
    most = {f"q{each.record}": input_tokens(each) + 10 for each in bench.questions}
    assert sum(most[text] for _, text in bench.model.asked) <= max_tokens
    assert bench.counter.tokens <= max_tokens


def test_a_bound_that_is_met_between_two_tries_keeps_the_answers_by_then() -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text == "q10":
            raise ReadTimeoutError(endpoint_url="https://any")
        return echo(text, before)

    bench = Bench(50, reply=reply)
    bench.counter.max_tokens = sum(input_tokens(each) + 10 for each in bench.questions)
    assert bench.to_the_end() == Bounded()
    bench.counter.max_tokens *= 2
    bench.model.reply = echo
    assert bench.to_the_end() == AllAnswered()
    assert Counter(text for _, text in bench.model.asked) == {f"q{each}": 1 + (each == 10) for each in range(1, 51)}


def test_two_functions_on_one_shard_ask_little_twice() -> None:
    bench = Bench(250, seconds_of_a_function=100_000)
    first, second = bench.begun(), bench.begun()
    for run in (first, second):
        next(run)
    ended = None
    while ended is None:
        next(first)
        try:
            next(second)
        except StopIteration as end:
            ended = end.value
    # The slower one stays off while the other goes on.
    assert isinstance(ended, HandOn)
    assert ended.seconds >= 20
    assert len(bench.model.asked) <= 2 * (CHECKPOINT + 1)


def test_throttles_for_hours_without_an_answer_end_the_run() -> None:
    def reply(_text: str, _before: int) -> Mapping[str, Any]:
        raise client_error("ThrottlingException", "CANARY", 429, "Converse")

    bench = Bench(10, reply=reply)
    began = bench.clock.now
    with pytest.raises(CannotAsk, match="throttled any 300 times") as refused:
        bench.to_the_end()
    assert "CANARY" not in str(refused.value)
    assert 3 * 3_600 < bench.clock.now - began < 12 * 3_600
    assert bench.counter.tokens == 0


def test_the_next_function_asks_as_fast_as_the_one_before() -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if text in ("q1", "q2", "q3") and not before:
            raise client_error("ThrottlingException", "slow down", 429, "Converse")
        return echo(text, before)

    bench = Bench(20, reply=reply, pace=1.0, seconds_of_a_function=20)
    ended = bench.function()
    assert isinstance(ended, HandOn)
    assert ended.rhythm
    assert ended.rhythm.throttled
    assert ended.rhythm.seconds > 4
    bench.rhythm = Rhythm.of(ended.rhythm.told())
    asked = len(bench.model.asked)
    assert isinstance(bench.function(), HandOn)
    assert len(bench.model.asked) - asked < 8


def unanswered(record: int, **changes: Any) -> Answer:
    return Answer(record=record, text=None, error="ModelErrorException", **changes)


def test_only_what_has_no_answer_is_asked_again_and_what_was_filtered_is_one() -> None:
    bench = Bench(60)
    assert bench.to_the_end() == AllAnswered()
    kept = bench.answers()
    kept[3], kept[57] = unanswered(4), unanswered(58)
    kept[7] = replace(kept[7], text=None, stop_reason="content_filtered", error="content_filtered")
    for part in (0, 1):
        key = answers_key(ANSWERS_ID, 3, part)
        bench.store.objects[key] = lines(kept[part * CHECKPOINT : (part + 1) * CHECKPOINT])
    bench.model.asked.clear()

    assert bench.to_the_end() == AllAnswered()
    assert bench.model.asked == []

    bench.work = replace(bench.work, again=1)
    assert bench.to_the_end() == AllAnswered()
    assert [text for _, text in bench.model.asked] == ["q4", "q58"]
    assert [each.record for each in bench.answers()] == [*range(1, 61)]
    assert [each.record for each in bench.answers() if each.text is None] == [8]
    assert [each.again for each in bench.answers() if each.record in (3, 4)] == [0, 1]

    assert bench.to_the_end() == AllAnswered()
    assert len(bench.model.asked) == 2


@settings(max_examples=100, deadline=None)
@given(
    lost=st.sets(st.integers(1, 120), min_size=1, max_size=60),
    kills=st.sets(st.integers(1, 300), max_size=8),
    seconds=st.sampled_from([15.0, 10_000.0]),
    still=st.sets(st.integers(1, 120), max_size=10),
)
def test_whenever_functions_are_killed_what_was_answered_stays_and_the_rest_is_asked_again(
    lost: set[int], kills: set[int], seconds: float, still: set[int]
) -> None:
    def reply(text: str, before: int) -> Mapping[str, Any]:
        if int(text[1:]) in still:
            raise client_error("ValidationException", "any", 400, "Converse")
        return echo(text, before)

    bench = Bench(120, reply=reply, kills=kills, seconds_of_a_function=seconds)
    before = [
        unanswered(record) if record in lost else Answer(record=record, text="before") for record in range(1, 121)
    ]
    for part in range(3):
        bench.store.objects[answers_key(ANSWERS_ID, 3, part)] = lines(before[part * CHECKPOINT :][:CHECKPOINT])
    # What an earlier run has handed on is no newer than what it has then written.
    bench.store.objects[begun_key(ANSWERS_ID, 3, 0)] = lines(before[:9])
    bench.work = replace(bench.work, again=1)
    assert bench.to_the_end() == AllAnswered()
    after = {each.record: each for each in bench.answers()}
    assert list(after) == [*range(1, 121)]
    assert {record for record, each in after.items() if each.text == "before"} == {*range(1, 121)} - lost
    assert {record for record, each in after.items() if each.text is None} == lost & still
    assert {int(text[1:]) for _, text in bench.model.asked} <= lost
    assert len(bench.model.asked) <= len(lost) + CHECKPOINT * bench.kills


def test_questions_that_came_in_between_are_asked_and_the_others_are_not() -> None:
    bench = Bench(60)
    every = bench.questions
    bench.work = replace(bench.work, may_change=True)
    bench.questions = [each for each in every if each.record not in (2, 30)]
    assert bench.to_the_end() == AllAnswered()
    bench.model.asked.clear()
    bench.questions = every
    assert bench.to_the_end() == AllAnswered()
    # And those that are in another checkpoint now.
    assert [text for _, text in bench.model.asked] == ["q2", "q30", "q51", "q52"]
    assert [each.record for each in bench.answers()] == [*range(1, 61)]
