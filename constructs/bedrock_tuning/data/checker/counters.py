"""Counts what a file is like while its records pass by, in bounded memory."""

from array import array
from typing import Final, NamedTuple

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.data.checker.content import RecordContent, frame_bytes, sketch
from bedrock_tuning.data.checker.system_prompts import SystemPrompts

COMPARED_RECORDS: Final = 200_000
"""So many records are looked at one by one, ten times what a base model takes; it bounds the memory."""
_WIDTH: Final = 5


class RecordColumns(NamedTuple):
    """What is kept of records: their lines, where these are in the file, how long they and their texts are."""

    lines: "array[int]"
    offsets: "array[int]"
    line_bytes: "array[int]"
    text_bytes: "array[int]"
    sketches: "array[int]"


class Counters:
    """Sees every record in which no rule found an error, and keeps numbers of them.

    `records`, `turns`, `characters`, `text_bytes` and `longest` are of all records, and so is `answer`: the one that
    all have given so far, or None. Columns are kept of the first records alone.
    """

    def __init__(self, data_format: RecordFormat) -> None:
        self.records: int = 0
        self.turns: int = 0
        self.characters: int = 0
        self.text_bytes: int = 0
        self.longest: int = 0
        self.answer: list[str] | None = None
        self.system_prompts: SystemPrompts = SystemPrompts()
        self._data_format = data_format
        self._frames: dict[tuple[int, ...], int] = {}
        self._rows = array("Q")

    def see(self, line: int, offset: int, line_bytes: int, content: RecordContent, characters: int) -> None:
        """Count a record: the line's number, where it is in the file, its bytes without the line feed, its texts."""
        parts, texts = content
        frame = self._frames.get(parts)
        if frame is None:
            frame = self._frames[parts] = frame_bytes(self._data_format, parts)
        # A key that may be missing is part of the frame, so what is left can be less than the texts are.
        size = max(line_bytes - frame, characters)
        if not self.records:
            self.answer = content.answer
        elif self.answer is not None and self.answer != content.answer:
            self.answer = None
        prompts, system = self.system_prompts, texts[: parts[0]]
        if system != prompts.last:  # hardly ever
            prompts.change(line, system)
        prompts.use[0] += 1
        self.records += 1
        self.turns += len(parts) - 1
        self.characters += characters
        self.text_bytes += size
        if size > self.longest:
            self.longest = size
        if self.records <= COMPARED_RECORDS:
            self._rows.extend((line, offset, line_bytes, size, sketch(content, characters)))

    def columns(self, most: int) -> RecordColumns:
        """Return what is kept of the first records."""
        rows = self._rows[: most * _WIDTH]
        return RecordColumns(*(rows[column::_WIDTH] for column in range(_WIDTH)))

    def append(self, other: "Counters", *, after_lines: int, after_bytes: int) -> None:
        """Take over what was seen behind so many lines and bytes of the same file."""
        if not self.records:
            self.answer = other.answer
        elif other.records and self.answer != other.answer:
            self.answer = None
        self.system_prompts.append(other.system_prompts, after_lines)
        self.records += other.records
        self.turns += other.turns
        self.characters += other.characters
        self.text_bytes += other.text_bytes
        self.longest = max(self.longest, other.longest)
        for line, offset, *row in zip(*other.columns(COMPARED_RECORDS - len(self._rows) // _WIDTH), strict=True):
            self._rows.extend((line + after_lines, offset + after_bytes, *row))
