"""Reads the profiles of a file: shared tables, a table for each model, and a page for every figure."""

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bedrock_tuning.base_models.profile import BaseModelProfile
from bedrock_tuning.base_models.profile_problems import field_problems, place
from bedrock_tuning.common.messages import shown

Document = Mapping[str, Any]


class ProfileError(ValueError):
    """A file whose profiles cannot be used; `problems` has one (place, message) for each thing that is wrong."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems: tuple[tuple[str, str], ...] = tuple(problems)
        super().__init__("\n".join(f"{where}: {message}" for where, message in self.problems))


def read_document(path: Path) -> dict[str, object]:
    """Return what a TOML file holds; decimals stay exact."""
    return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def profiles_of(document: Document, every_model: Document) -> tuple[BaseModelProfile, ...]:
    """Return the profiles that a file describes, in its order; raise ProfileError with everything that is wrong.

    A file describes one model at its top, or several in `[[models]]`. Then the tables at its top hold for all of them,
    and so do those of `every_model`; where two say something about one key, the more special one counts.
    """
    models = document.get("models", [{}])
    if not isinstance(models, list) or not models or not all(isinstance(model, dict) for model in models):
        why = f"must be one [[models]] for each model (got {shown(models)})"
        raise ProfileError([("models", f"{why}; add it, or write one model at the top of the file")])
    shared = {key: value for key, value in document.items() if key != "models"}
    profiles: list[BaseModelProfile] = []
    problems: dict[tuple[str, str], None] = {}  # a set in order: a shared table is wrong once, not once a model
    for index, model in enumerate(models):
        complete = _merged(every_model, shared, model)
        found: list[tuple[Sequence[object], str]] = list(_unsourced(complete))
        try:
            profiles.append(BaseModelProfile.model_validate(complete))
        except ValidationError as error:
            found.extend(field_problems(error))
        # Where it is: in the model's own table, or in one that it shares.
        for location, message in found:
            is_shared = "models" not in document or (_has(shared, location) and not _has(model, location))
            above = [] if is_shared else ["models", index]
            problems[place([*above, *location]), message] = None
    if problems:
        raise ProfileError(problems)
    return tuple(profiles)


def _merged(*documents: Document) -> dict[str, Any]:
    """Return the tables of all documents in one; a later one wins, key by key."""
    merged: dict[str, Any] = {}
    for document in documents:
        for key, value in document.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = _merged(merged[key], value) if both else value
    return merged


def _unsourced(table: Document, *location: str, sourced: bool = False) -> Iterator[tuple[Sequence[str], str]]:
    """Yield every table that has a figure, while neither it nor a table around it names a source."""
    figures = [key for key, value in table.items() if _is_figure(key, value)]
    if figures and not sourced and "source" not in table:
        why = f"has figures ({', '.join(figures)}) and must name the page that they are from"
        yield location, f'{why}; add source = "https://…"'
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _unsourced(value, *location, key, sourced=sourced or "source" in table)


def _is_figure(key: str, value: object) -> bool:
    if isinstance(value, str):
        return key.endswith("quota_code")
    return isinstance(value, int | Decimal | dt.date) and not isinstance(value, bool)


def _has(document: Document, location: Sequence[object]) -> bool:
    value: Any = document
    for key in location:
        if isinstance(value, Mapping):
            if key not in value:
                return False
            value = value[key]
    return True
