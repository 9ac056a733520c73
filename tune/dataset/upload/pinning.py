"""Writes digests into a settings file, and leaves every other character of it alone."""

import tomllib
from collections.abc import Mapping
from typing import Any, Final

import tomlkit
from tomlkit.items import InlineTable
from tomlkit.toml_document import TOMLDocument

from bedrock_lifecycle.contract import Split

_BOM: Final = "\ufeff"


class CannotPin(Exception):
    """The file is written in a way that cannot be edited safely; the message says what to write by hand."""


def pinned(text: str, digests: Mapping[Split, str]) -> str:
    """Return a settings file in which data files are named by digest: `train = { sha256 = "…" }`.

    Args:
        text: The file.
        digests: Of each changed entry of `[data]`, by its name.

    Raises:
        CannotPin: When anything else would change.
    """
    mark, body = (_BOM, text.removeprefix(_BOM)) if text.startswith(_BOM) else ("", text)
    document = tomlkit.parse(body)
    for name, sha256 in digests.items():
        _replace(document, name, sha256)
    edited = tomlkit.dumps(document)
    # What Python's own parser reads must be what was there, but for these entries.
    if tomllib.loads(edited) != _expected(body, digests):
        lines = ", ".join(f'{name} = {{ sha256 = "{sha256}" }}' for name, sha256 in digests.items())
        raise CannotPin(f"the settings file cannot be edited without changing more of it: write under [data] {lines}")
    return mark + edited


def _replace(document: TOMLDocument, name: str, sha256: str) -> None:
    data: Any = document["data"]
    entry = data[name]
    if isinstance(entry, InlineTable):
        data[name] = tomlkit.parse(f'new = {{ sha256 = "{sha256}" }}')["new"]
        return
    digest = tomlkit.string(sha256)
    space = entry["path"].trivia
    del entry["path"]
    entry["sha256"] = digest
    # What stood around the path: its indentation, its comment and how its line ends.
    vars(entry["sha256"].trivia).update(vars(space))


def _expected(text: str, digests: Mapping[Split, str]) -> dict[str, Any]:
    before = tomllib.loads(text)
    return {**before, "data": {**before["data"], **{name: {"sha256": its} for name, its in digests.items()}}}
