"""`[gate]`: what an evaluation must have shown."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle.evaluation.results.gate import Requirement
from tests.support.messages import says
from tests.unit.settings.evaluation_files import EVALUATION, GATE, REQUIRE, STRONGER, case, gate_of, model, problems
from tests.unit.settings.settings_files import ABSENT

ACCEPT = {"evaluation": "9c1f6a0b2d3e", "reason": "agreed on 2026-11-30", "until": dt.date(2026, 12, 31)}
JUDGED = {**EVALUATION, "judge": {"model": STRONGER, "rubric": "rubric.md", "records": 1}}


def test_a_requirement_is_what_the_gate_judges(tmp_path: Path) -> None:
    require = [
        dict(REQUIRE),
        {"measure": "rouge_l", "not_worse_than": STRONGER, "by": 0.1},
        {"measure": "json_schema.fields", "at_least": 0.99},
    ]
    evaluation = {**EVALUATION, "compare_with": ["base", STRONGER]}
    found = gate_of(model(tmp_path, ("evaluation", evaluation), ("gate", {"require": require, "confidence": 0.99})))
    assert found.require == (
        Requirement.better_than("rouge_l", "base", by=0.05),
        Requirement.not_worse_than("rouge_l", STRONGER, by=0.1),
        Requirement.at_least("json_schema.fields", 0.99),
    )
    assert (found.confidence, found.accept) == (0.99, None)


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    found = gate_of(model(tmp_path, ("gate", dict(GATE))))
    assert (found.confidence, found.accept) == (0.95, None)


def test_an_exception_is_for_one_evaluation_until_a_day(tmp_path: Path) -> None:
    found = gate_of(model(tmp_path, ("gate", {**GATE, "accept": ACCEPT}))).accept
    assert found is not None
    assert (found.evaluation, found.reason, found.until) == tuple(ACCEPT.values())


@pytest.mark.parametrize(
    ("changes", "place", "received"),
    [
        ({"measure": ABSENT}, "require[1].measure", "measure"),
        ({"measure": ""}, "require[1].measure", "''"),
        ({"better_than": ABSENT, "by": ABSENT}, "require[1]", "none"),
        ({"at_least": 0.5}, "require[1]", "at_least, better_than"),
        ({"better_than": ABSENT, "at_least": 0.5}, "require[1].by", "at_least"),
        ({"by": ABSENT}, "require[1].by", "better_than"),
        ({"by": 1.5}, "require[1].by", 1.5),
        ({"by": "0.1"}, "require[1].by", "'0.1'"),
        ({"better_than": "Sonnet"}, "require[1].better_than", "'Sonnet'"),
        ({"metric": "rouge_l"}, "require[1].metric", "metric"),
    ],
    ids=case,
)
def test_a_requirement_that_says_no_clear_thing_is_refused(
    tmp_path: Path, changes: dict[str, Any], place: str, received: object
) -> None:
    require = {key: its for key, its in {**REQUIRE, **changes}.items() if its is not ABSENT}
    found = problems(tmp_path, ("gate", {"require": [require]}))
    assert list(found) == [f"gate.{place}"]
    assert received == place.rpartition(".")[2] or says(found[f"gate.{place}"], received)


@pytest.mark.parametrize(
    ("gate", "place", "received"),
    [
        ({}, "gate.require", "require"),
        ({"require": []}, "gate.require", 0),
        ({"require": [dict(REQUIRE), {**REQUIRE, "by": 0.1}]}, "gate.require", "rouge_l"),
        ({**GATE, "confidence": 0.5}, "gate.confidence", 0.5),
        ({**GATE, "confidence": 1}, "gate.confidence", 1),
        ({**GATE, "accept": {**ACCEPT, "evaluation": "9c1f"}}, "gate.accept.evaluation", "'9c1f'"),
        ({**GATE, "accept": {**ACCEPT, "reason": "zwei\nZeilen"}}, "gate.accept.reason", "zwei"),
        ({**GATE, "accept": {**ACCEPT, "until": "2026-12-31"}}, "gate.accept.until", "'2026-12-31'"),
    ],
    ids=case,
)
def test_what_is_out_of_bounds_is_refused(tmp_path: Path, gate: dict[str, Any], place: str, received: object) -> None:
    found = problems(tmp_path, ("gate", gate))
    assert list(found) == [place]
    assert says(found[place], received)


# --- with the evaluation ---------------------------------------------------------------------------------------------


def test_a_gate_needs_an_evaluation(tmp_path: Path) -> None:
    assert list(problems(tmp_path, ("evaluation", ABSENT), ("gate", dict(GATE)))) == ["gate"]


@pytest.mark.parametrize(
    ("require", "received"),
    [
        ({**REQUIRE, "measure": "exact_match"}, "exact_match"),
        ({**REQUIRE, "measure": "judge"}, "judge"),
        ({**REQUIRE, "better_than": STRONGER}, STRONGER),
    ],
    ids=case,
)
def test_what_is_not_measured_cannot_be_required(tmp_path: Path, require: dict[str, Any], received: str) -> None:
    second = {"measure": "json_schema", "at_least": 0.5}
    found = problems(tmp_path, ("gate", {"require": [second, require]}))
    assert list(found) == ["gate.require[2]"]
    assert says(found["gate.require[2]"], received)


def test_a_gate_on_the_score_alone_needs_no_other_model(tmp_path: Path) -> None:
    score = {"measure": "json_schema", "at_least": 0.5}
    alone: tuple[str, object] = ("evaluation.compare_with", [])
    assert gate_of(model(tmp_path, alone, ("gate", {"require": [score]}))).require[0].against is None
    found = problems(tmp_path, alone, ("gate", {"require": [score, dict(REQUIRE)]}))
    assert list(found) == ["gate.require[2]"]
    assert says(found["gate.require[2]"], "base", "no other model", "compare_with")


def test_a_judge_only_compares(tmp_path: Path) -> None:
    require = [dict(REQUIRE), {"measure": "judge", "at_least": 0.5}]
    assert list(problems(tmp_path, ("evaluation", JUDGED), ("gate", {"require": require}))) == ["gate.require[2]"]


def test_a_gate_does_not_rest_on_a_judge_alone(tmp_path: Path) -> None:
    alone = {"measure": "judge", "better_than": "base", "by": 0}
    assert list(problems(tmp_path, ("evaluation", JUDGED), ("gate", {"require": [alone]}))) == ["gate.require"]
    both = gate_of(model(tmp_path, ("evaluation", JUDGED), ("gate", {"require": [alone, dict(REQUIRE)]})))
    assert [each.measure for each in both.require] == ["judge", "rouge_l"]


@pytest.mark.parametrize(
    ("require", "records", "received"),
    [
        ({"measure": "json_schema", "at_least": 1}, 1_000_000, "0.99"),
        ({"measure": "rouge_l", "better_than": "base", "by": 1}, 40, "1"),
        ({"measure": "json_schema", "at_least": 0.99}, 298, "299"),
    ],
    ids=case,
)
def test_what_no_answers_can_show_is_refused_before_they_are_paid(
    tmp_path: Path, require: dict[str, Any], records: int, received: str
) -> None:
    found = problems(tmp_path, ("evaluation.records", records), ("gate", {"require": [require]}))
    assert list(found) == ["gate.require[1]"]
    assert says(found["gate.require[1]"], received)


def test_as_many_records_as_it_takes_are_enough(tmp_path: Path) -> None:
    require = [{"measure": "json_schema", "at_least": 0.99}, {"measure": "rouge_l", "better_than": "base", "by": 0.5}]
    assert gate_of(model(tmp_path, ("evaluation.records", 299), ("gate", {"require": require})))


@pytest.mark.parametrize("place", ["gate.confidence", "evaluation.quota_share", "evaluation.max_error_rate"])
def test_not_a_number_is_no_number(tmp_path: Path, place: str) -> None:
    found = problems(tmp_path, ("gate", dict(GATE)), (place, math.nan))
    assert says(found[place], "nan")
