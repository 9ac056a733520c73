"""Data of every shape that can be converted becomes conversations, or nothing is written."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.dataset.rules.records import check
from bedrock_tuning.base_models import base_model
from bedrock_tuning.data.checker import limits_of
from tests.support.messages import says
from tests.unit.tune.dataset.data import HAIKU, NOVA, SECRET, conversation, lines, pair, run, write
from tune.dataset.conversion import FORMATS, RecordConversation

Turns = list[tuple[str, str]]
Said = tuple[str | None, Turns]

QUESTION = "Wie geht's?"
ANSWER = 'Ça va, "bien".'
SYSTEM = "Be brief."
TURNS = [("user", QUESTION), ("assistant", ANSWER)]
MESSAGES = [{"role": role, "content": text} for role, text in TURNS]
OPENAI = [{"role": "system", "content": SYSTEM}, *MESSAGES]


def converted(source: Path, *options: object, to: str = "converse") -> list[Said]:
    """Convert a file and return what its records say."""
    output = source.parent / f"{to}.jsonl"
    result = run("convert", source, output, "--to", to, "--force", *options)
    assert result.exit_code == 0, result.output
    return [said(json.loads(line)) for line in output.read_bytes().splitlines()]


def said(record: dict[str, Any]) -> Said:
    system = text_of(record["system"]) if "system" in record else None
    return system, [(message["role"], text_of(message["content"])) for message in record["messages"]]


def text_of(content: Any) -> str:
    return str(content) if isinstance(content, str) else "".join(block["text"] for block in content)


def refusal(source: Path, *options: object) -> tuple[int, str]:
    """Convert a file that cannot be; return exit code and words, having seen that nothing was written."""
    before = sorted(source.parent.iterdir())
    result = run("convert", source, source.parent / "new.jsonl", "--to", "converse", *options)
    assert sorted(source.parent.iterdir()) == before
    assert SECRET not in result.output
    return result.exit_code, result.stderr


RECORDS: dict[str, tuple[Any, Said]] = {
    "pairs": ({"prompt": QUESTION, "completion": ANSWER}, (None, TURNS)),
    "pairs with a system prompt": ({"system": SYSTEM, "prompt": QUESTION, "completion": ANSWER}, (None, TURNS)),
    "OpenAI chat": ({"messages": OPENAI}, (SYSTEM, TURNS)),
    "OpenAI chat, developer": ({"messages": [{**OPENAI[0], "role": "developer"}, *MESSAGES]}, (SYSTEM, TURNS)),
    "OpenAI chat, several turns": ({"messages": OPENAI + MESSAGES}, (SYSTEM, TURNS * 2)),
    "OpenAI chat with parts": (
        {"messages": [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in TURNS]},
        (None, TURNS),
    ),
    "OpenAI chat with more": ({"messages": [OPENAI[0], {**OPENAI[1], "name": "any"}, OPENAI[2]]}, (SYSTEM, TURNS)),
    "OpenAI chat, no call": ({"messages": [*OPENAI[:2], {**OPENAI[2], "tool_calls": None}]}, (SYSTEM, TURNS)),
    "OpenAI chat, blank system": ({"messages": [{"role": "system", "content": " "}, *MESSAGES]}, (None, TURNS)),
    "ShareGPT": (
        {
            "conversations": [
                {"from": "system", "value": SYSTEM},
                {"from": "human", "value": QUESTION},
                {"from": "gpt", "value": ANSWER},
            ]
        },
        (SYSTEM, TURNS),
    ),
    "instruction, input, output": (
        {"instruction": "Translate.", "input": "Hund", "output": "dog"},
        (None, [("user", "Translate.\n\nHund"), ("assistant", "dog")]),
    ),
    "instruction, no input": (
        {"instruction": "Bark.", "input": "", "output": "Woof."},
        (None, [("user", "Bark."), ("assistant", "Woof.")]),
    ),
    "instruction, context, response": (
        {"instruction": "Why?", "context": "It rains.", "response": "So.", "category": "any"},
        (None, [("user", "Why?\n\nIt rains."), ("assistant", "So.")]),
    ),
    "question, answer, system": (
        {"question": QUESTION, "answer": ANSWER, "system": SYSTEM},
        (SYSTEM, TURNS),
    ),
}


@pytest.mark.parametrize("to", ["converse", "messages"])
@pytest.mark.parametrize("name", RECORDS)
def test_a_record_says_the_same_in_its_new_format(name: str, to: str, tmp_path: Path) -> None:
    record, expected = RECORDS[name]
    assert converted(write(tmp_path / "any.jsonl", record, record), to=to) == [expected] * 2


def test_strings_for_haiku_become_blocks_with_their_system_prompts(tmp_path: Path) -> None:
    records = [{"system": f"{SYSTEM} {number}", "messages": MESSAGES} for number in range(3)]
    source = write(tmp_path / "strings.jsonl", *records, {"system": " ", "messages": MESSAGES})
    assert converted(source) == [*((f"{SYSTEM} {number}", TURNS) for number in range(3)), (None, TURNS)]
    assert says(refusal(write(tmp_path / "blocks.jsonl", conversation()))[1], "blocks.jsonl", "converse", "already")


@settings(deadline=None, max_examples=40)
@given(
    st.none() | st.text(min_size=1),
    st.lists(st.text(min_size=1), min_size=2, max_size=6).filter(lambda x: len(x) % 2 == 0),
)
def test_a_conversation_is_written_so_that_its_rules_find_nothing(system: str | None, turns: list[str]) -> None:
    given_turns = tuple(f"a {turn}".encode("utf-8", "replace").decode() for turn in turns)
    conversation = RecordConversation(None if system is None else "s", given_turns)
    for base_model_id, record_format in zip((HAIKU, NOVA), FORMATS, strict=True):
        line = conversation.line(record_format)
        assert said(json.loads(line)) == (
            conversation.system,
            [(("user", "assistant")[index % 2], turn) for index, turn in enumerate(given_turns)],
        )
        report = check([line], limits_of(base_model(base_model_id), "test", FINE_TUNING))
        assert all(rule.startswith("reserved-word") for rule in report.counts)


CSV = 'id,Question,Answer,notes\r\n1,"a, ""b""\r\nc",d,x\r\n\r\n2,e,"f",\r\n'


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("any.csv", CSV.encode()),
        ("any.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("any.jsonl", CSV.encode()),
        ("any.csv", CSV.replace(",", ";").replace('"a; ', '"a, ').encode()),
        ("any.tsv", CSV.replace(",", "\t").replace('"a\t ', '"a, ').encode()),
        ("any.csv", CSV.encode().rstrip()),
    ],
    ids=["commas", "byte order mark", "named JSON Lines", "semicolons", "tabs", "no last line feed"],
)
def test_the_rows_of_a_table_become_conversations(name: str, data: bytes, tmp_path: Path) -> None:
    first, second = converted(write(tmp_path / name, data))
    assert first == (None, [("user", 'a, "b"\r\nc'), ("assistant", "d")])
    assert second == (None, [("user", "e"), ("assistant", "f")])


def test_columns_of_other_names_are_named(tmp_path: Path) -> None:
    source = write(tmp_path / "any.csv", b"frage,kontext,antwort,rolle\nq,c,a,s\nr,,b,\n")
    options = ("--prompt-column", "frage", "--context-column", "kontext", "--completion-column", "antwort")
    expected = [(None, [("user", "q\n\nc"), ("assistant", "a")]), (None, [("user", "r"), ("assistant", "b")])]
    assert converted(source, *options) == expected
    with_system = converted(source, *options, "--system-column", "rolle")
    assert with_system == [("s", expected[0][1]), (None, expected[1][1])]


def test_keys_of_other_names_are_named(tmp_path: Path) -> None:
    record = {"prompt": "q", "chosen": "a", "rejected": "b", "frage": "r"}
    source = write(tmp_path / "any.jsonl", record)
    assert converted(source, "--completion-column", "chosen") == [(None, [("user", "q"), ("assistant", "a")])]
    both = ("--prompt-column", "frage", "--completion-column", "chosen")
    assert converted(source, *both) == [(None, [("user", "r"), ("assistant", "a")])]


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        (b"prompt,text\nq,a\n", (), ["--completion-column"]),
        (b"text,answer\nq,a\n", (), ["--prompt-column"]),
        (b"prompt,answer\nq,a\n", ("--prompt-column", "none"), ["'none'"]),
        (b"prompt,prompt,answer\nq,r,a\n", (), ["twice"]),
        (b'prompt,answer\nq,"a\n', (), ["line 2"]),
        (b"prompt,answer\nq,a\xff\n", (), ["line 2", "UTF-8"]),
    ],
)
def test_a_table_that_cannot_be_read_is_told_and_nothing_is_written(
    text: bytes, options: tuple[str, ...], told: list[str], tmp_path: Path
) -> None:
    code, words = refusal(write(tmp_path / "any.csv", text), *options)
    assert (code, len(words.splitlines()), says(words, "any.csv", *told)) == (2, 1, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"prompt,answer\nq,a\n{SECRET},\n".encode(), ["line 3", "answer"]),
        (f"prompt,answer\nq,a\n\n{SECRET},x,y\n".encode(), ["line 4", "cells"]),
        (f'prompt,answer\n"q\nr",a\n{SECRET}\n'.encode(), ["line 4", "cells"]),
        (b"prompt,answer\n", ["0 records"]),
    ],
)
def test_a_row_that_is_no_conversation_is_named_and_nothing_is_written(
    text: bytes, told: list[str], tmp_path: Path
) -> None:
    code, words = refusal(write(tmp_path / "any.csv", text))
    assert code == 1
    assert all(each in words for each in told)


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([*MESSAGES, OPENAI[0]], "messages[2].role"),
        ([OPENAI[0], *OPENAI], "messages[1].role"),
        ([*OPENAI, {"role": "user", "content": SECRET}], "messages[3].content"),
        ([OPENAI[0], {"role": "user", "content": ""}, MESSAGES[1]], "messages[1].content"),
        ([*OPENAI[:2], {"role": "assistant", "content": None, "tool_calls": [{}]}], "messages[2]"),
        ([*OPENAI[:2], {"role": "tool", "content": SECRET}], "messages[2]"),
        ([*OPENAI[:2], {"role": SECRET, "content": "a"}], "messages[2].content"),
        ([*OPENAI[:2], {"role": "assistant", "content": [{"text": "a"}, {"text": "b"}]}], "messages[2].content"),
        ([*OPENAI[:2], SECRET], "messages[2]"),
        (SECRET, "messages"),
        ([], "question"),
    ],
)
def test_a_chat_that_is_no_conversation_is_named_where_it_stands(messages: Any, told: str, tmp_path: Path) -> None:
    code, words = refusal(write(tmp_path / "any.jsonl", {"messages": OPENAI}, {"messages": messages}))
    assert (code, says(words, "line 2", told)) == (1, True)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"conversations": [{"from": SECRET, "value": "q"}]}, "conversations[0].from"),
        ({"conversations": [{"from": "human", "value": "q"}]}, "question"),
        ({"conversations": [SECRET]}, "conversations[0]"),
        ({"other": SECRET}, "conversations"),
    ],
)
def test_a_sharegpt_record_that_is_no_conversation_is_named(record: Any, told: str, tmp_path: Path) -> None:
    good = RECORDS["ShareGPT"][0]
    code, words = refusal(write(tmp_path / "any.jsonl", good, record))
    assert (code, says(words, "line 2", told)) == (1, True)


def test_a_record_without_the_key_or_with_another_kind_of_value_is_named(tmp_path: Path) -> None:
    good = RECORDS["instruction, input, output"][0]
    bad: list[dict[str, Any]] = [{**good, "input": [SECRET]}, {**good, "output": 5}, {"instruction": SECRET}]
    code, words = refusal(write(tmp_path / "any.jsonl", good, *bad))
    assert code == 1
    assert says(words, "line 2", "input")
    assert says(words, "line 3", "output")
    assert says(words, "line 4", "output")


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"messages": [{"role": "user", "content": [{"value": SECRET}]}, MESSAGES[1]]}, "messages[0].content"),
        ({"messages": SECRET}, "messages"),
        ({"conversations": [{"role": "user"}]}, "conversations[0].from"),
    ],
)
def test_what_is_nearly_of_a_shape_is_told_what_it_lacks(record: Any, told: str, tmp_path: Path) -> None:
    code, words = refusal(write(tmp_path / "any.jsonl", record))
    assert (code, says(words, "line 1", told)) == (1, True)


def test_a_record_of_unusual_names_needs_them_named(tmp_path: Path) -> None:
    source = write(tmp_path / "any.jsonl", {"sentence1": "q", "sentence2": "a"})
    code, words = refusal(source)
    assert (code, says(words, "any.jsonl", "--prompt-column")) == (2, True)
    named = ("--prompt-column", "sentence1", "--completion-column", "sentence2")
    assert converted(source, *named) == [(None, [("user", "q"), ("assistant", "a")])]


@pytest.mark.parametrize(
    "record",
    [{"messages": MESSAGES[:1], "reference_answer": SECRET}, conversation(messages=conversation()["messages"][:1])],
)
def test_what_has_no_answers_is_refused_by_name(record: Any, tmp_path: Path) -> None:
    code, words = refusal(write(tmp_path / "any.jsonl", record))
    assert (code, "other-shape" in words) == (1, True)


def test_one_system_prompt_is_not_put_over_another(tmp_path: Path) -> None:
    source = write(tmp_path / "any.jsonl", {"messages": OPENAI})
    assert refusal(source, "--system", "x")[0] == 2
    without = write(tmp_path / "other.jsonl", {"messages": MESSAGES, "tools": []}, {"messages": MESSAGES})
    assert converted(without, "--system", "x") == [("x", TURNS)] * 2


def test_the_source_is_never_written_over(tmp_path: Path) -> None:
    for name, data in (("any.csv", CSV.encode()), ("any.jsonl", lines([{"messages": OPENAI}]))):
        source = write(tmp_path / name, data)
        assert run("convert", source, source, "--to", "converse", "--force").exit_code == 2
        assert source.read_bytes() == data


@pytest.mark.slow
def test_the_memory_is_bounded_whatever_the_shape(tmp_path: Path) -> None:
    text = "x" * 1000
    table = write(tmp_path / "any.csv", b"prompt,completion\n" + f"{text},a\n".encode() * 8_000)
    chat = write(
        tmp_path / "any.jsonl", lines([{"messages": [OPENAI[0], {"role": "user", "content": text}, OPENAI[2]]}]) * 8_000
    )
    for source in (table, chat):
        tracemalloc.start()
        try:
            assert run("convert", source, tmp_path / "new", "--to", "converse", "--force").exit_code == 0
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert (tmp_path / "new").stat().st_size > 8_000_000
        assert peak < 6_000_000


def test_pairs_keep_their_system_prompts_when_their_column_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", pair(system=SYSTEM))
    ((system, _),) = converted(source, "--system-column", "system")
    assert system == SYSTEM
