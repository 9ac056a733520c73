"""A line of a data file is asked as Converse takes it, in whichever format it is."""

import json
from typing import Any

import pytest

from bedrock_lifecycle.evaluation.questions.conversation import Conversation, NotAConversation, conversation

ASKED = [{"role": "user", "content": [{"text": "what?"}]}]


def line(record: dict[str, Any]) -> Conversation:
    return conversation(json.dumps(record).encode())


def messages(question: Any, answer: Any, **others: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}], **others}


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": "what?", "completion": "that"},
        messages("what?", "that"),
        messages([{"text": "what?"}], [{"text": "that"}], schemaVersion="bedrock-conversation-2024"),
        messages([{"type": "text", "text": "what?"}], [{"type": "text", "text": "that"}]),
    ],
)
def test_formats_ask_alike(record: dict[str, Any]) -> None:
    its = line(record)
    assert its.request == {"messages": ASKED}
    assert its.reference == "that"
    assert its.digest == line({"prompt": " WHAT?", "completion": "other"}).digest


@pytest.mark.parametrize("system", ["be brief", [{"text": "be brief"}]])
def test_the_system_prompt_is_asked_too(system: Any) -> None:
    its = line(messages("what?", "that", system=system))
    assert its.request == {"messages": ASKED, "system": [{"text": "be brief"}]}
    assert its.digest != line(messages("what?", "that")).digest


@pytest.mark.parametrize("system", ["", []])
def test_an_empty_system_prompt_is_none(system: Any) -> None:
    assert line(messages("what?", "that", system=system)).request == {"messages": ASKED}


def test_turns_before_the_last_are_part_of_the_question() -> None:
    record = messages("what?", "that")
    record["messages"] += [{"role": "user", "content": "and?"}, {"role": "assistant", "content": "this"}]
    its = line(record)
    assert [each["role"] for each in its.request["messages"]] == ["user", "assistant", "user"]
    assert its.reference == "this"


def test_tools_are_asked_with_and_their_calls_are_the_reference() -> None:
    tools = {"tools": [{"toolSpec": {"name": "look_up", "inputSchema": {"json": {"type": "object"}}}}]}
    calls = [
        {"text": "I look"},
        {"toolUse": {"toolUseId": "1", "name": "look_up", "input": {"b": 1, "a": "x"}}},
        {"toolUse": {"toolUseId": "2", "name": "end", "input": {}}},
    ]
    its = line(messages([{"text": "what?"}], calls, toolConfig=tools))
    assert its.request == {"messages": ASKED, "toolConfig": tools}
    assert its.reference == '[{"input":{"a":"x","b":1},"name":"look_up"},{"input":{},"name":"end"}]'


def test_results_of_tools_are_handed_on_as_they_are() -> None:
    result = [{"toolResult": {"toolUseId": "1", "content": [{"json": {"a": [1, None]}}]}}]
    assert line(messages(result, "that")).request["messages"][0]["content"] == result
    assert line(messages(result, "that")).digest


def test_several_texts_are_lines() -> None:
    assert line(messages("what?", [{"text": "a"}, {"text": "b"}])).reference == "a\nb"


def test_nothing_of_a_conversation_is_in_its_representation() -> None:
    assert "what" not in repr(line(messages("what?", "that")))


def test_who_has_the_same_value_belongs_together() -> None:
    def group(value: Any) -> str:
        return conversation(json.dumps(messages("what?", "that", source=value)).encode(), "source").group

    assert group("a") == group("a") != group("b")
    assert group({"x": 1, "y": 2}) == group({"y": 2, "x": 1})
    assert group(1) != group("1")
    assert conversation(json.dumps(messages("what?", "that")).encode(), "source").group == ""


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "\U0001d518", "٣"])
def test_every_character_is_digested(text: str) -> None:
    assert line(messages(text, "that")).digest != line(messages("what?", "that")).digest


def test_what_is_no_conversation_is_refused_without_its_words() -> None:
    with pytest.raises(NotAConversation) as refused:
        line(messages("CANARY", []))
    assert "CANARY" not in str(refused.value)
