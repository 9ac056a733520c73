"""Settings files for tests: a valid document, a way to change one key of it, and the problems it then has."""

import copy
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bedrock_tuning.data.sources import DataSource
from settings import Data, Environment, Model, SettingsError, Training, load_environments, load_model

HAIKU = "anthropic.claude-3-haiku-20240307-v1:0:200k"
NOVA_MICRO = "amazon.nova-micro-v1:0:128k"
ABSENT = object()

# What of a document stands in the environment's file: the keys that no model has. The model's file has the rest, and
# the model's name as its own.
OF_ENVIRONMENT = tuple(
    key for key in Environment.model_fields if key not in {*Environment.not_keys, *Model.model_fields}
)
DOCUMENT: Mapping[str, Any] = {
    "name": "docstrings",
    "account": "111122223333",
    "region": "us-west-2",
    "allow": {"buy": True, "delete_models": True},
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
    """Write the document into its two files, and data files that it may name; return the path of the model's."""
    folder = folder / environment
    folder.mkdir(exist_ok=True)
    for name in ("train", "validation", "test"):
        (folder / f"{name}.jsonl").write_text(f'{{"split": "{name}"}}\n', encoding="utf-8")
    write_toml(folder / "environment.toml", {key: its for key, its in document.items() if key in OF_ENVIRONMENT})
    ours = {key: its for key, its in document.items() if key not in (*OF_ENVIRONMENT, "name")}
    return write_toml(folder / f"{document['name']}.toml", ours)


def settings_folder(folder: Path, environment: str, text: str, models: Mapping[str, str] | None = None) -> None:
    """Write an environment's file and those of its models as they are, right or wrong."""
    its = folder / environment
    its.mkdir(parents=True, exist_ok=True)
    for name, each in {"environment": text, **(models or {})}.items():
        (its / f"{name}.toml").write_text(each, encoding="utf-8")


def write_toml(path: Path, document: Mapping[str, Any]) -> Path:
    """Write a document, each table on one line."""
    path.write_text("".join(f"{_toml(key)} = {_toml(value)}\n" for key, value in document.items()), "utf-8")
    return path


def load_file(path: Path) -> Model:
    """Load the model of a file."""
    return load_model(path.parents[1], path.parent.name, path.stem)


def training_of(model: Model) -> Training:
    assert model.training is not None
    return model.training


def data_of(model: Model) -> Data:
    assert model.data is not None
    return model.data


def problems_of(path: Path) -> dict[str, str]:
    """Return the messages of a model's file, or its environment's, that is refused; every line names the file."""
    with pytest.raises(SettingsError) as caught:
        load_file(path)
    assert len(str(caught.value).splitlines()) == len(caught.value.problems)
    files = (f"{path}: ", f"{path.parent / 'environment.toml'}: ")
    assert all(line.startswith(files) for line in str(caught.value).splitlines())
    return {problem.place: problem.message for problem in caught.value.problems}


def problems(folder: Path, *changes: tuple[str, object], environment: str = "dev") -> dict[str, str]:
    """Return what is wrong with the document after some changes, by place."""
    return problems_of(write(folder, changed(*changes), environment=environment))


def refused(folder: Path) -> list[str]:
    """Return what is wrong with the files of a folder, line by line."""
    with pytest.raises(SettingsError) as caught:
        load_environments(folder)
    return str(caught.value).splitlines()


def train(folder: Path, value: object) -> DataSource:
    """Return the training data that a value names."""
    return data_of(load_file(write(folder, changed(("data.train", value))))).train


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
