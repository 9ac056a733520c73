"""A record as a question: in the format of each base model, and never told."""

import hashlib
import json
from typing import Any

import pytest

from bedrock_lifecycle.resources.questions import BakeQuestion, NotAQuestion, question

ASKED = "How deep is the canary-well?"
SAID = "It is 12 m deep."


def read(*records: Any, number: int = 0) -> BakeQuestion:
    body = b"".join(json.dumps(each).encode() + b"\n" for each in records)
    return question(body, hashlib.sha256(body).hexdigest(), number)


def turn(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text}]}


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": ASKED, "completion": SAID},
        {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": SAID}]},
        {"schemaVersion": "bedrock-conversation-2024", "messages": [turn("user", ASKED), turn("assistant", SAID)]},
    ],
    ids=["prompt and completion", "Claude", "Nova"],
)
def test_each_format_is_asked_as_a_conversation(record: dict[str, Any]) -> None:
    found = read(record)
    assert (found.messages, found.system, found.expected) == ([turn("user", ASKED)], "", SAID)


@pytest.mark.parametrize("system", ["Be brief.", [{"text": "Be"}, {"text": "brief."}]])
def test_the_turns_before_and_the_system_prompt_go_with_it(system: Any) -> None:
    turns = [turn("user", "Hello"), turn("assistant", "Yes?"), turn("user", ASKED)]
    found = read({"system": system, "messages": [*turns, turn("assistant", SAID)]})
    assert found.messages == turns
    assert found.system.split() == ["Be", "brief."]


def test_the_records_are_numbered_and_empty_lines_are_none() -> None:
    body = b'\n{"prompt": "a", "completion": "1"}\n\n{"prompt": "b", "completion": "2"}\n'
    assert question(body, hashlib.sha256(body).hexdigest(), 1).expected == "2"


@pytest.mark.parametrize(
    "record",
    [
        [],
        "text",
        {},
        {"prompt": ASKED},
        {"prompt": ASKED, "completion": "  "},
        {"prompt": ASKED, "completion": 3},
        {"messages": []},
        {"messages": [turn("assistant", SAID)]},
        {"messages": [turn("user", ASKED), turn("user", SAID)]},
        {"messages": [turn("user", ASKED), {"role": "assistant", "content": [{"image": {}}]}]},
        {"messages": [{"role": "user", "content": None}, turn("assistant", SAID)]},
    ],
)
def test_what_has_no_question_and_answer_in_text_is_told_by_its_number(record: Any) -> None:
    with pytest.raises(NotAQuestion) as refused:
        read(record)
    assert "record 1 " in str(refused.value)
    assert "canary" not in f"{refused.value!r}{refused.value.__cause__!r}"


def test_what_is_no_json_is_told_without_a_word_of_it() -> None:
    body = f'{{"prompt": "{ASKED}'.encode()
    with pytest.raises(NotAQuestion) as refused:
        question(body, hashlib.sha256(body).hexdigest(), 0)
    assert "canary" not in f"{refused.value!r}{refused.value.__cause__!r}"


def test_another_file_than_was_named_is_refused() -> None:
    with pytest.raises(NotAQuestion, match="a1"):
        question(b"{}", "a1", 0)


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("IT is\n 12\u00a0m deep. Truly.", True),
        ("It is 13 m deep.", False),
        ("", False),
    ],
)
def test_an_answer_is_right_when_it_has_the_record_s_in_it(answer: str, is_right: bool) -> None:
    assert read({"prompt": ASKED, "completion": SAID}).is_right(answer) is is_right


def test_a_question_does_not_show_itself() -> None:
    shown = repr(read({"system": "canary", "messages": [turn("user", ASKED), turn("assistant", SAID)]}))
    assert "canary" not in shown
    assert "12" not in shown
