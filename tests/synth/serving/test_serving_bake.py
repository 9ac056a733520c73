"""A bake: the last of its stack, bounded in what it costs, and it buys no commitment that it could not give back."""

from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App
from aws_cdk import aws_cloudwatch as cloudwatch

from bedrock_lifecycle import contract
from bedrock_tuning import ServingBake
from bedrock_tuning.serving.served_model import ServedModel
from tests.support.messages import saying
from tests.synth.foreign import NOVA_MICRO as PROFILE
from tests.synth.foreign import ForeignStack
from tests.synth.stages import stage_of, templates_of
from tests.synth.templates import Json, resources_of_type
from tests.unit.settings.settings_files import NOVA_MICRO, changed, load_file, write

SHA256: Final = "c" * 64
BAKE: Final[dict[str, Any]] = {"questions": 10, "max_output_tokens": 100, "sha256": SHA256, "right": 9}
ACCESS: Final = [{"account": "222222222222", "principals": ["arn:aws:iam::222222222222:role/answers"]}]
GIVEN: Final[tuple[tuple[str, object], ...]] = (
    ("region", "us-east-1"),
    ("allow", {"bake": True, "buy": True}),
    ("training", {"base_model": NOVA_MICRO, "hyper_parameters": {"epochCount": 2}}),
    ("data", {"train": {"sha256": "a" * 64}}),
    ("serving", {"on_demand": {}, "bake": BAKE}),
    ("access", ACCESS),
)
TERM: Final[dict[str, Any]] = {
    "model_units": 1,
    "commitment_duration": "OneMonth",
    "acknowledge_commitment": "OneMonth",
}


def templates(folder: Path, context: dict[str, Any], *changes: tuple[str, object]) -> dict[str, Json]:
    model = load_file(write(folder, changed(*deepcopy(GIVEN), *changes)))
    return templates_of(stage_of(model, folder / "cdk.out", context))


def bakes(template: Json) -> dict[str, Json]:
    return resources_of_type(template, contract.SERVING_BAKE)


def needs(template: Json, logical_id: str) -> set[str]:
    """Return everything that CloudFormation makes before a resource, by `DependsOn` alone."""
    found: set[str] = set()
    todo = [logical_id]
    while todo:
        depends = template["Resources"][todo.pop()].get("DependsOn", [])
        new = {depends} if isinstance(depends, str) else set(depends)
        todo += new - found
        found |= new
    return found


def test_it_is_the_last_of_its_stack(tmp_path: Path, context: dict[str, Any]) -> None:
    alarms = {**BAKE, "alarms": ["errors"], "minutes": 100}
    serving = templates(tmp_path, context, ("serving.bake", alarms))["Serving"]
    last = max(bakes(serving), key=lambda each: len(needs(serving, each)))
    others = {name for name, its in serving["Resources"].items() if its["Type"] != "AWS::CDK::Metadata"}
    assert needs(serving, last) == others - {last}


def test_the_template_says_what_is_asked(tmp_path: Path, context: dict[str, Any]) -> None:
    serving = templates(tmp_path, context)["Serving"]
    (bake,) = bakes(serving).values()
    told = {"Questions": "10", "RightAnswers": "9", "MaxOutputTokens": "100", "QuestionsSha256": SHA256, "Minutes": "0"}
    assert told.items() <= bake["Properties"].items()
    assert f"/test/{SHA256}.jsonl" in str(bake["Properties"]["QuestionsUri"])
    assert bake["Properties"]["BakedModel"].startswith("docstrings-dev-")
    assert "10 questions" in serving["Outputs"]["Asks"]["Value"]


def test_another_model_or_another_thing_that_serves_it_bakes_again(tmp_path: Path, context: dict[str, Any]) -> None:
    first, other = (
        next(
            iter(
                bakes(templates(tmp_path, context, ("training.hyper_parameters.epochCount", count))["Serving"]).values()
            )
        )
        for count in (2, 3)
    )
    assert first["Properties"]["BakedModel"] != other["Properties"]["BakedModel"]
    assert "Fn::GetAtt" in first["Properties"]["ServedArn"]


@pytest.mark.parametrize(("minutes", "expected"), [(None, [30]), (45, [45]), (46, [45, 1]), (720, [45] * 16)])
def test_it_has_a_step_for_each_45_minutes_and_the_first_one_asks(
    tmp_path: Path, context: dict[str, Any], minutes: int | None, expected: list[int]
) -> None:
    bake = {**BAKE, "alarms": ["errors"], **({"minutes": minutes} if minutes else {})}
    found = [
        its["Properties"] for its in bakes(templates(tmp_path, context, ("serving.bake", bake))["Serving"]).values()
    ]
    assert [int(its["Minutes"]) for its in found] == expected
    assert [("QuestionsUri" in its) for its in found] == [True, *[False] * (len(expected) - 1)]
    assert {its["Steps"] for its in found} == {str(len(expected))}
    assert all(its["Alarms"] == ["errors"] for its in found)


