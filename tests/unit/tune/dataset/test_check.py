"""Findings in, exit code out; content nowhere."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.support.messages import says
from tests.unit.tune.dataset.data import HAIKU, NOVA, SECRET, conversation, conversations, run, write
from tune.dataset.reports import PLACES

BAD = b'{"messages": "' + SECRET.encode() + b'", "' + SECRET.encode() + b'": 1}\n'
FORMATS = ("text", "json", "github", "sarif")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return conversations(tmp_path / "train.jsonl", 40)


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    """A file with a warning in its second line."""
    odd = conversation(1, id="any")
    return write(tmp_path / "train.jsonl", conversation(0), odd, *map(conversation, range(2, 40)))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write(tmp_path / "train.jsonl", *map(conversation, range(10)), *([BAD] * 50))


@pytest.mark.parametrize("output", FORMATS)
def test_good_data_ends_with_0(good: Path, output: str) -> None:
    assert run("check", good, "--base-model", NOVA, "--format", output).exit_code == 0


@pytest.mark.parametrize("output", FORMATS)
def test_a_warning_ends_with_0_and_with_1_when_strict(warned: Path, output: str) -> None:
    told = run("check", warned, "--base-model", NOVA, "--format", output)
    assert told.exit_code == 0
    assert "other-key" in told.stdout
    assert run("check", warned, "--base-model", NOVA, "--format", output, "--strict").exit_code == 1


@pytest.mark.parametrize("output", FORMATS)
def test_an_error_ends_with_1_and_no_format_shows_content(bad: Path, output: str) -> None:
    result = run("check", bad, "--base-model", NOVA, "--format", output)
    assert result.exit_code == 1
    assert "messages" in result.stdout
    assert SECRET not in result.output


@pytest.mark.parametrize("output", FORMATS)
def test_an_empty_file_is_refused_as_data(tmp_path: Path, output: str) -> None:
    result = run("check", write(tmp_path / "train.jsonl"), "--base-model", NOVA, "--format", output)
    assert result.exit_code == 1
    assert "record-count" in result.stdout


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device", "loop", "long name"])
def test_what_cannot_be_checked_ends_with_2_and_a_line_of_words(tmp_path: Path, kind: str, output: str) -> None:
    path = tmp_path / "train.jsonl"
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "loop":
        path.symlink_to(path)
    others = {"folder": tmp_path, "device": Path(os.devnull), "long name": "x" * 300}
    result = run("check", others.get(kind, path), "--base-model", NOVA, "--format", output)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_every_file_that_cannot_be_checked_is_named(tmp_path: Path, good: Path) -> None:
    options = ("--validation", tmp_path / "one.jsonl", "--test", tmp_path)
    result = run("check", good, *options, "--base-model", NOVA)
    assert result.exit_code == 2
    assert says(result.stderr, "one.jsonl")
    assert says(result.stderr, tmp_path, "directory")


def test_files_are_judged_by_what_they_are_for(tmp_path: Path, good: Path) -> None:
    few = conversations(tmp_path / "few.jsonl", 3, start=100)
    assert run("check", good, "--test", few, "--base-model", NOVA).exit_code == 0
    result = run("check", few, "--base-model", NOVA)
    assert result.exit_code == 1
    assert says(result.stdout.replace(",", ""), 3, "8 to 20000")


def test_many_findings_are_grouped_and_all_of_them_counted(bad: Path) -> None:
    result = run("check", bad, "--base-model", NOVA)
    assert says(result.stdout, bad, "50 errors", "100 warnings", "60 records")
    assert says(result.stdout, "error messages", "50 times")
    assert len(re.findall(r"^    line \d+", result.stdout, re.MULTILINE)) == 3 * PLACES
    assert result.stdout.count(f"and {50 - PLACES} more") == 3


def test_more_places_can_be_asked_for(bad: Path) -> None:
    result = run("check", bad, "--base-model", NOVA, "--places", "50")
    assert len(re.findall(r"^    line \d+", result.stdout, re.MULTILINE)) == 3 * 50
    assert "    and " not in result.stdout


def test_the_document_has_every_number(bad: Path, tmp_path: Path) -> None:
    validation = conversations(tmp_path / "validation.jsonl", 10, start=100)
    result = run("check", bad, "--validation", validation, "--base-model", NOVA, "--format", "json")
    document = json.loads(result.stdout)
    assert {key: document[key] for key in ("version", "baseModel", "accepted", "errors", "warnings")} == {
        "version": 1,
        "baseModel": NOVA,
        "accepted": False,
        "errors": 50,
        "warnings": 100,
    }
    train, second = document["files"]
    assert (train["split"], second["split"]) == ("train", "validation")
    assert train["counts"] == {"messages": 50, "schema-version-missing": 50, "other-key": 50}
    assert len(train["findings"]) == 150
    assert train["findings"][0]["line"] == 11
    assert (second["records"], second["errors"], second["findings"]) == (10, 0, [])
    assert second["bytes"] == validation.stat().st_size


def test_the_base_model_may_be_that_of_an_environment() -> None:
    folder = Path(__file__).resolve().parents[4] / "examples" / "docstrings"
    assert run("check", folder / "converse" / "train.jsonl", "--environment", "dev").exit_code == 0
    assert run("check", folder / "converse" / "train.jsonl", "--environment", "local").exit_code == 1


def test_without_files_those_of_the_environment_are_checked() -> None:
    result = run("check", "--environment", "local", "--format", "json")
    assert result.exit_code == 0
    files = [each["file"] for each in json.loads(result.stdout)["files"]]
    assert files == [f"examples/docstrings/messages/{name}.jsonl" for name in ("train", "validation", "test")]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ((), ["--base-model", "--environment"]),
        (("--base-model", NOVA, "--environment", "dev"), ["--base-model", "--environment"]),
        (("--base-model", "amazon.nova-micro"), ["amazon.nova-micro-v1:0:128k?"]),
        (("--environment", "none"), ["'none'"]),
        (("--base-model", NOVA, "--format", "xml"), ["xml"]),
        (("--base-model", NOVA, "--places", "0"), ["1"]),
    ],
)
def test_wrong_usage_ends_with_2(good: Path, options: tuple[str, ...], named: list[str]) -> None:
    result = run("check", good, *options)
    assert result.exit_code == 2
    assert says(result.stderr, *named)


@pytest.mark.parametrize("options", [("--base-model", HAIKU), ("--environment", "dev", "--test", "x.jsonl")])
def test_training_data_must_be_named(options: tuple[str, ...]) -> None:
    result = run("check", *options)
    assert result.exit_code == 2
    assert "TRAIN" in result.stderr


@pytest.mark.parametrize("output", FORMATS)
def test_content_is_not_shown_where_it_would_be_kept(bad: Path, output: str) -> None:
    result = run("check", bad, "--base-model", NOVA, "--format", output, "--show-content")
    assert result.exit_code == 2
    assert SECRET not in result.output


def test_a_file_name_of_any_characters_is_told_on_one_line(tmp_path: Path) -> None:
    path = conversations(tmp_path / "a\n\x1b[31m[red]::b\udcff.jsonl", 40)
    for output in FORMATS:
        result = run("check", path, "--base-model", NOVA, "--format", output)
        assert result.exit_code == 0, result.output
        assert "\x1b" not in result.output
    assert len(run("check", path, "--base-model", NOVA).stdout.splitlines()) == 1
