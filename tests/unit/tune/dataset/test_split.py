"""A file is split by what its records say."""

import itertools
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.messages import says
from tests.unit.tune.dataset.data import NOVA, SECRET, conversation, conversations, lines, pair, run, write
from tune.dataset.shares import identity

SHARES = ("--validation", "30%", "--test", "20%")


def split(source: Path, *options: str) -> dict[str, list[bytes]]:
    """Split a file and return the lines of each part."""
    folder = source.parent / "parts"
    result = run("split", source, folder, "--force", *(options or SHARES))
    assert result.exit_code == 0, result.output
    return {path.stem: path.read_bytes().splitlines(keepends=True) for path in folder.iterdir()}


def places(parts: Mapping[str, list[bytes]]) -> dict[bytes, str]:
    return {line: name for name, lines_ in parts.items() for line in lines_}


def test_every_line_goes_to_one_part_unchanged_and_in_order(tmp_path: Path) -> None:
    source = conversations(tmp_path / "all.jsonl", 200)
    parts = split(source)
    assert set(parts) == {"train", "validation", "test"}
    assert all(parts.values())
    assert sorted(itertools.chain(*parts.values())) == sorted(source.read_bytes().splitlines(keepends=True))
    order = {line: number for number, line in enumerate(source.read_bytes().splitlines(keepends=True))}
    assert all(part == sorted(part, key=order.__getitem__) for part in parts.values())


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 60), st.integers(0, 60))
def test_a_record_stays_where_it_is_whatever_comes_and_goes(
    tmp_path_factory: pytest.TempPathFactory, shuffled: random.Random, count: int, others: int
) -> None:
    folder = tmp_path_factory.mktemp("split")
    before = places(split(conversations(folder / "all.jsonl", count)))
    numbers = [number for number in range(count + others) if number % 3]
    shuffled.shuffle(numbers)
    after = places(split(write(folder / "all.jsonl", conversation(-1), *map(conversation, numbers))))
    assert {line: after[line] for line in before if line in after} == {
        line: place for line, place in before.items() if line in after
    }


def test_the_same_record_twice_goes_to_the_same_part_however_it_is_written(tmp_path: Path) -> None:
    records = [conversation(number) for number in range(50)]
    others = [
        json.dumps(dict(reversed(record.items())), ensure_ascii=False, indent=None, separators=(" ,", ":  ")).encode()
        for record in records
    ]
    parts = split(write(tmp_path / "all.jsonl", *records, *(line + b"\n" for line in others)))
    by_content: dict[str, set[str]] = {}
    for name, part in parts.items():
        for line in part:
            by_content.setdefault(identity(json.loads(line)), set()).add(name)
    assert len(by_content) == 50
    assert all(len(names) == 1 for names in by_content.values())


def test_the_same_question_goes_to_the_same_part_whatever_the_answer(tmp_path: Path) -> None:
    def asked(number: int, answer: str) -> dict[str, Any]:
        record = conversation(number, system=[{"text": "any"}])
        record["messages"][1]["content"][0]["text"] = answer
        return record

    source = write(tmp_path / "all.jsonl", *(asked(number % 40, f"answer {number}") for number in range(120)))
    parts = split(source)
    assert set(parts) == {"train", "validation", "test"}
    questions = {name: {str(json.loads(line)["messages"][0]) for line in part} for name, part in parts.items()}
    assert all(len(part) == 3 * len(questions[name]) for name, part in parts.items())
    assert sum(map(len, questions.values())) == len(set.union(*questions.values())) == 40


def test_a_question_in_another_conversation_is_another_question(tmp_path: Path) -> None:
    def talk(first: int) -> dict[str, Any]:
        return conversation(first, messages=conversation(first)["messages"] + conversation(0)["messages"])

    assert all(split(write(tmp_path / "all.jsonl", *map(talk, range(40)))).values())


