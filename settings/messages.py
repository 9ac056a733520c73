"""Says what pydantic found in the words of a settings file: the key, what is allowed, the value, and what to do."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bedrock_tuning.base_models.hyper_parameter_names import documented_names
from bedrock_tuning.common.messages import nearest, shown, suggestion
from settings.environment import Environment
from settings.model import Model
from settings.problems import FieldError, SettingsTable, missing

Location = tuple[int | str, ...]

_BARE_KEY: Final = re.compile(r"[a-zA-Z0-9_-]{1,60}")


def field_problems(error: ValidationError, file: type[SettingsTable]) -> Iterator[tuple[str, str]]:
    """Yield place and message of everything that the validation of a file refused."""
    tables = dict(_tables(file))
    for details in error.errors(include_url=False):
        location = details["loc"]
        refusal = details.get("ctx", {}).get("error")
        if isinstance(refusal, FieldError):
            for key, message in refusal.messages:
                yield _place(file, *location, *([key] if key else [])), message
        else:
            yield _place(file, *location), _structural(details, tables)


def _tables(table: type[SettingsTable], *location: str) -> Iterator[tuple[Location, type[SettingsTable]]]:
    """Yield a table and those in it, by where they are."""
    yield location, table
    for name, field in table.model_fields.items():
        for each in (field.annotation, *get_args(field.annotation)):
            if isinstance(each, type) and issubclass(each, SettingsTable) and name not in table.not_keys:
                yield from _tables(each, *location, name)


def keys_of(table: type[SettingsTable]) -> dict[str, FieldInfo]:
    """Return the keys of a table as a file spells them, with what is known of each."""
    return {its.alias or name: its for name, its in table.model_fields.items() if name not in table.not_keys}


def _structural(details: ErrorDetails, tables: Mapping[Location, type[SettingsTable]]) -> str:
    *path, key = details["loc"]
    table = tuple(each for each in path if isinstance(each, str))  # without the numbers of [[tables]]
    match details["type"]:
        case "missing":
            examples = keys_of(tables[table])[str(key)].examples or []
            return missing(str(examples[0]))
        case "extra_forbidden":
            here = tables[table]
            known = list(keys_of(here))
            where = _other_file(here, str(key)) or _below(table, str(key))
            advice = where or suggestion(key, known=known, otherwise="remove it")
            return f"is not a key here; {_keys_here(known)}; {advice}"
        case _:  # the models leave every other check to validators that raise FieldError
            name = ".".join(_bare(str(key)) for key in details["loc"])
            return f"must be a table (got {shown(details['input'])}); write [{name}]"


def _keys_here(known: list[str]) -> str:
    return f"the keys are {', '.join(known)}" if known else "the table has no keys"


def _other_file(table: type[SettingsTable], key: str) -> str | None:
    """Return where a key belongs that is in the wrong one of the two files, or None for every other key."""
    for one, other, place in (
        (Environment, Model, "a model's file, beside this one"),
        (Model, Environment, "environment.toml, beside this file"),
    ):
        if table is one and key in other.model_fields:
            return f"write it in {place}"
    return None


def _below(table: Location, key: str) -> str | None:
    """Return where a key belongs that is one table too high, or None where that is not known."""
    name = nearest(key.replace("_", ""), documented_names()) if table == ("training",) else None
    return f"write {name} below [training.hyper_parameters]" if name else None


def _place(file: type[SettingsTable], *location: int | str) -> str:
    first, *below = location
    names = [file.not_keys.get(str(first)) or _bare(str(first))]
    # A [[table]] is counted from 1, as people count.
    names += [f"[{each + 1}]" if isinstance(each, int) else f".{_bare(each)}" for each in below]
    return "".join(names)


def _bare(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else shown(key)
