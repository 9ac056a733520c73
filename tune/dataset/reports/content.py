"""The beginnings of lines, for the eyes of the person at this terminal and for nobody else."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tune.dataset.files import lines_of

_SHOWN_BYTES: Final = 160


def beginnings(path: Path, lines: Iterable[int]) -> dict[int, str]:
    """Return how lines begin, by their numbers; what a terminal would obey instead of show is escaped."""
    wanted = set(lines)
    return {line.number: _shown(line.data) for line in lines_of(path, _SHOWN_BYTES) if line.number in wanted}


def _shown(data: bytes) -> str:
    text = data.decode("utf-8", "backslashreplace")
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    return f"{shown}…" if len(data) == _SHOWN_BYTES else shown
