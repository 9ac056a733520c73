"""Finds records that say or ask the same, in one file or in several, without keeping what they say."""

from collections.abc import Iterator
from typing import NamedTuple

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.strict_json import StrictReader
from bedrock_tuning.data.checker import counters
from bedrock_tuning.data.checker.content import RecordContent, content_of
from bedrock_tuning.data.checker.counters import RecordColumns
from bedrock_tuning.data.checker.local_file import LocalFile
from bedrock_tuning.data.checker.system_prompts import SystemPrompts


class Repetition(NamedTuple):
    """A line that asks what another line asked before, of the same file or of one before it.

    `is_whole` tells that it has the same answer too.
    """

    line: int
    first_split: Split
    first_line: int
    is_whole: bool


class RecordComparison:
    """Knows the records that it was shown. Two are the same when their contents have the same 16-byte digest.

    A digest of everything would cost more than all the rules together, so at first a record is known by the sketch of
    its question. Only when another has the same, both are read again and their digests taken. Records are counted
    through all files. `trained` has the system prompts of the training file, once it was shown.
    """

    def __init__(self) -> None:
        self._files: list[tuple[int, Split, LocalFile, RecordColumns]] = []
        self._shown = 0
        self._by_sketch: dict[int, int] = {}
        self._digested: set[int] = set()
        self._by_digest: dict[bytes, int] = {}
        self._by_question: dict[bytes, int] = {}
        self.trained: SystemPrompts | None = None
        self._reader = StrictReader()

    @property
    def room(self) -> int:
        """How many more records it takes."""
        return max(counters.COMPARED_RECORDS - self._shown, 0)

    def show(self, split: Split, file: LocalFile, columns: RecordColumns) -> Iterator[Repetition]:
        """Show the records of another file, which stays open; yield those that ask what was asked before."""
        self._files.append((self._shown, split, file, columns))
        for index, sketch in enumerate(columns.sketches, start=self._shown):
            other = self._by_sketch.setdefault(sketch, index)
            if other == index:
                continue
            if sketch not in self._digested:
                self._digested.add(sketch)
                self._first_like(other)
            first, is_whole = self._first_like(index)
            if first != index:
                yield Repetition(columns.lines[index - self._shown], *self._place(first), is_whole)
        self._shown += len(columns.sketches)

    def _first_like(self, index: int) -> tuple[int, bool]:
        """Return the first record that says the same, else the first that asks the same, and which of both it is."""
        content = self._read(index)
        if content is None:
            return index, False
        same = self._by_digest.setdefault(content.digest(), index)
        asks_the_same = self._by_question.setdefault(content.question.digest(), index)
        return (same, True) if same != index else (asks_the_same, False)

    def _read(self, index: int) -> RecordContent | None:
        before, _, file, columns = self._file_of(index)
        here = index - before
        record, problems = self._reader.read(file.read(columns.offsets[here], columns.line_bytes[here]))
        try:
            return None if problems else content_of(record)
        except (LookupError, TypeError, AttributeError):  # somebody wrote to the file meanwhile
            return None

    def _place(self, index: int) -> tuple[Split, int]:
        before, split, _, columns = self._file_of(index)
        return split, columns.lines[index - before]

    def _file_of(self, index: int) -> tuple[int, Split, LocalFile, RecordColumns]:
        return next(file for file in reversed(self._files) if file[0] <= index)
