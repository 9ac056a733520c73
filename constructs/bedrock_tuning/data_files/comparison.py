"""Finds records that say the same, in one file or in several, without keeping what they say."""

import json
from array import array
from typing import Final, NamedTuple

from bedrock_tuning.data_files.content import Content, content_of
from bedrock_tuning.data_files.limits import Split
from bedrock_tuning.data_files.local_file import LocalFile

COMPARED_RECORDS: Final = 200_000
"""So many records are compared with each other, ten times what a base model takes; it bounds the memory."""

_END: Final = 64


class Place(NamedTuple):
    """Where a record is."""

    split: Split
    line: int


class Comparison:
    """Knows the records that it was shown. Two are the same when their contents have the same 16-byte digest.

    A digest of everything would cost more than all the rules together, so at first a record is known by the lengths of
    its texts and a few of their ends. Only when another has the same, both are read and their digests taken.
    """

    def __init__(self) -> None:
        self._files: list[tuple[Split, LocalFile]] = []
        # For each record: its file, its line, and where that line is.
        self._file_of = array("B")
        self._lines = array("Q")
        self._offsets = array("Q")
        self._sizes = array("Q")
        self._by_ends: dict[int, int] = {}
        self._ends_in_digests: set[int] = set()
        self._by_digest: dict[bytes, int] = {}

    @property
    def is_open(self) -> bool:
        """Whether it takes more records."""
        return len(self._lines) < COMPARED_RECORDS

    def start(self, split: Split, file: LocalFile) -> None:
        """Say that the records to come are those of another file, which stays open."""
        self._files.append((split, file))

    def add(self, line: int, offset: int, size: int, content: Content) -> Place | None:
        """Show a record, a line of `size` bytes at `offset`; return where the first one is that says the same."""
        index = len(self._lines)
        self._file_of.append(len(self._files) - 1)
        self._lines.append(line)
        self._offsets.append(offset)
        self._sizes.append(size)
        texts = content.texts
        ends = hash((*map(len, texts), texts[-1][-_END:], texts[-2][:_END], texts[-2][-_END:]))
        other = self._by_ends.setdefault(ends, index)
        if other == index:
            return None
        self._digest_first(ends, other)
        first = self._by_digest.setdefault(content.digest(), index)
        return None if first == index else self._place(first)

    def _digest_first(self, ends: int, index: int) -> None:
        if ends in self._ends_in_digests:
            return
        self._ends_in_digests.add(ends)
        content = self._read(index)
        if content:
            self._by_digest.setdefault(content.digest(), index)

    def _read(self, index: int) -> Content | None:
        _, file = self._files[self._file_of[index]]
        data = file.read(self._offsets[index], self._sizes[index])
        try:
            return content_of(json.loads(data))
        except (ValueError, LookupError, TypeError):  # written to meanwhile, which is told when the file ends
            return None

    def _place(self, index: int) -> Place:
        split, _ = self._files[self._file_of[index]]
        return Place(split, self._lines[index])
