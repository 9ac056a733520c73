"""What a training's identity depends on: exactly its inputs, in whatever way they are written."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.settings.settings_files import ABSENT, HAIKU, NOVA_MICRO, changed, load_file, write

GOLDEN = json.loads((Path(__file__).parent / "golden_training_ids.json").read_text(encoding="utf-8"))
NOVA_THERE = (("training.base_model", NOVA_MICRO), ("region", "us-east-1"))


def training_id(folder: Path, *changes: tuple[str, object], environment: str = "dev") -> str:
    return load_file(write(folder, changed(*changes), environment=environment)).training_id


@pytest.mark.parametrize("golden", GOLDEN["trainings"], ids=lambda golden: str(golden["training_id"]))
def test_training_ids_never_change(tmp_path: Path, golden: dict[str, Any]) -> None:
    changes: list[tuple[str, object]] = [
        ("training.base_model", golden["base_model"]),
        ("training.hyper_parameters", golden["hyper_parameters"]),
        ("region", {HAIKU: "us-west-2", NOVA_MICRO: "us-east-1"}[golden["base_model"]]),
    ]
    if golden["validation"] is None:
        changes.append(("data.validation", ABSENT))
    path = write(tmp_path, changed(*changes))
    for name in ("train", "validation"):
        (tmp_path / "dev" / f"{name}.jsonl").write_bytes((golden[name] or "unused").encode())
    assert load_file(path).training_id == golden["training_id"]


def test_golden_trainings_are_all_different() -> None:
    ids = [golden["training_id"] for golden in GOLDEN["trainings"]]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[0-9a-f]{12}", each) for each in ids)


@pytest.mark.parametrize(
    "changes",
    [
        NOVA_THERE,
        (("training.hyper_parameters.epochCount", 3),),
        (("training.hyper_parameters.batchSize", 32),),  # the default, but now it is sent
        (("training.hyper_parameters", ABSENT),),
        (("data.train", {"path": "test.jsonl"}),),
        (("data.validation", {"path": "test.jsonl"}),),
        (("data.validation", ABSENT),),
    ],
)
def test_changes_with_every_input_of_the_training(tmp_path: Path, changes: tuple[tuple[str, object], ...]) -> None:
    assert training_id(tmp_path, *changes) != training_id(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        (("name", "another"),),
        (("account", "999999999999"),),
        (("training.attempt", 2),),
        (("training.max_training_hours", 0),),
        (("training.customization_type", "FINE_TUNING"),),
        (("training.hyper_parameters.epochCount", "2.0"),),
        (("data.test", {"path": "test.jsonl"}),),
        (("serving", ABSENT),),
        (("tags", ABSENT),),
    ],
)
def test_stays_when_the_same_is_trained(tmp_path: Path, changes: tuple[tuple[str, object], ...]) -> None:
    assert training_id(tmp_path, *changes) == training_id(tmp_path)


def test_stays_in_another_environment(tmp_path: Path) -> None:
    assert training_id(tmp_path, environment="prod") == training_id(tmp_path)


def test_stays_when_the_data_moves(tmp_path: Path) -> None:
    before = training_id(tmp_path)
    (tmp_path / "dev" / "data").mkdir()
    (tmp_path / "dev" / "data" / "renamed.jsonl").write_bytes((tmp_path / "dev" / "train.jsonl").read_bytes())
    assert training_id(tmp_path, ("data.train", {"path": "data/renamed.jsonl"})) == before


def test_stays_when_hyper_parameters_change_places(tmp_path: Path) -> None:
    one = {"epochCount": 2, "batchSize": 8}
    other = {"batchSize": "8", "epochCount": 2.0}
    ids = {training_id(tmp_path, ("training.hyper_parameters", values)) for values in (one, other)}
    assert len(ids) == 1


def test_changes_with_a_single_byte_of_the_data(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    before = load_file(path).training_id
    (tmp_path / "dev" / "train.jsonl").write_bytes((tmp_path / "dev" / "train.jsonl").read_bytes() + b"\n")
    assert load_file(path).training_id != before
