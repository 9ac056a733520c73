"""The numbers of a file, and what a training on it comes to."""

from decimal import Decimal
from pathlib import Path

import pytest

from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_tuning.data.checker import (
    FileStatistics,
    HistogramBucket,
    TokenRange,
    check_file,
    fast_path,
    training_estimate,
)
from tests.support.messages import saying
from tests.unit.dataset_rules.corpus.case import asked, blocks, said
from tests.unit.dataset_rules.samples import any_limits


def statistics_of(tmp_path: Path, data: str, limits: Limits | None = None) -> FileStatistics:
    path = tmp_path / "any.jsonl"
    path.write_text(data, encoding="utf-8")
    statistics = check_file(path, limits or any_limits(max_tokens_per_record=10_000)).statistics
    assert statistics
    return statistics


@pytest.mark.parametrize("fast", [True, False], ids=["with simdjson", "without"])
def test_counts_what_a_file_is_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast: bool) -> None:
    if not fast:
        monkeypatch.setattr(fast_path, "simdjson", None)
    data = [said("q" * 30, "a" * 30), said("q" * 300, "é" * 6, "r", "b", system="s"), said("q" * 30, "a" * 30)]
    found = statistics_of(tmp_path, "\n".join(line.replace(", ", ",").replace(": ", ":") for line in data))
    assert found == FileStatistics(
        records=3,
        turns=8,
        characters=60 + 309 + 60,
        # An é takes two bytes; what JSON itself takes counts for nothing.
        tokens=TokenRange(low=429 // 6, high=(60 + 315 + 60) // 3),
        histogram=(HistogramBucket(16, 31, 2), HistogramBucket(32, 63, 0), HistogramBucket(64, 127, 1)),
        median_tokens=20,
        max_tokens=105,
        duplicates=1,
        compared=3,
    )


@pytest.mark.parametrize(
    ("data_format", "line", "turns"),
    [
        (RecordFormat.MESSAGES, said("q", "a", "q", "a"), 4),
        (RecordFormat.CONVERSE, blocks([{"text": "q"}, {"text": "q"}], "a", system=[{"text": "s"}]), 2),
        (RecordFormat.PROMPT_COMPLETION, asked(), 2),
    ],
)
def test_counts_turns_in_every_format(tmp_path: Path, data_format: RecordFormat, line: str, turns: int) -> None:
    assert statistics_of(tmp_path, line, any_limits(data_format)).turns == turns


def test_counts_only_records_without_errors(tmp_path: Path) -> None:
    found = statistics_of(tmp_path, "{}\n" + said("q", "a") + "\nany\n" + said("", "a"))
    assert (found.records, found.turns, found.compared) == (1, 2, 1)


def test_an_empty_file_has_numbers_too(tmp_path: Path) -> None:
    assert statistics_of(tmp_path, "") == FileStatistics(0, 0, 0, TokenRange(0, 0), (), 0, 0, 0, 0)


def test_the_estimate_is_tokens_times_epochs(tmp_path: Path) -> None:
    found = statistics_of(tmp_path, said("q" * 3_000, "a" * 3_000))
    estimate = training_estimate(found, epochs=3)
    assert estimate.tokens == TokenRange(low=3 * 1000, high=3 * found.tokens.high)
    assert found.tokens.high == 2003  # the eight spaces between keys and values count as text
    assert estimate.epochs == 3
    assert "estimated" in estimate.basis
    assert estimate.cost(Decimal("2.50")) == (Decimal("0.0075"), Decimal("0.0150225"))


def test_no_training_has_less_than_one_epoch(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=saying("epochs", 0, 1)):
        training_estimate(statistics_of(tmp_path, said("q", "a")), epochs=0)
