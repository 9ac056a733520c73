"""What a survey of a file comes to: its numbers, and warnings about its quality."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.findings import Findings
from bedrock_lifecycle.dataset.rules.limits import CAUTIOUS_CHARACTERS_PER_TOKEN, CHARACTERS_PER_TOKEN
from bedrock_tuning.data.checker.comparison import RecordComparison
from bedrock_tuning.data.checker.counters import Counters, RecordColumns
from bedrock_tuning.data.checker.local_file import LocalFile
from bedrock_tuning.data.checker.report import FileStatistics, HistogramBucket, TokenRange
from bedrock_tuning.data.checker.system_prompts import SystemPrompts

WARNINGS: Final = (
    *("duplicate-record", "overlap", "question-repeated", "question-overlap", "system-prompt-missing"),
    *("system-prompt-changes", "answers-alike", "length-outlier", "comparison-bounded"),
)
"""The rules of this module."""
OUTLIER_FACTOR: Final = 10
_FEWEST_TO_JUDGE: Final = 10
_SPLITS: Final[dict[Split, str]] = {"train": "training", "validation": "validation", "test": "test"}


def judge(
    survey: Counters, split: Split, file: LocalFile, comparison: RecordComparison, findings: Findings
) -> FileStatistics:
    """Compare the records with those before them, add warnings to `findings` and return the numbers."""
    columns = survey.columns(comparison.room)
    _tell_repetitions(split, file, columns, comparison, findings)
    _tell_system_prompts(split, survey.system_prompts, comparison, findings)
    compared = len(columns.lines)
    if survey.answer is not None and survey.records > 1:
        findings.add(0, "", "answers-alike", f"has the same answer in all {survey.records} records")
    if compared < survey.records:
        told = f"has too many records to compare them all: the first {compared} of {survey.records} were compared"
        findings.add(0, "", "comparison-bounded", told)
    sizes = sorted(columns.text_bytes)
    median = sizes[(compared - 1) // 2] if sizes else 0
    if compared >= _FEWEST_TO_JUDGE:
        _tell_outliers(columns, median, findings)
    return FileStatistics(
        records=survey.records,
        turns=survey.turns,
        characters=survey.characters,
        tokens=TokenRange(survey.characters // CHARACTERS_PER_TOKEN, _tokens(survey.text_bytes)),
        histogram=_histogram(sizes),
        median_tokens=_tokens(median),
        max_tokens=_tokens(survey.longest),
        duplicates=findings.counts.get("duplicate-record", 0),
        compared=compared,
    )


def _tell_repetitions(
    split: Split, file: LocalFile, columns: RecordColumns, comparison: RecordComparison, findings: Findings
) -> None:
    for line, first_split, first_line, is_whole in comparison.show(split, file, columns):
        first = (
            f"line {first_line}" if first_split == split else f"line {first_line} of the {_SPLITS[first_split]} file"
        )
        if is_whole:
            findings.add(
                line, "", "duplicate-record" if first_split == split else "overlap", f"says the same as {first}"
            )
        else:
            rule = "question-repeated" if first_split == split else "question-overlap"
            findings.add(line, "", rule, f"asks the same as {first}, with another answer: keep one of them")


def _tell_system_prompts(
    split: Split, prompts: SystemPrompts, comparison: RecordComparison, findings: Findings
) -> None:
    for told in prompts.warnings(comparison.trained):
        findings.add(told.line, "", told.rule, told.message)
    if split == "train":
        comparison.trained = prompts


def _tell_outliers(columns: RecordColumns, median: int, findings: Findings) -> None:
    for line, size in zip(columns.lines, columns.text_bytes, strict=True):
        if size > median * OUTLIER_FACTOR or size * OUTLIER_FACTOR < median:
            told = f"has {size} bytes of text, the median record has {median}: more than {OUTLIER_FACTOR} times apart"
            findings.add(line, "", "length-outlier", told)


def _histogram(sizes: Sequence[int]) -> tuple[HistogramBucket, ...]:
    """Return buckets that double, from that of the shortest record to that of the longest; `sizes` are sorted."""
    buckets: list[HistogramBucket] = []
    for power in range(_tokens(sizes[0]).bit_length(), _tokens(sizes[-1]).bit_length() + 1) if sizes else ():
        least, most = 1 << power >> 1, (1 << power) - 1
        below = [bisect_left(sizes, bound, key=_tokens) for bound in (least, most + 1)]
        buckets.append(HistogramBucket(least, most, below[1] - below[0]))
    return tuple(buckets)


def _tokens(size: int) -> int:
    """Return how many tokens so many bytes of text may be."""
    return -(-size // CAUTIOUS_CHARACTERS_PER_TOKEN)
