"""No answer leaves its field in what a judge is asked, and only a reply of the one form is a verdict."""

import json

import pytest

from bedrock_lifecycle.evaluation.judging.judge_request import better, comparison, outcome
from bedrock_lifecycle.evaluation.judging.judge_verdicts import PairOutcome, Verdicts
from bedrock_lifecycle.evaluation.stored.records import Question, lines, questions_of
from tests.unit.evaluation.hostile_answers import HOSTILE
from tests.unit.evaluation.worlds import question


def asked(its: Question) -> str:
    """Return all that a user says in a request, which is one text."""
    (message,) = its.request["messages"]
    assert message["role"] == "user"
    (block,) = message["content"]
    text: str = block["text"]
    return text


def as_sent(text: str) -> str:
    """Return a text as bytes on a wire have it."""
    return text.encode("utf-8", "replace").decode()


def test_there_are_fifty_hostile_answers() -> None:
    assert len(set(HOSTILE)) == 50


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:30])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_hostile_answer_stays_in_its_field(hostile: str, is_first: bool) -> None:
    answers = {"answer_a": hostile, "answer_b": "any"} if is_first else {"answer_a": "any", "answer_b": hostile}
    its = comparison("the rubric", question(7, reference="right", text="why?"), **answers)
    # As pairs: a field that is there twice would be seen.
    assert json.loads(asked(its), object_pairs_hook=list) == [
        ("task", "compare"),
        ("rubric", "the rubric"),
        ("question", "why?"),
        ("reference", "right"),
        ("answer_a", as_sent(answers["answer_a"])),
        ("answer_b", as_sent(answers["answer_b"])),
    ]
    harmless = comparison("the rubric", question(7, reference="right", text="why?"), answer_a="any", answer_b="any")
    assert its.request["system"] == harmless.request["system"]
    assert its.request.keys() == harmless.request.keys()
    assert questions_of(lines([its])) == [its]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_a_judge_that_repeats_a_hostile_answer_gives_a_verdict_only_if_that_is_one(hostile: str) -> None:
    assert better(hostile) == ("a" if hostile == '{"better":"a"}' else None)
    # Whoever obeys it obeys it in both orders, and so contradicts itself.
    assert outcome(hostile, hostile) in (PairOutcome.NONE, PairOutcome.FLIPPED)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ('{"better":"a"}', "a"),
        (' {\n"better": "b" }\n', "b"),
        ('{"better":"neither"}', "neither"),
        (None, None),
        ("", None),
        ("a", None),
        ('"a"', None),
        ('{"better":"A"}', None),
        ('{"better":"c"}', None),
        ('{"better":["a"]}', None),
        ('{"better":true}', None),
        ('{"better":null}', None),
        ('{"better":"a","why":"it is"}', None),
        ('{"better":"a","better":"b"}', None),
        ('{"better":"a"} ', "a"),
        ('{"better":"a"}.', None),
        ('{"better":"a"}{"better":"a"}', None),
        ('```json\n{"better":"a"}\n```', None),
        ('Sure: {"better":"a"}', None),
        ('{"better":"a"', None),
        ('[{"better":"a"}]', None),
    ],
)
def test_only_the_one_form_is_a_verdict(reply: str | None, expected: str | None) -> None:
    assert better(reply) == expected


@pytest.mark.parametrize(
    ("ours_first", "theirs_first", "expected"),
    [
        ("a", "b", PairOutcome.OURS),
        ("b", "a", PairOutcome.THEIRS),
        ("neither", "neither", PairOutcome.NEITHER),
        ("a", "a", PairOutcome.FLIPPED),
        ("b", "b", PairOutcome.FLIPPED),
        ("a", "neither", PairOutcome.FLIPPED),
        ("neither", "a", PairOutcome.FLIPPED),
        ("a", "?", PairOutcome.NONE),
        ("?", "b", PairOutcome.NONE),
    ],
)
def test_only_what_both_orders_say_counts(ours_first: str, theirs_first: str, expected: PairOutcome) -> None:
    assert outcome(f'{{"better":"{ours_first}"}}', f'{{"better":"{theirs_first}"}}') is expected


def test_a_conversation_is_shown_whole_and_a_single_question_as_its_text() -> None:
    turns = [
        {"role": "user", "content": [{"text": "one"}]},
        {"role": "assistant", "content": [{"text": "two"}]},
        {"role": "user", "content": [{"text": "three"}]},
    ]
    for request in (
        {"messages": turns},
        {"messages": turns[:1], "system": [{"text": "be brief"}]},
        {"messages": [{"role": "user", "content": [{"text": "one"}, {"text": "two"}]}]},
    ):
        its = comparison("any", Question(record=1, request=request, reference="any"), answer_a="x", answer_b="y")
        assert json.loads(asked(its))["question"] == request
    assert (
        json.loads(asked(comparison("any", question(1, text="why?"), answer_a="x", answer_b="y")))["question"] == "why?"
    )


def test_other_scripts_are_not_escaped() -> None:
    its = comparison("any", question(1), answer_a="我爱你", answer_b="any")
    assert "我爱你" in asked(its)


def test_verdicts_are_read_as_they_were_written() -> None:
    verdicts = Verdicts({3: PairOutcome.OURS, 1: PairOutcome.FLIPPED}, frozenset({3}))
    assert Verdicts.from_json(verdicts.to_json()) == verdicts
    assert verdicts | Verdicts({4: PairOutcome.NONE}) == Verdicts(
        {1: PairOutcome.FLIPPED, 3: PairOutcome.OURS, 4: PairOutcome.NONE}, frozenset({3})
    )
