"""Counts what a file is like while its records pass by, in bounded memory."""

import statistics
from array import array
from typing import Final

from bedrock_lifecycle.dataset.findings import Findings
from bedrock_lifecycle.dataset.limits import CAUTIOUS_CHARACTERS_PER_TOKEN, CHARACTERS_PER_TOKEN, RecordFormat
from bedrock_tuning.data_files.comparison import Comparison
from bedrock_tuning.data_files.content import Content, frame_bytes
from bedrock_tuning.data_files.limits import Split
from bedrock_tuning.data_files.statistics import Bucket, FileStatistics, TokenRange

OUTLIER_FACTOR: Final = 10
WARNINGS: Final = ("duplicate-record", "overlap", "answers-alike", "length-outlier", "comparison-bounded")
"""The rules of this module."""
_FEWEST_TO_JUDGE: Final = 10
_SPLITS: Final[dict[Split, str]] = {"train": "training", "validation": "validation", "test": "test"}


class Survey:
    """Sees every record of one file in which no rule found an error, and keeps numbers of them.

    `findings` are warnings: what is worth a look, although no rule forbids it.
    """

    def __init__(self, data_format: RecordFormat, split: Split, comparison: Comparison) -> None:
        self.findings = Findings()
        self._data_format = data_format
        self._split = split
        self._comparison = comparison
        self._records = 0
        self._turns = 0
        self._characters = 0
        self._bytes = 0
        self._longest = 0
        self._buckets = [0] * 64
        # Of the first records, which are compared: their lines and how many bytes of text they have.
        self._lines = array("Q")
        self._sizes = array("Q")
        self._answer: list[str] | None = None
        self._answers_alike = True

    def see(self, line: int, offset: int, line_bytes: int, content: Content) -> None:
        """Count a record: the line's number, where it is in the file, its bytes without the line feed."""
        size = line_bytes - frame_bytes(self._data_format, content.parts)
        self._records += 1
        self._turns += content.turns
        self._characters += content.characters
        self._bytes += size
        if size > self._longest:
            self._longest = size
        self._buckets[_tokens(size).bit_length()] += 1
        if self._answers_alike:
            self._compare_answer(content)
        if self._comparison.is_open:
            self._lines.append(line)
            self._sizes.append(size)
            self._compare(line, offset, line_bytes, content)

    def finish(self) -> FileStatistics:
        """Tell what only shows when all records were seen, and return the numbers."""
        compared = len(self._lines)
        if self._answers_alike and self._records > 1:
            self.findings.add(0, "", "answers-alike", f"has the same answer in all {self._records} records")
        if compared < self._records:
            told = f"has more records than are compared with each other: the first {compared} of {self._records} were"
            self.findings.add(0, "", "comparison-bounded", told)
        median = int(statistics.median(self._sizes)) if compared else 0
        if compared >= _FEWEST_TO_JUDGE:
            self._outliers(median)
        return FileStatistics(
            records=self._records,
            turns=self._turns,
            characters=self._characters,
            tokens=TokenRange(self._characters // CHARACTERS_PER_TOKEN, _tokens(self._bytes)),
            histogram=self._histogram(),
            median_tokens=_tokens(median),
            max_tokens=_tokens(self._longest),
            duplicates=self.findings.counts.get("duplicate-record", 0),
            compared=compared,
        )

    def _compare(self, line: int, offset: int, line_bytes: int, content: Content) -> None:
        place = self._comparison.add(line, offset, line_bytes, content)
        if place is None:
            return
        if place.split == self._split:
            self.findings.add(line, "", "duplicate-record", f"says the same as line {place.line}")
        else:
            told = f"says the same as line {place.line} of the {_SPLITS[place.split]} file"
            self.findings.add(line, "", "overlap", told)

    def _compare_answer(self, content: Content) -> None:
        if self._answer is None:
            self._answer = content.answer
        elif self._answer != content.answer:
            self._answers_alike = False
            self._answer = None

    def _outliers(self, median: int) -> None:
        for line, size in zip(self._lines, self._sizes, strict=True):
            if size > median * OUTLIER_FACTOR or size * OUTLIER_FACTOR < median:
                told = f"has {size} bytes of text, the median record {median}: more than {OUTLIER_FACTOR} times apart"
                self.findings.add(line, "", "length-outlier", told)

    def _histogram(self) -> tuple[Bucket, ...]:
        used = [index for index, records in enumerate(self._buckets) if records]
        span = range(used[0], used[-1] + 1) if used else range(0)
        return tuple(Bucket(1 << index >> 1, (1 << index) - 1, self._buckets[index]) for index in span)


def _tokens(size: int) -> int:
    return -(-size // CAUTIOUS_CHARACTERS_PER_TOKEN)
