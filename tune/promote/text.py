"""The file of the model in the environment that takes it: some tables are others, and every other line stays."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import tomlkit

from tune.terminal.problems import CannotBeDone

_PROMOTED: Final = "promotion"
_TRAINED: Final = ("training", "data")
_HEADER: Final = re.compile(r"\s*\[\[?\s*\"?([A-Za-z0-9_-]+)")
_ON_ONE_LINE: Final = ("train", "validation", "test")


class CannotEdit(CannotBeDone):
    """The file is written in a way that cannot be edited without changing more of it."""


def with_promotion(text: str, promotion: Mapping[str, Any], serving: Mapping[str, Any]) -> str:
    """Return a model's file that names a promoted model, in place of what it trains or named before.

    `serving` is written only where the file has no `[serving]`.
    """
    return _edited(text, {_PROMOTED: promotion}, serving)


def with_training(text: str, source: str, serving: Mapping[str, Any]) -> str:
    """Return a model's file that trains again from what another file, `source`, has in `[training]` and `[data]`.

    `[promotion]` is removed; `serving` as above.
    """
    theirs = tomllib.loads(source)
    return _edited(text, {name: theirs[name] for name in _TRAINED}, serving)


def _edited(text: str, tables: Mapping[str, Any], serving: Mapping[str, Any]) -> str:
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotEdit(f"the file of the model is not TOML ({error}): correct the file first") from None
    gone = (_PROMOTED, *_TRAINED)
    expected = {name: its for name, its in before.items() if name not in gone} | dict(tables)
    if "serving" not in expected:
        tables = {**tables, "serving": serving}
        expected["serving"] = serving
    lines, place = _without(text.splitlines(keepends=True), gone)
    end = "\r\n" if "\r\n" in text else "\n"
    edited = _joined(lines[:place], _written(tables).replace("\n", end), lines[place:], end)
    if not _says(edited, expected):
        raise CannotEdit(f"the file cannot be edited without changing more of it: remove its {', '.join(gone)} by hand")
    return edited


def _says(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        return False


def _without(lines: Sequence[str], tables: Sequence[str]) -> tuple[list[str], int]:
    """Return the lines without some tables, and where the first of them was, or where one belongs: before `[serving]`.

    Comments and empty lines that lead to a table that stays do so too.
    """
    kept: list[str] = []
    leading: list[str] = []
    place: int | None = None
    inside = False
    for line in lines:
        if found := _HEADER.match(line):
            inside = found[1] in tables
            kept, leading = kept if inside else kept + leading, []
            place = len(kept) if inside and place is None else place
        if not inside:
            kept.append(line)
        else:
            leading = [*leading, line] if _leads(line) else []
    return kept + leading, _before_serving(kept) if place is None else place


def _before_serving(lines: Sequence[str]) -> int:
    """Return where `[serving]` begins, with the comment that leads to it; the end where there is none."""
    headers = (number for number, line in enumerate(lines) if (found := _HEADER.match(line)) and found[1] == "serving")
    place = next(headers, len(lines))
    while place and lines[place - 1].lstrip().startswith("#"):
        place -= 1
    return place


def _leads(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _written(tables: Mapping[str, Any]) -> str:
    document = tomlkit.document()
    for name, its in tables.items():
        if document.body:
            document.add(tomlkit.nl())
        document.add(name, _table(its))
    return tomlkit.dumps(document)


def _table(values: Mapping[str, Any]) -> Any:
    """Return a table with its own tables below it, but for data files, each of which has a line."""
    table = tomlkit.table()
    below = {name: its for name, its in values.items() if isinstance(its, Mapping) and name not in _ON_ONE_LINE}
    for name, its in values.items():
        if name not in below:
            table.add(name, _inline(its) if isinstance(its, Mapping) else its)
    for name, its in below.items():
        table.add(name, _table(its))
    return table


def _inline(values: Mapping[str, Any]) -> Any:
    inline = tomlkit.inline_table()
    inline.update(values)
    return inline


def _joined(before: Sequence[str], new: str, after: Sequence[str], end: str) -> str:
    """Return the parts with one empty line between them."""
    parts = ("".join(before).rstrip(), new.strip(), "".join(after).strip())
    return (end * 2).join(part for part in parts if part) + end