def test_each_further_step_is_told_whether_the_first_one_has_baked(tmp_path: Path, context: dict[str, Any]) -> None:
    bake = {**BAKE, "alarms": ["errors"], "minutes": 100}
    found = bakes(templates(tmp_path, context, ("serving.bake", bake))["Serving"])
    first = next(name for name, its in found.items() if its["Properties"]["Step"] == "1")
    told = [its["Properties"].get("FirstHasBaked") for its in found.values()]
    assert told == [None, *[{"Fn::GetAtt": [first, "HasBaked"]}] * 2]


def test_a_commitment_is_bought_only_for_a_model_that_has_passed(tmp_path: Path, context: dict[str, Any]) -> None:
    serving = templates(tmp_path, context, ("serving", {"provisioned_throughput": TERM, "bake": BAKE}))["Serving"]
    (bought,) = resources_of_type(serving, contract.PROVISIONED_THROUGHPUT).values()
    (bake,) = bakes(serving).values()
    assert bought["Properties"]["CommitBakedOnly"] == "true"
    assert bake["Properties"]["CommitmentDuration"] == "OneMonth"


def test_questions_of_this_machine_are_pushed_before_anything_is_deployed(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    """A deployment would move or buy first, and then find no questions."""
    bake = {**BAKE, "path": "test.jsonl"}
    del bake["sha256"]
    stage = stage_of(
        load_file(write(tmp_path, changed(*deepcopy(GIVEN), ("serving.bake", bake)))),
        tmp_path / "cdk.out",
        {**context, "environments": str(tmp_path)},
    )
    push = f"python -m tune dataset push dev docstrings --environments {tmp_path}"
    assert isinstance(stage.node.root, App)
    with pytest.raises(RuntimeError, match=saying("dev/docstrings.toml: serving.bake.path", "'test.jsonl'", push)):
        stage.node.root.synth()


def test_the_template_says_which_command_pushes_the_questions(tmp_path: Path, context: dict[str, Any]) -> None:
    alarms = {**BAKE, "alarms": ["errors"], "minutes": 60}
    found = bakes(templates(tmp_path, context, ("serving.bake", alarms))["Serving"]).values()
    told = [its["Properties"].get("Push") for its in found]
    assert told == ["python -m tune dataset push dev docstrings", None]


def test_without_a_bake_nothing_of_it_is_in_the_templates(tmp_path: Path, context: dict[str, Any]) -> None:
    found = templates(tmp_path, context, ("serving", {"provisioned_throughput": TERM}))
    assert bakes(found["Serving"]) == {}
    assert "CommitBakedOnly" not in str(found["Serving"])


# The construct alone.


@pytest.fixture
def foreign(tmp_path: Path) -> ForeignStack:
    """A stack of another app, in a Region with both ways to serve."""
    return ForeignStack(tmp_path, region="us-east-1")


def made(foreign: ForeignStack, served: ServedModel | None = None, **changes: Any) -> ServingBake:
    asked = {"questions_sha256": SHA256, "questions": 2, "max_output_tokens": 10, **changes}
    return ServingBake(
        foreign.stack,
        "Bake",
        served_model=served or foreign.deployment(),
        data_store=foreign.data_store,
        workflow=foreign.workflow,
        **asked,
    )


def _template(foreign: ForeignStack) -> Json:
    made(foreign)
    return foreign.template()


def test_with_only_its_required_parameters_all_answers_must_be_right(foreign: ForeignStack) -> None:
    (bake,) = bakes(_template(foreign)).values()
    assert (bake["Properties"]["RightAnswers"], bake["Properties"]["Minutes"]) == ("2", "0")
    assert "Alarms" not in bake["Properties"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"questions": 0}, "questions"),
        ({"questions": 51}, "questions"),
        ({"max_output_tokens": 1001}, "max_output_tokens"),
        ({"right": 3}, "right"),
        ({"minutes": 721}, "minutes"),
    ],
)
def test_values_out_of_bounds_are_refused(foreign: ForeignStack, changes: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        made(foreign, **changes)


def test_more_alarms_than_can_be_read_at_once_are_refused(foreign: ForeignStack) -> None:
    alarms = [cloudwatch.Alarm.from_alarm_name(foreign.stack, f"Alarm{number}", str(number)) for number in range(11)]
    with pytest.raises(ValueError, match="got 11"):
        made(foreign, alarms=alarms)


def test_a_commitment_that_is_bought_for_any_model_is_refused(foreign: ForeignStack) -> None:
    with pytest.raises(ValueError, match="commit_baked_only"):
        made(foreign, foreign.throughput(base_model=PROFILE, **TERM))
