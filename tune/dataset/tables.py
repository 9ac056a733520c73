"""The rows of a CSV file as records, one by one, in bounded memory."""

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from bedrock_lifecycle.dataset.rules.foreign_shapes import delimiter_of
from bedrock_lifecycle.dataset.rules.lines import Line
from tune.dataset.files import Unusable, lines_of
from tune.dataset.progress import Advance
from tune.terminal.labels import name_of

SUFFIXES: Final = (".csv", ".tsv")
_DELIMITERS: Final = (b",", b";", b"\t")
_LONGEST_CELL: Final = 8 * 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"


class NamedRow(NamedTuple):
    """A row by the names of its columns, and the line that it starts at; None when it has another number of cells."""

    line: int
    cells: dict[str, Any] | None


def rows(path: Path, advance: Advance) -> Iterator[NamedRow]:
    """Yield the rows below the first one, which names the columns; raise Unusable for what is no table."""
    file = name_of(path)
    csv.field_size_limit(_LONGEST_CELL)
    lines = _Lines(path, advance)
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    names: list[str] = []
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not cells:
                continue
            if names:
                yield NamedRow(line, dict(zip(names, cells, strict=True)) if len(cells) == len(names) else None)
                continue
            names = [cell.strip() for cell in cells]
            if len(set(names)) < len(names):
                raise Unusable(f"{file} names a column twice in its first line: rename one of them")
    except csv.Error as error:
        raise Unusable(f"{file} line {reader.line_num}: is no table: {error}: correct the line") from None


class _Lines:
    """The lines of the file as the `csv` module wants them; `delimiter` is told by the first one."""

    def __init__(self, path: Path, advance: Advance) -> None:
        self._file = name_of(path)
        self._lines = lines_of(path, _LONGEST_CELL, advance)
        first = next(self._lines, Line(1, b"", too_long=False))
        self._first = first._replace(data=first.data.removeprefix(_BOM))
        most = max(_DELIMITERS, key=self._first.data.count)
        self.delimiter: Final = delimiter_of(self._first.data) or most.decode()

    def __iter__(self) -> Iterator[str]:
        for number, data, too_long in chain([self._first], self._lines):
            where = f"{self._file} line {number}"
            if too_long:
                raise Unusable(f"{where}: is longer than {_LONGEST_CELL} bytes: split it")
            try:
                yield data.decode("utf-8") + "\n"
            except UnicodeDecodeError as error:
                told = f"byte {error.start + 1} is not UTF-8: save the file as UTF-8"
                raise Unusable(f"{where}: {told}") from None
