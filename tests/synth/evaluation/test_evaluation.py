"""An evaluation in its stack: what its resource says, who waits for whom, and what is in no template."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties, QualityGateProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.contract.served_model import CustomModelDeploymentProperties
from bedrock_tuning import EvaluationMetric
from bedrock_tuning.checks.base_model import TODAY
from tests.support.messages import says
from tests.synth.evaluation.evaluated import ASKED, EVALUATION, GATE, only, templates
from tests.synth.stages import stacks_of, stage_of, templates_of
from tests.synth.templates import Json, readable, resources_of_type
from tests.unit.settings.evaluation_files import STRONGER, model, written
from tests.unit.settings.settings_files import HAIKU, load_file

JUDGED = {"compare_with": ["base", STRONGER], "judge": {"model": STRONGER, "rubric": "rubric.md", "records": 20}}
OWN = {"metrics": [{"name": "own", "path": "own.py", "function": "score"}]}
HAIKU_BY_THROUGHPUT = (
    ("region", "us-west-2"),
    ("allow", {"evaluate_with": ["base"], "buy": True}),
    ("training.base_model", HAIKU),
    ("serving", {"provisioned_throughput": {"model_units": 1}}),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any]) -> dict[str, Json]:
    evaluation = {**EVALUATION, **JUDGED, "metrics": [*EVALUATION["metrics"], *OWN["metrics"]]}
    return templates(tmp_path_factory.mktemp("evaluated"), context, ("evaluation", evaluation), ("gate", dict(GATE)))


def test_the_resource_says_what_the_settings_say(made: Mapping[str, Json], tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    evaluation = {**EVALUATION, **JUDGED, "metrics": [*EVALUATION["metrics"], *OWN["metrics"]]}
    inputs = model(tmp_path, *ASKED, ("evaluation", evaluation)).evaluation_inputs
    told = EvaluationProperties(Properties(only(made["Evaluation"], contract.EVALUATION)))
    assert inputs is not None
    assert told.inputs.id == told.evaluation_id == inputs.id
    assert told.inputs.targets == inputs.targets
    assert (told.max_tokens, told.quota_share, told.max_error_rate) == (3_000_000, 0.25, 0.02)
    # Of the base model's profile: a deployment of it is asked.
    assert (told.requests_per_minute, told.tokens_per_minute, told.served_arn) == (2_000, 4_000_000, None)
    assert told.quotas == {contract.DEPLOYMENTS_QUOTA: "L-1EF80F3E"}
    assert told.train_sha256 == "a" * 64


def test_steps_of_45_minutes_wait_one_after_the_other(made: Mapping[str, Json]) -> None:
    steps = resources_of_type(made["Evaluation"], contract.EVALUATION_AWAIT)
    assert len(steps) == 12 * 60 / contract.RUNG_MINUTES
    (evaluation,) = resources_of_type(made["Evaluation"], contract.EVALUATION)
    before = evaluation
    for rung in range(1, len(steps) + 1):
        ((name, its),) = ((n, each) for n, each in steps.items() if each["Properties"]["Rung"] == str(rung))
        assert its["Properties"]["Execution"] == {"Fn::GetAtt": [before, "Execution"]}
        before = name
    assert only(made["Evaluation"], contract.QUALITY_GATE)["State"] == {"Fn::GetAtt": [before, "State"]}


def test_what_serves_has_the_gate_of_the_same_evaluation(made: Mapping[str, Json]) -> None:
    gate = QualityGateProperties(Properties(only(made["Evaluation"], contract.QUALITY_GATE)))
    serves = CustomModelDeploymentProperties(Properties(only(made["Serving"], contract.CUSTOM_MODEL_DEPLOYMENT)))
    evaluation = EvaluationProperties(Properties(only(made["Evaluation"], contract.EVALUATION)))
    assert gate.gate_evaluation_id == serves.gate_evaluation_id == evaluation.evaluation_id
    assert gate.requirements == serves.requirements == ('{"against":"base","measure":"rouge_l","threshold":0.05}',)
    assert gate.confidence == serves.confidence == 0.95
    assert gate.model == serves.model == evaluation.training_name
    assert not gate.tells_only


def test_what_serves_imports_nothing_of_the_evaluation(made: Mapping[str, Json]) -> None:
    assert "Evaluation:Export" not in json.dumps(made["Serving"])


def test_no_word_of_a_rubric_is_in_a_template(made: Mapping[str, Json]) -> None:
    assert all("Prefer the shorter one" not in json.dumps(each) for each in made.values())


def test_a_rubric_is_copied_anew_for_each_evaluation(
    made: Mapping[str, Json], tmp_path: Path, context: dict[str, Any]
) -> None:
    other = templates(tmp_path, context, ("evaluation", {**EVALUATION, **JUDGED}))
    first, second = (only(each["Evaluation"], contract.DATASET) for each in (made, other))
    assert first["DestinationKey"] == second["DestinationKey"]
    assert first["DestinationKey"].startswith("evaluation/confidential/rubrics/")
    assert first["Reconcile"] != second["Reconcile"]


def test_a_rubrics_reader_reads_no_data(made: Mapping[str, Json]) -> None:
    written = json.dumps(
        [readable(each) for each in resources_of_type(made["Evaluation"], "AWS::IAM::Policy").values()]
    )
    assert "evaluation/confidential/rubrics/*" in written
    assert all(f"/{prefix}*" not in written for prefix in contract.DATA_PREFIXES.values())


def test_the_tuned_model_may_be_asked_alone(tmp_path: Path, context: dict[str, Any]) -> None:
    gate = {"require": [{"measure": "rouge_l", "at_least": 0.5}]}
    made = templates(tmp_path, context, ("evaluation.compare_with", []), ("gate", gate))
    told = EvaluationProperties(Properties(only(made["Evaluation"], contract.EVALUATION)))
    assert [each.name for each in told.inputs.targets] == ["tuned"]
    assert told.inputs.id == told.evaluation_id
    assert "base" not in str(made["Evaluation"]["Outputs"]["Evaluates"]["Value"])


# --- a metric of the team's own ---------------------------------------------------------------------------------------


def test_an_own_metric_is_a_version_that_only_score_may_call(made: Mapping[str, Json]) -> None:
    ((version, _),) = resources_of_type(made["Evaluation"], "AWS::Lambda::Version").items()
    assert only(made["Evaluation"], contract.EVALUATION)["MetricFunctions"] == {"own": {"Ref": version}}
    called = [
        each["Properties"]
        for each in resources_of_type(made["Evaluation"], "AWS::Lambda::Permission").values()
        if each["Properties"]["FunctionName"] == {"Ref": version}
    ]
    assert [each["Action"] for each in called] == ["lambda:InvokeFunction"]
    assert "EvaluationWorkflowFunctionsScoreRole" in str(called[0]["Principal"])


def test_an_own_metric_may_write_its_log_and_nothing_else(made: Mapping[str, Json]) -> None:
    (policy,) = (
        each["Properties"]["PolicyDocument"]["Statement"]
        for name, each in resources_of_type(made["Evaluation"], "AWS::IAM::Policy").items()
        if "OwnMetric" in name
    )
    assert [each["Action"] for each in policy] == [["logs:CreateLogStream", "logs:PutLogEvents"]]


def test_another_file_is_another_version(made: Mapping[str, Json], tmp_path: Path, context: dict[str, Any]) -> None:
    path = tmp_path / "own.py"
    path.write_text("def score(answer, reference):\n    return 0.0\n", encoding="utf-8")
    metric = EvaluationMetric.own_function(path, "score")
    assert metric.definition not in only(made["Evaluation"], contract.EVALUATION)["Metrics"]


# --- what is evaluated as it serves -----------------------------------------------------------------------------------


def test_what_only_a_throughput_serves_is_evaluated_after_it_and_told(tmp_path: Path, context: dict[str, Any]) -> None:
    (tmp_path / "dev").mkdir()
    its = model(tmp_path, *ASKED, *HAIKU_BY_THROUGHPUT, ("gate", dict(GATE)))
    stage = stage_of(its, tmp_path / "cdk.out", context)
    stacks = stacks_of(stage)
    assert stacks["Serving"] in stacks["Evaluation"].dependencies
    assert stacks["Evaluation"] not in stacks["Serving"].dependencies
    made = templates_of(stage)
    parameter = only(made["Evaluation"], contract.EVALUATION)["ServedArn"]["Ref"]
    assert made["Evaluation"]["Parameters"][parameter]["Default"] == "/bedrock-tuning/dev/docstrings/model-id"
    assert only(made["Evaluation"], contract.QUALITY_GATE)["TellsOnly"] == "true"
    assert "GateEvaluationId" not in only(made["Serving"], contract.PROVISIONED_THROUGHPUT)


# --- bounds that are known at synth -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("max_tokens", "is_refused"), [(2 * 256 - 1, True), (2 * 256, False)])
def test_a_bound_that_the_answers_alone_exceed_is_refused(
    tmp_path: Path, context: dict[str, Any], max_tokens: int, *, is_refused: bool
) -> None:
    (tmp_path / "dev").mkdir()
    record = {"messages": [{"role": role, "content": [{"text": role}]} for role in ("user", "assistant")]}
    line = json.dumps({"schemaVersion": "bedrock-conversation-2024", **record}) + "\n"
    path = written(tmp_path, ("evaluation", {**EVALUATION, "max_tokens": max_tokens}))
    (path.parent / "test.jsonl").write_text(line, encoding="utf-8")
    stage = stage_of(load_file(path), tmp_path / "cdk.out", context)
    evaluation = stage.node.find_child("docstrings-Evaluation").node.find_child("Evaluation")
    assert any("max_tokens" in str(each.data) for each in evaluation.node.metadata) is is_refused


# --- an exception that is over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("today", "is_over"), [("2026-12-31", False), ("2027-01-01", True)])
def test_an_exception_that_is_over_is_a_warning_and_changes_no_template(
    tmp_path: Path, context: dict[str, Any], today: str, *, is_over: bool
) -> None:
    """What serves already must be deployed on from the same file the day after."""
    accept = {"evaluation": "9c1f6a0b2d3e", "reason": "any", "until": dt.date(2026, 12, 31)}
    (tmp_path / "dev").mkdir()
    its = model(tmp_path, *ASKED, ("gate", {**GATE, "accept": accept}))
    stage = stage_of(its, tmp_path / "cdk.out", {**context, TODAY: today})
    gate = stage.node.find_child("docstrings-Evaluation").node.find_child("Gate")
    warned = [str(each.data) for each in gate.node.metadata if each.type == "aws:cdk:warning"]
    assert any(says(each, "9c1f6a0b2d3e", "2026-12-31") for each in warned) is is_over
    assert only(templates_of(stage)["Evaluation"], contract.QUALITY_GATE)["GateAcceptedUntil"] == "2026-12-31"
