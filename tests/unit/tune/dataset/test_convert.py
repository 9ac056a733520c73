"""Prompts and completions become conversations, or nothing is written."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_lifecycle.dataset.rules.records import check
from bedrock_tuning.base_models import base_model
from bedrock_tuning.data.checker import limits_of
from tests.support.messages import says
from tests.unit.tune.dataset.data import HAIKU, NOVA, SECRET, converted, lines, pair, run, write

FORMATS = (RecordFormat.MESSAGES, RecordFormat.CONVERSE)
# What UTF-8 can hold, and more than white space.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: bool(text.strip()))


def test_messages_hold_strings(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", {"completion": "Ça va.", "prompt": 'A "question"\nin lines'})
    result = run("convert", source, tmp_path / "new.jsonl", "--to", "messages", "--system", "Be brief.")
    assert result.exit_code == 0
    assert (tmp_path / "new.jsonl").read_text(encoding="utf-8") == (
        '{"system": "Be brief.", "messages": [{"role": "user", "content": "A \\"question\\"\\nin lines"}, '
        '{"role": "assistant", "content": "Ça va."}]}\n'
    )


def test_converse_holds_lists_of_blocks(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", {"prompt": "A question", "completion": "An answer"})
    result = run("convert", source, tmp_path / "new.jsonl", "--to", "converse", "--system", "Be brief.")
    assert result.exit_code == 0
    assert says(result.stdout, "1 records", "converse")
    assert (tmp_path / "new.jsonl").read_text(encoding="utf-8") == (
        '{"schemaVersion": "bedrock-conversation-2024", "system": [{"text": "Be brief."}], "messages": '
        '[{"role": "user", "content": [{"text": "A question"}]}, '
        '{"role": "assistant", "content": [{"text": "An answer"}]}]}\n'
    )


@pytest.mark.parametrize("record_format", FORMATS)
def test_without_a_system_prompt_there_is_no_key_for_it(record_format: RecordFormat) -> None:
    assert "system" not in json.loads(converted(pair(), record_format, None))


@settings(deadline=None)
@given(texts, texts, st.none() | texts)
def test_whatever_is_converted_is_accepted_by_the_base_model_and_says_the_same(
    prompt: str, completion: str, system: str | None
) -> None:
    for base_model_id, record_format in zip((HAIKU, NOVA), FORMATS, strict=True):
        line = converted({"prompt": prompt, "completion": completion}, record_format, system)
        limits = limits_of(base_model(base_model_id), "test", FINE_TUNING)
        report = check([line], limits)
        assert all(rule.startswith("reserved-word") for rule in report.counts)
        record = json.loads(line)
        said = [message["content"] for message in record["messages"]]
        if record_format is RecordFormat.CONVERSE:
            said = [block["text"] for [block] in said]
        assert said == [prompt, completion]


@pytest.mark.parametrize(
    "text",
    [
        lines([pair(1), pair(2)]),
        lines([pair(1), pair(2)]).replace(b"\n", b"\r\n"),
        lines([pair(1), pair(2)]).removesuffix(b"\n"),
        lines([dict(reversed(pair(1).items())), pair(2)]).replace(b":", b" :  "),
    ],
    ids=["line feeds", "carriage returns", "no line feed at the end", "other spaces and another order"],
)
def test_the_same_records_give_the_same_bytes(tmp_path: Path, text: bytes) -> None:
    source = write(tmp_path / "pairs.jsonl", text)
    assert run("convert", source, tmp_path / "new.jsonl", "--to", "messages").exit_code == 0
    expected = b"".join(converted(pair(number), RecordFormat.MESSAGES, None) for number in (1, 2))
    assert (tmp_path / "new.jsonl").read_bytes() == expected


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{\n", "line 2"),
        (b"\n", "line 2"),
        (b"\xff\n", "byte 1"),
        (lines([["a list"]]), "JSON object"),
        (lines([{"prompt": SECRET}]), "completion"),
        (lines([pair(prompt=SECRET, completion=7)]), "completion"),
        (lines([pair(completion=" ")]), "line 2, completion"),
        (lines([pair(prompt="")]), "line 2, prompt"),
        (b'{"prompt": "\\ud800", "completion": "b"}\n', "line 2, prompt"),
        (b'{"prompt": "a", "prompt": "b", "completion": "c"}\n', "twice"),
        (lines([{"messages": []}]), "prompt"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, line: bytes, told: str) -> None:
    source = write(tmp_path / "pairs.jsonl", pair(1), line, pair(3))
    result = run("convert", source, tmp_path / "new.jsonl", "--to", "messages")
    assert result.exit_code == 1
    assert says(result.stderr, "line 2", told)
    assert SECRET not in result.output
    assert list(tmp_path.iterdir()) == [source]


def test_keys_that_are_left_out_are_told(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", pair(1), pair(2, id=SECRET), pair(3))
    result = run("convert", source, tmp_path / "new.jsonl", "--to", "messages")
    assert result.exit_code == 0
    assert says(result.stderr, "warning", "1 records")
    assert SECRET not in result.output
    expected = b"".join(converted(pair(number), RecordFormat.MESSAGES, None) for number in (1, 2, 3))
    assert (tmp_path / "new.jsonl").read_bytes() == expected


def test_every_bad_line_is_counted(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", *(pair(), b"no JSON\n") * 200)
    result = run("convert", source, tmp_path / "new.jsonl", "--to", "messages")
    assert "200 errors" in result.stderr
    assert "and 197 more" in result.stderr


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    result = run("convert", write(tmp_path / "pairs.jsonl"), tmp_path / "new.jsonl", "--to", "messages")
    assert result.exit_code == 1
    assert "record-count" in result.stderr
    assert "(got 0)" in result.stderr


def test_the_source_is_not_overwritten(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", pair())
    result = run("convert", source, source, "--to", "messages", "--force")
    assert result.exit_code == 2
    assert source.read_bytes() == lines([pair()])


def test_a_system_prompt_may_come_from_a_file(tmp_path: Path) -> None:
    prompt = write(tmp_path / "system.txt", "Kürze.\nWürze.\r\n\n".encode())
    source = write(tmp_path / "pairs.jsonl", pair())
    assert run("convert", source, tmp_path / "new.jsonl", "--to", "messages", "--system-file", prompt).exit_code == 0
    assert json.loads((tmp_path / "new.jsonl").read_bytes())["system"] == "Kürze.\nWürze."


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "no text"), (b" \n", "no text"), (b"\xff", "not UTF-8"), (b"x" * (2 << 20), "at most"), (None, "cannot be")],
)
def test_a_system_prompt_that_cannot_be_used_is_a_usage_error(tmp_path: Path, content: bytes | None, told: str) -> None:
    prompt = tmp_path / "system.txt"
    if content is not None:
        prompt.write_bytes(content)
    source = write(tmp_path / "pairs.jsonl", pair())
    result = run("convert", source, tmp_path / "new.jsonl", "--to", "messages", "--system-file", prompt)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "new.jsonl").exists()


@pytest.mark.parametrize("text", ["", " \n", "\udcff"])
def test_a_system_prompt_without_text_is_a_usage_error(tmp_path: Path, text: str) -> None:
    source = write(tmp_path / "pairs.jsonl", pair())
    assert run("convert", source, tmp_path / "new.jsonl", "--to", "messages", "--system", text).exit_code == 2


def test_two_system_prompts_exclude_each_other(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", pair())
    options = ("--system", "a", "--system-file", source)
    assert run("convert", source, tmp_path / "new.jsonl", "--to", "messages", *options).exit_code == 2


@pytest.mark.slow
def test_the_memory_is_bounded(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", lines([pair(prompt="x" * 1000)]) * 8_000)
    tracemalloc.start()
    try:
        assert run("convert", source, tmp_path / "new.jsonl", "--to", "converse").exit_code == 0
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (tmp_path / "new.jsonl").stat().st_size > 8_000_000
    assert peak < 6_000_000
