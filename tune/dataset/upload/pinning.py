"""Writes digests into a settings file, and leaves every other character of it alone."""

import tomllib
from collections.abc import Mapping
from typing import Any, Final

import tomlkit
from tomlkit.items import InlineTable, Item, Key, SingleKey
from tomlkit.toml_document import TOMLDocument

_BOM: Final = "\ufeff"


class CannotPin(Exception):
    """The file is written in a way that cannot be edited safely; the message says what to write by hand."""


Place = tuple[str, str]
"""A table that names a file, by its keys: `("data", "train")`."""


def pinned(text: str, digests: Mapping[Place, str]) -> str:
    """Return a settings file in which files are named by digest: `train = { sha256 = "…" }`.

    Args:
        text: The file.
        digests: Of each table that named a file by path.

    Raises:
        CannotPin: When anything else would change.
    """
    mark, body = (_BOM, text.removeprefix(_BOM)) if text.startswith(_BOM) else ("", text)
    document = tomlkit.parse(body)
    for place, sha256 in digests.items():
        _replace(document, place, sha256)
    edited = tomlkit.dumps(document)
    # What Python's own parser reads must be what was there, but for these entries.
    if tomllib.loads(edited) != _expected(body, digests):
        lines = ", ".join(f'{".".join(place)}.sha256 = "{sha256}"' for place, sha256 in digests.items())
        raise CannotPin(f"the settings file cannot be edited without changing more of it: write {lines} for path")
    return mark + edited


def _replace(document: TOMLDocument, place: Place, sha256: str) -> None:
    outer, name = place
    table: Any = document[outer]
    entry = table[name]
    if isinstance(entry, InlineTable):
        # Made anew, since tomlkit leaves the blanks and commas of what is taken out of one.
        others = (f"{key} = {its.as_string()}" for key, its in entry.items() if key not in ("path", "sha256"))
        made = ", ".join((f'sha256 = "{sha256}"', *others))
        table[name] = tomlkit.parse(f"new = {{ {made} }}")["new"]
        return
    # In the place of the path: what is added goes to the end, behind a comment that is about the next table.
    body = [(key, its) for key, its in entry.value.body if key is None or key.key != "sha256"]
    entry.value.body[:] = [_named(key, its, sha256) if key and key.key == "path" else (key, its) for key, its in body]


def _named(key: Key, path: Item, sha256: str) -> tuple[Key, Item]:
    """Return the digest with what stood around the path: its indentation, its comment and how its line ends."""
    name = SingleKey("sha256", sep=key.sep, original=key.as_string().replace("path", "sha256"))
    digest = tomlkit.string(sha256)
    vars(digest.trivia).update(vars(path.trivia))
    return name, digest


def _expected(text: str, digests: Mapping[Place, str]) -> dict[str, Any]:
    told = tomllib.loads(text)
    for (outer, name), sha256 in digests.items():
        others = {key: its for key, its in told[outer][name].items() if key != "path"}
        told[outer] = {**told[outer], name: {**others, "sha256": sha256}}
    return told
