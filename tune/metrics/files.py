"""Writes a picture to a file, and over nothing but a picture."""

from pathlib import Path
from typing import Final

from tune.dataset.output import completed
from tune.pictures import png
from tune.terminal.labels import name_of, reason
from tune.terminal.problems import CannotBeDone

# What files of ours begin with: another SVG may begin otherwise, and stays.
_SVG: Final = b"<svg xmlns="
_PNG: Final = b"\x89PNG\r\n"
_MODE: Final = 0o666


class NotWritten(CannotBeDone):
    """The picture cannot be drawn or written; the message says why."""


def write_svg(file: Path, svg: str) -> None:
    """Write a picture as SVG; raise NotWritten, or `Unusable` for a place where nothing can be written."""
    _write(file, svg.encode(), _SVG, "SVG")


def write_png(file: Path, svg: str) -> None:
    """Write a picture as PNG; raise as `write_svg`, and NotWritten where the package for it is not installed."""
    try:
        content = png.drawn(svg)
    except png.CannotDraw as problem:
        raise NotWritten(str(problem)) from None
    _write(file, content, _PNG, "PNG")


def _write(file: Path, content: bytes, begins: bytes, kind: str) -> None:
    try:
        is_other = file.exists() and not (file.is_file() and _first(file, len(begins)) == begins)
    except OSError as error:
        raise NotWritten(f"{name_of(file)} cannot be used: {reason(error)}") from None
    if is_other:
        raise NotWritten(f"{name_of(file)} is there already and is no {kind} of this command: name another file")
    with completed(file, _MODE) as output:
        output.write(content)


def _first(file: Path, size: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(size)
