"""Lines out of a stream of bytes, in memory that a file without a newline cannot exhaust."""

from collections.abc import Iterator
from typing import NamedTuple


class Line(NamedTuple):
    """A line without its newline. One that is too long is cut after the bound."""

    number: int
    data: bytes
    too_long: bool


class LineSplitter:
    """Splits at line feeds alone, wherever the chunks end. A last line needs no newline."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._pending = bytearray()
        self._number = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            self._append(end)
            yield self._take()
        self._append(rest)

    def finish(self) -> Iterator[Line]:
        if self._pending:
            yield self._take()

    def _append(self, piece: bytes) -> None:
        # One byte beyond the bound tells a line that is too long from one that just fits.
        self._pending += piece[: self._max_bytes + 1 - len(self._pending)]

    def _take(self) -> Line:
        self._number += 1
        line = Line(self._number, bytes(self._pending[: self._max_bytes]), len(self._pending) > self._max_bytes)
        self._pending.clear()
        return line
