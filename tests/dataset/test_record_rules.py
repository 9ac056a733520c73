"""The rules for one record, each with what it accepts and what it refuses."""

from typing import Any

import pytest

from bedrock_lifecycle.dataset.limits import Limits, RecordFormat
from tests.dataset.samples import (
    any_converse_record,
    any_limits,
    any_record,
    errors,
    lines,
    turn,
)

CONVERSE = any_limits(RecordFormat.CONVERSE)


def problems(record: Any, limits: Limits | None = None) -> list[tuple[str, str]]:
    return [(path, rule) for _, path, rule in errors(lines(record), limits)]


def says(*contents: Any) -> list[dict[str, Any]]:
    """Return messages with these contents, the roles in turn."""
    return [turn(("user", "assistant")[index % 2], content) for index, content in enumerate(contents)]


@pytest.mark.parametrize(
    "record",
    [
        any_record(),
        any_record(system=...),
        any_record(messages=says("a", "b", "c", "d")),
        any_record(messages=says("é 😀 \u2028", "\x00")),
        any_record(messages=says("Human: a\nHuman b\nhuman: c", "Assistant:")),
        any_record(system="User: <image> [EOS]"),
    ],
)
def test_messages_accepts(record: Any) -> None:
    assert problems(record) == []


@pytest.mark.parametrize(
    "record",
    [
        any_converse_record(),
        any_converse_record(system=...),
        any_converse_record(schemaVersion="any"),
        any_converse_record(system=[{"text": "a"}, {"text": "b"}]),
        any_converse_record(messages=says([{"text": "a"}, {"text": "b"}], [{"text": "c"}])),
        any_converse_record(messages=says([{"text": "a\nHuman: user: [eos]"}], [{"text": "User :"}])),
    ],
)
def test_converse_accepts(record: Any) -> None:
    assert problems(record, CONVERSE) == []


@pytest.mark.parametrize("limits", [any_limits(), CONVERSE])
@pytest.mark.parametrize("record", [None, True, 1, 1.5, "text", [], [any_record()]])
def test_a_record_is_an_object(record: Any, limits: Limits) -> None:
    assert problems(record, limits) == [("", "record")]


MESSAGES_REFUSES = {
    "no messages": (any_record(messages=...), ("", "missing-key")),
    "another key": (any_record(prompt="any"), ("", "unknown-key")),
    "the other format's key": (any_record(schemaVersion="any"), ("", "unknown-key")),
    "system null": (any_record(system=None), ("system", "text")),
    "system list": (any_record(system=[{"text": "any"}]), ("system", "text")),
    "messages null": (any_record(messages=None), ("messages", "messages")),
    "messages object": (any_record(messages={"role": "user"}), ("messages", "messages")),
    "messages empty": (any_record(messages=[]), ("messages", "message-count")),
    "message string": (any_record(messages=[*says("a", "b"), "any"]), ("messages[2]", "message")),
    "message null": (any_record(messages=[*says("a", "b"), None]), ("messages[2]", "message")),
    "message without content": (
        any_record(messages=[{"role": "user"}, turn("assistant")]),
        ("messages[0]", "missing-key"),
    ),
    "message without role": (
        any_record(messages=[turn("user"), {"content": "any"}]),
        ("messages[1]", "missing-key"),
    ),
    "message with another key": (
        any_record(messages=[turn("user"), {**turn("assistant"), "name": "any"}]),
        ("messages[1]", "unknown-key"),
    ),
    "role system": (any_record(messages=[turn("system"), *says("a", "b")]), ("messages[0].role", "role")),
    "role in capitals": (any_record(messages=[turn("User"), turn("assistant")]), ("messages[0].role", "role")),
    "role list": (any_record(messages=[turn([]), turn("assistant")]), ("messages[0].role", "role")),
    "assistant first": (
        any_record(messages=[turn("assistant"), turn("user"), turn("assistant")]),
        ("messages[0].role", "first-role"),
    ),
    "user last": (any_record(messages=says("a", "b", "c")), ("messages[2].role", "last-role")),
    "user twice": (
        any_record(messages=[turn("user"), turn("user"), turn("assistant")]),
        ("messages[1].role", "role-alternation"),
    ),
    "assistant twice": (
        any_record(messages=[*says("a", "b"), turn("assistant")]),
        ("messages[2].role", "role-alternation"),
    ),
    "content null": (any_record(messages=says(None, "b")), ("messages[0].content", "text")),
    "content number": (any_record(messages=says("a", 5)), ("messages[1].content", "text")),
    "content blocks": (any_record(messages=says([{"text": "a"}], "b")), ("messages[0].content", "text")),
    "content empty": (any_record(messages=says("a", "")), ("messages[1].content", "empty-text")),
    "content blank": (any_record(messages=says("\u00a0\r\n", "b")), ("messages[0].content", "empty-text")),
    "half a surrogate pair": (any_record(messages=says("\ud800", "b")), ("messages[0].content", "unicode")),
}


@pytest.mark.parametrize(("record", "problem"), MESSAGES_REFUSES.values(), ids=MESSAGES_REFUSES.keys())
def test_messages_refuses(record: Any, problem: tuple[str, str]) -> None:
    assert problems(record) == [problem]


def test_tells_every_problem_of_a_record() -> None:
    record = {"messages": [turn("assistant", ""), turn("user", 1)], "extra": 1}
    assert problems(record) == [
        ("", "unknown-key"),
        ("messages[0].content", "empty-text"),
        ("messages[1].content", "text"),
        ("messages[0].role", "first-role"),
        ("messages[1].role", "last-role"),
    ]


def test_tells_a_wrong_role_once() -> None:
    record = any_record(messages=[turn("system"), turn("system"), turn("user"), turn("assistant")])
    assert problems(record) == [("messages[0].role", "role"), ("messages[1].role", "role")]


CONVERSE_REFUSES = {
    "no schema version": (any_converse_record(schemaVersion=...), ("", "missing-key")),
    "schema version number": (any_converse_record(schemaVersion=2024), ("schemaVersion", "schema-version")),
    "schema version null": (any_converse_record(schemaVersion=None), ("schemaVersion", "schema-version")),
    "another key": (any_converse_record(inferenceConfig={}), ("", "unknown-key")),
    "system string": (any_converse_record(system="any"), ("system", "blocks")),
    "system strings": (any_converse_record(system=["any"]), ("system[0]", "block")),
    "system blank": (any_converse_record(system=[{"text": " "}]), ("system[0].text", "empty-text")),
    "content string": (any_converse_record(messages=says("a", [{"text": "b"}])), ("messages[0].content", "blocks")),
    "content empty": (any_converse_record(messages=says([{"text": "a"}], [])), ("messages[1].content", "blocks")),
    "image": (
        any_converse_record(messages=says([{"text": "a"}, {"image": {}}], [{"text": "b"}])),
        ("messages[0].content[1]", "block"),
    ),
    "block with another key": (
        any_converse_record(messages=says([{"text": "a", "type": "text"}], [{"text": "b"}])),
        ("messages[0].content[0]", "unknown-key"),
    ),
    "text null": (
        any_converse_record(messages=says([{"text": None}], [{"text": "b"}])),
        ("messages[0].content[0].text", "text"),
    ),
    "user last": (any_converse_record(messages=says(*[[{"text": "a"}]] * 3)), ("messages[2].role", "last-role")),
}


@pytest.mark.parametrize(("record", "problem"), CONVERSE_REFUSES.values(), ids=CONVERSE_REFUSES.keys())
def test_converse_refuses(record: Any, problem: tuple[str, str]) -> None:
    assert problems(record, CONVERSE)[0] == problem
