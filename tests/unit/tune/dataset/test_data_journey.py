"""From prompts and completions to files that a base model takes, with nothing in between."""

import json
from pathlib import Path

import pytest

from tests.unit.tune.dataset.data import HAIKU, NOVA, pair, run, write


@pytest.mark.parametrize(("record_format", "base_model"), [("messages", HAIKU), ("converse", NOVA)])
def test_pairs_become_files_that_are_accepted_and_share_no_record(
    tmp_path: Path, record_format: str, base_model: str
) -> None:
    # Every tenth pair comes twice.
    pairs = write(tmp_path / "pairs.jsonl", *map(pair, range(600)), *map(pair, range(0, 600, 10)))
    every, folder = tmp_path / "all.jsonl", tmp_path / "data"

    converted = run("convert", pairs, every, "--to", record_format, "--system", "Answer briefly.")
    assert converted.exit_code == 0, converted.output
    split = run("split", every, folder, "--validation", "20%", "--test", "10%", "--base-model", base_model)
    assert split.exit_code == 0, split.output
    assert split.stderr == ""

    files = (folder / "train.jsonl", "--validation", folder / "validation.jsonl", "--test", folder / "test.jsonl")
    checked = run("check", *files, "--base-model", base_model, "--format", "json")
    assert checked.exit_code == 0, checked.output
    found = json.loads(checked.stdout)
    assert sum(file["records"] for file in found["files"]) == 660
    # The pairs that come twice are told as that, and none of them is in two files.
    assert sum(file["counts"].get("duplicate-record", 0) for file in found["files"]) == 60
    assert {rule for file in found["files"] for rule in file["counts"]} == {"duplicate-record"}
