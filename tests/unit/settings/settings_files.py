"""Settings files for tests: a valid document, a way to change one key of it, and the problems it then has."""

import copy
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from settings import Data, Environment, SettingsError, Training, load_environment

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0:200k"
NOVA_MICRO = "amazon.nova-micro-v1:0:128k"
ABSENT = object()

DOCUMENT: Mapping[str, Any] = {
    "name": "docstrings",
    "account": "111122223333",
    "region": "us-west-2",
    "training": {"base_model": HAIKU, "hyper_parameters": {"epochCount": 2}},
    "data": {"train": {"path": "train.jsonl"}, "validation": {"path": "validation.jsonl"}},
    "serving": {"provisioned_throughput": {"model_units": 1}},
    "tags": {"CostCentre": "1234"},
}


def changed(*changes: tuple[str, object], document: Mapping[str, Any] = DOCUMENT) -> dict[str, Any]:
    """Return the document with values set at dotted keys; ABSENT removes the key."""
    result = copy.deepcopy(dict(document))
    for dotted, value in changes:
        *tables, key = dotted.split(".")
        table = result
        for name in tables:
            table = table.setdefault(name, {})
        if value is ABSENT:
            del table[key]
        else:
            table[key] = value
    return result


def write(folder: Path, document: Mapping[str, Any], *, environment: str = "dev") -> Path:
    """Write the document, and data files that it may name, and return the settings file's path."""
    for name in ("train", "validation", "test"):
        (folder / f"{name}.jsonl").write_text(f'{{"split": "{name}"}}\n', encoding="utf-8")
    path = folder / f"{environment}.toml"
    path.write_text("".join(f"{_toml(key)} = {_toml(value)}\n" for key, value in document.items()), "utf-8")
    return path


def training_of(environment: Environment) -> Training:
    assert environment.training is not None
    return environment.training


def data_of(environment: Environment) -> Data:
    assert environment.data is not None
    return environment.data


def problems_of(path: Path) -> dict[str, str]:
    """Return the messages of a file that is refused, by place; every line names the file."""
    with pytest.raises(SettingsError) as caught:
        load_environment(path)
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())
    return {problem.place: problem.message for problem in caught.value.problems}


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            return "{" + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + "}"
        case Sequence():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return str(value)
