"""Writes a file of ours, such as a picture, and over nothing but another one."""

from pathlib import Path
from typing import Final

from tune.dataset.output import completed
from tune.pictures import png
from tune.terminal.labels import name_of, reason
from tune.terminal.problems import CannotBeDone

# What files of ours begin with: another SVG may begin otherwise, and stays.
_SVG: Final = b"<svg xmlns="
_PNG: Final = b"\x89PNG\r\n"
MODE: Final = 0o666
"""Whoever the user lets read what they write."""


class NotWritten(CannotBeDone):
    """The file cannot be made or written; the message says why."""


def write_svg(file: Path, svg: str) -> None:
    """Write a picture as SVG; raise NotWritten, or `Unusable` for a place where nothing can be written."""
    write(file, svg.encode(), _SVG, "SVG")


def write_png(file: Path, svg: str) -> None:
    """Write a picture as PNG; raise as `write_svg`, and NotWritten where the package for it is not installed."""
    try:
        content = png.drawn(svg)
    except png.CannotDraw as problem:
        raise NotWritten(str(problem)) from None
    write(file, content, _PNG, "PNG")


def write(file: Path, content: bytes, begins: bytes, kind: str, mode: int = MODE) -> None:
    """Write a file.

    Args:
        file: Where it goes.
        content: What it holds.
        begins: What files of this kind begin with; another one is not replaced.
        kind: What a message calls it.
        mode: Who may read it, less what the user's mask takes away.

    Raises:
        NotWritten: When another file is there.
        Unusable: For a place where nothing can be written.
    """
    try:
        is_other = file.exists() and not (file.is_file() and _first(file, len(begins)) == begins)
    except OSError as error:
        raise NotWritten(f"{name_of(file)} cannot be used: {reason(error)}") from None
    if is_other:
        raise NotWritten(f"{name_of(file)} already exists and is no {kind} of this command: name another file")
    with completed(file, mode) as output:
        output.write(content)


def _first(file: Path, size: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(size)
