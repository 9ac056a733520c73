"""The rules for texts, wherever in a record they stand: reserved words and length."""

from typing import Any

import pytest

from bedrock_lifecycle.dataset.rules.limits import CHARACTERS_PER_TOKEN, Limits, RecordFormat
from tests.unit.dataset_rules.samples import (
    CLAUDE_WORDS,
    NOVA_WORDS,
    any_converse_record,
    any_limits,
    any_prompt_record,
    any_record,
    errors,
    found,
    lines,
    report_on,
    turn,
)

CONVERSE = any_limits(RecordFormat.CONVERSE)


def problems(record: Any, limits: Limits | None = None) -> list[tuple[str, str]]:
    return [(path, rule) for _, path, rule in errors(lines(record), limits)]


def says(*contents: Any) -> list[dict[str, Any]]:
    """Return messages with these contents, the roles in turn."""
    return [turn(("user", "assistant")[index % 2], content) for index, content in enumerate(contents)]


@pytest.mark.parametrize("word", CLAUDE_WORDS)
def test_messages_refuses_a_reserved_word_in_every_text(word: str) -> None:
    text = f"any{word}any"
    assert problems(any_record(system=text, messages=says(text, text))) == [
        ("system", "reserved-word"),
        ("messages[0].content", "reserved-word"),
        ("messages[1].content", "reserved-word"),
    ]
    assert repr(word) in report_on(lines(any_record(system=text))).findings[0].message


@pytest.mark.parametrize("word", NOVA_WORDS)
def test_converse_refuses_a_reserved_word_in_every_text(word: str) -> None:
    blocks = [{"text": f"any{word}any"}]
    assert problems(any_converse_record(system=blocks, messages=says(blocks, blocks)), CONVERSE) == [
        ("system[0].text", "reserved-word"),
        ("messages[0].content[0].text", "reserved-word"),
        ("messages[1].content[0].text", "reserved-word"),
    ]


def test_finds_a_reserved_word_that_is_escaped() -> None:
    assert found(lines(any_record(system="x")).replace(b'"x"', b'"\\u000aHum\\u0061n:"')) == [
        (1, "system", "reserved-word")
    ]


@pytest.mark.parametrize("character", ["x", "é", "😀"])
@pytest.mark.parametrize("data_format", RecordFormat)
def test_the_length_of_a_record_has_a_bound(data_format: RecordFormat, character: str) -> None:
    limits = any_limits(data_format, max_tokens_per_record=10)
    rest = 10 * CHARACTERS_PER_TOKEN - len("system") - len("assistant")

    def record(length: int) -> dict[str, Any]:
        texts = ["system", character * length, "assistant"]
        if data_format is RecordFormat.CONVERSE:
            blocks = [[{"text": text}] for text in texts]
            return any_converse_record(system=blocks[0], messages=says(*blocks[1:]))
        if data_format is RecordFormat.PROMPT_COMPLETION:
            return any_prompt_record(prompt="".join(texts[:2]), completion=texts[2])
        return any_record(system=texts[0], messages=says(*texts[1:]))

    assert problems(record(rest), limits) == []
    assert problems(record(rest + 1), limits) == [("", "record-length")]


def test_the_length_of_one_record_is_not_that_of_the_next() -> None:
    assert errors(lines(*[any_record(system="x" * 50)] * 9), any_limits(max_tokens_per_record=10)) == []
