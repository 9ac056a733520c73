"""Foundation with evaluations: made only where the environment allows it, and the same whichever models there are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_s3 as s3

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import CONFIDENTIAL, NUMBERS
from bedrock_tuning import DataStore, make_foundation
from tests.synth.evaluation.evaluated import EVALUATION, GATE, templates
from tests.synth.templates import Json, readable, resources_of_type, to_json
from tests.unit.settings.evaluation_files import STRONGER
from tests.unit.settings.settings_files import ABSENT

NONE = ("evaluation", ABSENT)
FORBIDDEN: Final[tuple[str, object]] = ("allow", {})


@pytest.fixture(scope="module")
def foundation(tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any]) -> Json:
    return templates(tmp_path_factory.mktemp("evaluates"), context)["Foundation"]


def functions(template: Json) -> set[str]:
    found = resources_of_type(template, "AWS::Lambda::Function").values()
    return {str(each["Properties"]["Handler"]).removeprefix("bedrock_lifecycle.functions.") for each in found}


def test_where_none_is_allowed_there_is_nothing_of_evaluations(tmp_path: Path, context: dict[str, Any]) -> None:
    found = templates(tmp_path, context, NONE, FORBIDDEN)["Foundation"]
    assert not [name for name in found["Resources"] if "Evaluation" in name]
    assert "evaluation/" not in json.dumps(found)


def test_where_they_are_allowed_it_is_the_same_whether_a_model_is_evaluated_or_not(
    foundation: Json, tmp_path: Path, context: dict[str, Any]
) -> None:
    own = {"metrics": [{"name": "own", "path": "own.py", "function": "score"}]}
    changes = ("evaluation", {**EVALUATION, **own}), ("gate", ABSENT)
    evaluated = templates(tmp_path, context, changes[0])["Foundation"]
    assert json.dumps(evaluated) == json.dumps(foundation)
    other = tmp_path / "other"
    other.mkdir()
    assert json.dumps(templates(other, context, NONE)["Foundation"]) == json.dumps(foundation)


def test_it_has_each_function_of_the_workflow_and_their_reconciler(foundation: Json) -> None:
    steps = {f"evaluation_{name}.on_event" for name in ("prepare", "candidate", "ask", "judge", "score", "reduce")}
    assert {each for each in functions(foundation) if "evaluation" in each} == {
        *steps,
        "evaluation_reconciler.on_turn",
    }


def test_each_function_of_it_has_a_role_of_its_own(foundation: Json) -> None:
    made = resources_of_type(foundation, "AWS::Lambda::Function").values()
    roles = [str(each["Properties"]["Role"]) for each in made if "evaluation_" in each["Properties"]["Handler"]]
    assert len(set(roles)) == len(roles) == 7


def test_what_has_words_of_records_expires_and_numbers_stay(foundation: Json) -> None:
    rules = _rules(foundation)
    assert {each["Prefix"]: each["ExpirationInDays"] for each in rules if "ExpirationInDays" in each} == {
        CONFIDENTIAL: 30
    }
    # An expiration alone leaves a noncurrent version, which is billed.
    assert [each["NoncurrentVersionExpiration"]["NoncurrentDays"] for each in rules if "ExpirationInDays" in each] == [
        1
    ]
    assert not NUMBERS.startswith(CONFIDENTIAL)


def test_a_bucket_that_is_given_gets_no_rule(tmp_path: Path) -> None:
    stack = Stack(App(outdir=str(tmp_path)), "Any", env=Environment(account="111122223333", region="us-east-1"))
    bucket = s3.Bucket(stack, "Given")
    store = DataStore(stack, "DataStore", bucket=bucket)
    made = make_foundation(stack, data_store=store, evaluate_with=["base"])
    assert made.evaluations is not None
    assert _rules(to_json(stack)) == []


@pytest.mark.parametrize(
    ("asked", "resources"),
    [
        (["base"], {"foundation-model/amazon.nova-micro-v1:0", "foundation-model/amazon.nova-pro-v1:0"}),
        ([STRONGER], {f"inference-profile/{STRONGER}", "foundation-model/anthropic.claude-sonnet-4-6"}),
        (["any.model-v1:0"], {"foundation-model/any.model-v1:0"}),
    ],
    ids=["base", "stronger", "any"],
)
def test_what_may_be_asked_follows_from_the_environment(
    tmp_path: Path, context: Mapping[str, Any], asked: list[str], resources: set[str]
) -> None:
    found = templates(tmp_path, context, NONE, ("allow", {"evaluate_with": asked}))["Foundation"]
    policies = {
        name: json.dumps(readable(each["Properties"]["PolicyDocument"]))
        for name, each in resources_of_type(found, "AWS::IAM::Policy").items()
        if "FunctionsAsk" in name or "FunctionsJudge" in name
    }
    assert len(policies) == 2
    for policy in policies.values():
        assert {each for each in resources if each not in policy} == set()
        assert (STRONGER in policy) is (asked == [STRONGER])


def test_what_serves_reads_the_numbers_where_a_gate_may_be(
    foundation: Json, tmp_path: Path, context: dict[str, Any]
) -> None:
    gated = templates(tmp_path, context, ("gate", dict(GATE)))
    assert "GateEvaluationId" in json.dumps(gated["Serving"])
    (serving,) = (
        each["Properties"]["Environment"]["Variables"]
        for each in resources_of_type(foundation, "AWS::Lambda::Function").values()
        if each["Properties"]["Handler"].endswith("serving_reconciler.on_turn")
    )
    assert contract.DATA_BUCKET_VARIABLE in serving


def _rules(template: Json) -> list[Json]:
    return [
        rule
        for each in resources_of_type(template, "AWS::S3::Bucket").values()
        for rule in each.get("Properties", {}).get("LifecycleConfiguration", {}).get("Rules", [])
        if str(rule.get("Prefix", "")).startswith("evaluation/")
    ]
