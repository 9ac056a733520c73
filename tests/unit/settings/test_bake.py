"""`[serving.bake]`: what is asked of what serves before a deployment counts as good."""

import hashlib
from pathlib import Path
from typing import Any, Final

import pytest

from settings import Bake, Model
from tests.support.messages import says
from tests.unit.settings.promotion_files import written
from tests.unit.settings.settings_files import ABSENT, changed, load_file, problems_of, write

SHA256: Final = "c" * 64
GIVEN: Final[dict[str, Any]] = {"questions": 10, "max_output_tokens": 100, "sha256": SHA256}
ALLOWED: Final = {"buy": True, "delete_models": True, "bake": True}


def model(folder: Path, bake: object, *changes: tuple[str, object]) -> Model:
    return load_file(write(folder, changed(("allow", dict(ALLOWED)), ("serving.bake", bake), *changes)))


def problems(folder: Path, bake: object, *changes: tuple[str, object]) -> dict[str, str]:
    return problems_of(write(folder, changed(("allow", dict(ALLOWED)), ("serving.bake", bake), *changes)))


def bake_of(its: Model) -> Bake:
    assert its.serving is not None
    assert its.serving.bake is not None
    return its.serving.bake


def test_nothing_is_asked_unless_it_is_asked_for(tmp_path: Path) -> None:
    its = load_file(write(tmp_path, changed()))
    assert its.serving is not None
    assert its.serving.bake is None
    assert its.bake_sha256 == ""


def test_says_what_is_asked_and_how_many_answers_must_be_right(tmp_path: Path) -> None:
    its = model(tmp_path, {**GIVEN, "right": 9, "alarms": ["errors", "slow"], "minutes": 720})
    found = bake_of(its)
    assert (found.questions, found.right, found.max_output_tokens) == (10, 9, 100)
    assert (found.alarms, found.minutes, its.bake_sha256) == (("errors", "slow"), 720, SHA256)


def test_asks_the_test_data_where_it_names_no_questions_of_its_own(tmp_path: Path) -> None:
    bake = {name: value for name, value in GIVEN.items() if name != "sha256"}
    its = model(tmp_path, bake, ("data.test", {"path": "test.jsonl"}))
    assert its.bake_sha256 == hashlib.sha256(b'{"split": "test"}\n').hexdigest()


def test_asks_a_file_of_this_machine(tmp_path: Path) -> None:
    bake = {**GIVEN, "path": "validation.jsonl"}
    del bake["sha256"]
    its = model(tmp_path, bake, ("data.test", {"sha256": SHA256}))
    assert its.bake_sha256 == hashlib.sha256(b'{"split": "validation"}\n').hexdigest()


def test_a_model_that_was_promoted_is_baked_with_questions_of_its_own(tmp_path: Path) -> None:
    allow = {"train": False, "promote_from": ["dev"], "bake": True}
    its = load_file(written(tmp_path, ("allow", allow), ("serving.bake", GIVEN)))
    assert its.bake_sha256 == SHA256


@pytest.mark.parametrize(
    ("change", "place", "named"),
    [
        ({"questions": 0}, "serving.bake.questions", 0),
        ({"questions": 51}, "serving.bake.questions", 51),
        ({"questions": "10"}, "serving.bake.questions", "'10'"),
        ({"questions": ABSENT}, "serving.bake.questions", "questions = 10"),
        ({"max_output_tokens": 0}, "serving.bake.max_output_tokens", 0),
        ({"max_output_tokens": 1001}, "serving.bake.max_output_tokens", 1001),
        ({"max_output_tokens": ABSENT}, "serving.bake.max_output_tokens", "max_output_tokens"),
        ({"right": 11}, "serving.bake.right", 11),
        ({"right": 0}, "serving.bake.right", 0),
        ({"sha256": "abc"}, "serving.bake.sha256", "'abc'"),
        ({"sha256": ABSENT}, "serving.bake.sha256", "python -m tune dataset push"),
        ({"sha256": ABSENT, "path": "gone.jsonl"}, "serving.bake.path", "gone.jsonl"),
        ({"sha256": ABSENT, "path": 3}, "serving.bake.path", "path in quotes"),
        ({"path": "train.jsonl"}, "serving.bake.sha256", "path"),
        ({"minutes": 5}, "serving.bake.minutes", 5),
        ({"alarms": ["a"], "minutes": 0}, "serving.bake.minutes", 0),
        ({"alarms": ["a"], "minutes": 721}, "serving.bake.minutes", 721),
        ({"alarms": []}, "serving.bake.alarms", 0),
        ({"alarms": ["a", "a"]}, "serving.bake.alarms", "'a'"),
        ({"alarms": [""]}, "serving.bake.alarms", "''"),
        ({"alarms": ["a" * 256]}, "serving.bake.alarms", "CloudWatch"),
        ({"alarms": [str(number) for number in range(11)]}, "serving.bake.alarms", 11),
        ({"prompts": 3}, "serving.bake.prompts", "questions"),
    ],
)
def test_refuses_what_is_out_of_bounds(tmp_path: Path, change: dict[str, Any], place: str, named: object) -> None:
    bake = {name: value for name, value in {**GIVEN, **change}.items() if value is not ABSENT}
    found = problems(tmp_path, bake)
    assert set(found) == {place}
    assert says(found[place], named)


def test_refuses_what_is_no_table(tmp_path: Path) -> None:
    assert set(problems(tmp_path, 3)) == {"serving.bake"}


def test_an_environment_must_allow_it(tmp_path: Path) -> None:
    found = problems(tmp_path, GIVEN, ("allow.bake", False))
    assert set(found) == {"serving.bake"}
    assert says(found["serving.bake"], "bake = true")


def test_it_is_no_way_to_serve(tmp_path: Path) -> None:
    assert "serving" in problems(tmp_path, GIVEN, ("serving.provisioned_throughput", ABSENT))