def test_a_last_line_without_line_feed_gets_one_and_carriage_returns_stay(tmp_path: Path) -> None:
    text = lines(conversation(number) for number in range(40)).replace(b"\n", b"\r\n").rstrip()
    parts = split(write(tmp_path / "all.jsonl", text))
    assert sorted(itertools.chain(*parts.values())) == sorted(
        [*(text.splitlines(keepends=True)[:-1]), text.splitlines()[-1] + b"\n"]
    )


@pytest.mark.parametrize(
    "make",
    [
        pair,
        conversation,
        lambda number: {
            "messages": [{"role": "user", "content": f"question {number}"}, {"role": "assistant", "content": "answer"}]
        },
    ],
)
def test_every_format_can_be_split(tmp_path: Path, make: object) -> None:
    assert callable(make)
    parts = split(write(tmp_path / "all.jsonl", *map(make, range(40))))
    assert sum(map(len, parts.values())) == 40


def test_only_what_was_asked_for_is_written(tmp_path: Path) -> None:
    assert set(split(conversations(tmp_path / "all.jsonl", 40), "--test", "20%")) == {"train", "test"}


def test_a_part_of_another_split_is_not_left_beside_a_new_one(tmp_path: Path) -> None:
    source = conversations(tmp_path / "all.jsonl", 40)
    split(source)
    result = run("split", source, tmp_path / "parts", "--validation", "30%", "--force")
    assert result.exit_code == 2
    assert says(result.stderr, "test.jsonl", "split")


def test_parts_that_are_there_are_replaced_only_when_told_to(tmp_path: Path) -> None:
    source = conversations(tmp_path / "all.jsonl", 40)
    split(source)
    before = {path: path.read_bytes() for path in (tmp_path / "parts").iterdir()}
    conversations(source, 80)
    result = run("split", source, tmp_path / "parts", *SHARES)
    assert result.exit_code == 2
    assert says(result.stderr, "--force")
    assert {path: path.read_bytes() for path in (tmp_path / "parts").iterdir()} == before


def test_a_source_among_the_parts_is_not_overwritten(tmp_path: Path) -> None:
    source = conversations(tmp_path / "train.jsonl", 40)
    before = source.read_bytes()
    result = run("split", source, tmp_path, *SHARES, "--force")
    assert result.exit_code == 2
    assert source.read_bytes() == before
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("bad", [b"\n", b"{", b"\xff\n", lines([["a list"]]), lines([{"messages": SECRET}])])
def test_a_bad_line_is_named_and_nothing_is_written(tmp_path: Path, bad: bytes) -> None:
    source = write(tmp_path / "all.jsonl", conversation(1), bad)
    result = run("split", source, tmp_path / "parts", *SHARES)
    assert result.exit_code == 1
    assert "line 2" in result.stderr
    assert SECRET not in result.output
    assert list((tmp_path / "parts").iterdir()) == []


def test_numbers_are_told_and_compared_with_the_base_model(tmp_path: Path) -> None:
    source = conversations(tmp_path / "all.jsonl", 6)
    result = run("split", source, tmp_path / "parts", "--validation", "1%", "--base-model", NOVA)
    assert result.exit_code == 0
    assert says(result.stdout, "train.jsonl", "6 records", "100.0%")
    assert says(result.stderr, "warning", "train", "6 records", "Amazon Nova Micro", "8 to 20,000")
    assert says(result.stderr, "warning", "validation", "0 records")


def test_an_empty_part_is_told_without_a_base_model_too(tmp_path: Path) -> None:
    result = run("split", conversations(tmp_path / "all.jsonl", 1), tmp_path / "parts", "--validation", "0.0001%")
    assert says(result.stderr, "warning", "validation")


@pytest.mark.parametrize("options", [("--validation", "10"), ("--validation", "60%", "--test", "50%"), ()])
def test_impossible_shares_are_a_usage_error(tmp_path: Path, options: tuple[str, ...]) -> None:
    assert run("split", conversations(tmp_path / "all.jsonl", 9), tmp_path / "parts", *options).exit_code == 2
    assert not (tmp_path / "parts").exists()
