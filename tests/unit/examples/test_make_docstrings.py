"""The committed example dataset, and what makes it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import make_docstrings
from examples.make_docstrings import ROOT, SPLITS, dataset_files, read_extract, sample, split_of
from examples.stdlib_functions import Function

FILES = sorted(ROOT.glob("*/*.jsonl"))
NOVA_RESERVED = ("User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]")
CLAUDE_RESERVED = ("\nHuman:", "\nAssistant:")

any_function = st.builds(
    Function, module=st.text(max_size=5), name=st.text(max_size=5), source=st.text(), summary=st.text()
)


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value
    return [text for item in items for text in texts_of(item)]


def records_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_makes_the_committed_bytes_again() -> None:
    made = dataset_files(read_extract())
    assert {ROOT / name: data for name, data in made.items()} == {path: path.read_bytes() for path in FILES}


def test_writes_into_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "source.json").write_bytes((ROOT / "source.json").read_bytes())
    make_docstrings.write_dataset(tmp_path)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.jsonl")}
    assert written == {path.relative_to(ROOT) for path in FILES}
    assert "320 records" in capsys.readouterr().out


def test_takes_an_extract_that_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    functions = read_extract()[:5]
    monkeypatch.setattr(make_docstrings, "stdlib_functions", lambda root: functions)
    make_docstrings.write_extract(tmp_path)
    assert read_extract(tmp_path) == functions


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_file_is_plain_lines_of_json(path: Path) -> None:
    data = path.read_bytes()
    assert data.isascii()
    assert b"\r" not in data
    assert data.endswith(b"}\n")
    assert len(records_of(path)) == data.count(b"\n") == SPLITS[path.stem]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_file_holds_a_reserved_word(path: Path) -> None:
    words = re.compile("|".join(map(re.escape, NOVA_RESERVED + CLAUDE_RESERVED)), re.IGNORECASE)
    assert not [text for record in records_of(path) for text in texts_of(record) if words.search(text)]


def test_the_files_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in [*FILES, ROOT / "source.json"]) < 600_000


def test_no_function_and_no_summary_is_in_two_splits() -> None:
    functions = read_extract()
    assert len({function.source for function in functions}) == len(functions)
    assert len({function.summary for function in functions}) == len(functions)


@given(any_function, st.text(), st.text())
def test_only_the_text_of_a_function_decides_its_split(function: Function, module: str, name: str) -> None:
    assert split_of(function) == split_of(replace(function, module=module, name=name))
    assert split_of(function) in SPLITS


@given(st.lists(any_function, max_size=30, unique_by=lambda function: function.digest), any_function)
def test_an_added_function_moves_no_other(functions: list[Function], added: Function) -> None:
    before, after = dataset_files(functions), dataset_files([*functions, added])
    for name, data in before.items():
        remaining = iter(after[name].splitlines())
        assert all(line in remaining for line in data.splitlines())


def test_a_sample_takes_at_most_ten_functions_of_a_module() -> None:
    functions = [Function("one", f"f{number}", f"source {number}", "Do it.") for number in range(99)]
    assert len(sample(functions)) == 10


def test_a_sample_fills_no_split_beyond_its_size() -> None:
    functions = [Function(f"m{number}", "f", f"source {number}", "Do it.") for number in range(2000)]
    splits = [split_of(function) for function in sample(functions)]
    assert {split: splits.count(split) for split in SPLITS} == SPLITS
