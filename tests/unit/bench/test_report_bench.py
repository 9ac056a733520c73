"""The bench of reports in its small form: what it measures is right, and what it judges can be missed."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.report import bench
from bench.report.bench import Result

MET = Result(records=1_000, reading=1.0, reporting=9.9, peak_bytes=299 * 1024**2, page_bytes=1_999_999, counted=1_000)


def missed(result: Result) -> list[str]:
    return [words for met, words in bench.judged_of(result) if not met]


@pytest.mark.parametrize(
    "change",
    [{"reporting": 10.0}, {"peak_bytes": 300 * 1024**2}, {"page_bytes": 2_000_000}, {"counted": 999}],
    ids=str,
)
def test_each_target_can_be_missed(change: dict[str, object]) -> None:
    assert missed(MET) == []
    assert len(missed(replace(MET, **change))) == 1  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_report_of_many_records_is_made_in_little_memory_and_its_page_does_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "_FOLDER", tmp_path)
    few, many = bench.measured(10_000), bench.measured(100_000)
    # A short report is mostly what does not grow with the records; `make bench-report` judges a long one.
    assert [words for words in missed(many) if "as long as" not in words] == []
    assert many.page_bytes < 1.1 * few.page_bytes
    assert many.peak_bytes < few.peak_bytes + 30 * 1024**2
    assert list(tmp_path.iterdir()) == []
