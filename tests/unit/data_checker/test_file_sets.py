"""Files that belong together: what they have in common, and what they come to."""

from pathlib import Path

import pytest

from bedrock_lifecycle.contract import FINE_TUNING
from bedrock_tuning.data.checker import Split, check_files, counters
from tests.support.messages import says
from tests.unit.dataset_rules.corpus.case import Expected
from tests.unit.dataset_rules.corpus.file_sets import CASES, FileSet, records


@pytest.mark.parametrize("files", CASES.values(), ids=CASES.keys())
def test_finds_everything_and_nothing_else(files: FileSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "COMPARED_RECORDS", files.compared)
    paths = write(files, tmp_path)
    waiting = [files.meanwhile] if files.meanwhile else []

    def progress(split: Split, _: int) -> None:
        if waiting and split == "train":
            waiting.pop()(paths["train"])

    report = check_files(paths, files.base_model, FINE_TUNING, progress=progress)
    found = {
        split: tuple(Expected(each.line, each.path, each.rule, each.level) for each in one.findings)
        for split, one in report.files.items()
    }
    assert found == files.expected
    assert report.accepted == all(each.level == "warning" for expected in found.values() for each in expected)
    assert report.error_count + report.warning_count == sum(map(len, found.values()))


def write(files: FileSet, folder: Path) -> dict[Split, Path]:
    paths: dict[Split, Path] = {}
    # In another order than they are checked in.
    for split, data in reversed(list(files.files.items())):
        paths[split] = folder / f"{split}.jsonl"
        if data is not None:
            paths[split].write_bytes(data)
    return paths


def test_says_where_the_first_of_two_records_is(tmp_path: Path) -> None:
    paths = write(FileSet({"train": records(0, 9) + records(4, 5), "validation": records(7, 8)}, {}), tmp_path)
    files = check_files(paths, FileSet({}, {}).base_model, FINE_TUNING).files
    (in_train,), (in_validation,) = files["train"].findings, files["validation"].findings
    assert (in_train.rule, says(in_train.message, "line 5")) == ("duplicate-record", True)
    assert (in_validation.rule, says(in_validation.message, "line 8", "training")) == ("overlap", True)


def test_compares_nothing_in_a_structural_check(tmp_path: Path) -> None:
    paths = write(FileSet({"train": records(0, 1) * 2, "validation": records(0, 1)}, {}), tmp_path)
    files = check_files(paths, FileSet({}, {}).base_model, FINE_TUNING, structural_only=True).files
    assert [report.findings for report in files.values()] == [(), ()]
    assert [report.statistics for report in files.values()] == [None, None]


def test_tells_how_far_it_is(tmp_path: Path) -> None:
    paths = write(FileSet({"train": records(0, 9), "test": records(10, 12)}, {}), tmp_path)
    told: list[tuple[Split, int]] = []
    check_files(paths, FileSet({}, {}).base_model, FINE_TUNING, progress=lambda split, read: told.append((split, read)))
    assert told == [("train", paths["train"].stat().st_size), ("test", paths["test"].stat().st_size)]
