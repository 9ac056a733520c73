"""A foundation in one call, and a model with what serves it: what they make, and what they refuse."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack, Validations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from bedrock_lifecycle import contract
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_tuning import (
    CustomModelDeployment,
    DataSource,
    DataStore,
    EvaluationMetric,
    FineTunedModel,
    Foundation,
    ModelEvaluation,
    ProvisionedThroughput,
    Remedies,
    base_model,
    make_foundation,
)
from settings import Model
from tests.conftest import ROOT
from tests.support.messages import says
from tests.synth.acknowledgements import unanswered
from tests.synth.data.test_unused_validation import warnings
from tests.synth.stages import stacks_of, stage_of
from tests.synth.templates import Json, logical_id, properties, readable, resources_of_type, to_json

ENV = Environment(account="111122223333", region="us-east-1")
NOVA = base_model("amazon.nova-micro-v1:0:128k")
FILES = ROOT / "examples" / "docstrings" / "converse"
PARTS = {"DataStore", "ServiceRole", "OperationsKey", "Ledger", "Training", "Serving", "Lifecycle"}


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(App(builtin_cloud_formation_validation=False, outdir=str(tmp_path / "cdk.out")), "Foreign", env=ENV)


@pytest.fixture
def foundation(stack: Stack) -> Foundation:
    return make_foundation(stack)


def model_of(stack: Stack, foundation: Foundation, construct_id: str = "Model", **changes: Any) -> FineTunedModel:
    train = DataSource.file(FILES / "train.jsonl")
    arguments: dict[str, Any] = {"name": "any", "train": train, "base_model": NOVA, **changes}
    return FineTunedModel(stack, construct_id, foundation=foundation, environment="dev", **arguments)


def one(template: Json, resource_type: str) -> Json:
    (found,) = resources_of_type(template, resource_type).values()
    return dict(found)


# --- the foundation ------------------------------------------------------------------------------------------------


def test_a_foundation_stands_in_the_scope_itself_under_the_ids_of_the_project_s(
    stack: Stack, foundation: Foundation, dev: Model, tmp_path: Path
) -> None:
    ours = stacks_of(stage_of(dev, tmp_path / "dev"))["Foundation"]
    assert foundation.workflow.node.scope is stack
    assert {child.node.id for child in stack.node.children} >= PARTS
    assert {child.node.id for child in ours.node.children} >= PARTS


@pytest.mark.parametrize("prefix", ["a" * 21, "a" * 90, "-a", "a b"])
def test_a_prefix_out_of_bounds_is_refused(stack: Stack, prefix: str) -> None:
    with pytest.raises(ValueError, match="name_prefix") as refused:
        make_foundation(stack, name_prefix=prefix)
    assert says(refused.value, "`name_prefix`", "20", repr(prefix))


def test_each_part_that_is_given_is_not_made(stack: Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "TheirBucket", "theirs")
    key, other = (
        kms.Key.from_key_arn(stack, name, f"arn:aws:kms:us-east-1:111122223333:key/{name}") for name in ("One", "Two")
    )
    role = iam.Role.from_role_arn(stack, "TheirRole", "arn:aws:iam::111122223333:role/theirs")
    made = make_foundation(stack, key=key, bucket=bucket, service_role=role, operations_key=other)
    assert (made.data_store.bucket, made.data_store.key) == (bucket, key)
    assert (made.service_role, made.operations_key, made.ledger.key) == (role, other, other)
    template = to_json(stack)
    assert not resources_of_type(template, "AWS::S3::Bucket")
    assert not resources_of_type(template, "AWS::KMS::Key")


def test_a_data_store_that_is_given_is_used_as_it_is(stack: Stack) -> None:
    store = DataStore(stack, "Theirs")
    assert make_foundation(stack, data_store=store).data_store is store
    assert stack.node.try_find_child("DataStore") is None


def test_a_data_store_with_another_key_is_refused(stack: Stack) -> None:
    store, key = DataStore(stack, "Theirs"), kms.Key(stack, "Key")
    with pytest.raises(ValueError, match="data_store") as refused:
        make_foundation(stack, data_store=store, key=key)
    assert says(refused.value, "leave")


# --- the model -----------------------------------------------------------------------------------------------------


def test_a_model_is_checked_trained_and_waited_for(stack: Stack, foundation: Foundation) -> None:
    model = model_of(
        stack,
        foundation,
        validation=DataSource.file(FILES / "validation.jsonl"),
        test=DataSource.file(FILES / "test.jsonl"),
        max_training_hours=3,
        hyper_parameters={"epochCount": 2},
    )
    template = to_json(stack)
    job = one(template, contract.MODEL_CUSTOMIZATION)["Properties"]
    assert (job["TrainingId"], job["HyperParameters"]) == (model.training_id, {"epochCount": "2"})
    assert len(resources_of_type(template, contract.DATASET)) == 3
    assert len(resources_of_type(template, contract.TRAINING_AWAIT)) == 4


def test_without_more_a_model_waits_twelve_hours_for_a_first_attempt(stack: Stack, foundation: Foundation) -> None:
    model = model_of(stack, foundation)
    template = to_json(stack)
    assert one(template, contract.MODEL_CUSTOMIZATION)["Properties"]["Attempt"] == "1"
    assert model.training_name.endswith("-1")
    assert len(resources_of_type(template, contract.TRAINING_AWAIT)) == 12 * 60 / contract.RUNG_MINUTES
    assert len(resources_of_type(template, contract.DATASET)) == 1


def test_validation_data_that_its_base_model_makes_no_use_of_is_warned_of_once_and_left_out(
    stack: Stack, foundation: Foundation
) -> None:
    nova_2 = base_model("amazon.nova-2-lite-v1:0:256k")
    changes: dict[str, Any] = {"base_model": nova_2, "train": DataSource.pushed("0" * 64)}
    with_it = model_of(stack, foundation, validation=DataSource.pushed("1" * 64), **changes)
    without = model_of(stack, foundation, "Without", name="other", **changes)
    assert with_it.training_id == without.training_id
    template = to_json(stack)
    assert [each["Properties"]["Sha256"] for each in resources_of_type(template, contract.DATASET).values()] == [
        "0" * 64,
        "0" * 64,
    ]
    assert len(warnings(stack)) == 1


def test_a_push_command_is_only_handed_on_when_it_is_given(stack: Stack, foundation: Foundation) -> None:
    model_of(stack, foundation, "Plain")
    model_of(stack, foundation, "Told", name="other", remedies=Remedies(push="any --push"))
    functions = resources_of_type(to_json(stack), "AWS::Lambda::Function").items()
    readers = {
        name: its["Properties"].get("Environment", {}).get("Variables", {})
        for name, its in functions
        if "dataset" in its["Properties"].get("Handler", "")
    }
    assert sorted(map(str, readers.values())) == sorted(map(str, [{}, {contract.PUSH_VARIABLE: "any --push"}]))


def test_where_a_key_is_named_is_handed_on_when_it_is_given(stack: Stack, foundation: Foundation) -> None:
    model_of(stack, foundation, "Told", remedies=Remedies(source_key="any.key"))
    functions = resources_of_type(to_json(stack), "AWS::Lambda::Function").values()
    (variables,) = (
        its["Properties"]["Environment"]["Variables"]
        for its in functions
        if "dataset" in its["Properties"].get("Handler", "")
    )
    assert variables == {contract.SOURCE_KEY_VARIABLE: "any.key"}


# --- its evaluation ------------------------------------------------------------------------------------------------

BETTER = Requirement.better_than("rouge_l", "base", by=0.05)
TEST = DataSource.pushed("7" * 64)


def asked(**changes: Any) -> ModelEvaluation:
    its: dict[str, Any] = {"metrics": [EvaluationMetric.rouge_l()], "max_output_tokens": 256, "max_tokens": 3_000_000}
    return ModelEvaluation(**{**its, **changes})


def test_a_model_that_is_evaluated_serves_only_behind_its_gate(stack: Stack) -> None:
    model = model_of(
        stack, make_foundation(stack, evaluate_with=["base"]), test=TEST, evaluation=asked(requirements=[BETTER])
    )
    CustomModelDeployment(stack, "Served", model=model)
    template = to_json(stack)
    evaluation, gate, served = (
        one(template, kind) for kind in (contract.EVALUATION, contract.QUALITY_GATE, contract.CUSTOM_MODEL_DEPLOYMENT)
    )
    assert model.evaluation is not None
    assert model.gate is not None
    said = evaluation["Properties"]
    assert (said["TrainingId"], said["TestSha256"], said["MaxTokens"]) == (model.training_id, "7" * 64, "3000000")
    assert set(resources_of_type(template, contract.TRAINING_AWAIT)) <= set(evaluation["DependsOn"])
    assert served["Properties"]["GateEvaluationId"] == model.evaluation.evaluation_id
    assert gate["Properties"]["GateRequirements"] == served["Properties"]["GateRequirements"]
    assert logical_id(model.gate.resource) in served["DependsOn"]
    assert len(resources_of_type(template, contract.EVALUATION_AWAIT)) == 12 * 60 / contract.RUNG_MINUTES


def test_without_requirements_it_is_measured_before_it_serves(stack: Stack) -> None:
    model = model_of(stack, make_foundation(stack, evaluate_with=["base"]), test=TEST, evaluation=asked(max_hours=1))
    CustomModelDeployment(stack, "Served", model=model)
    template = to_json(stack)
    served = one(template, contract.CUSTOM_MODEL_DEPLOYMENT)
    assert (model.gate, "GateEvaluationId" in served["Properties"]) == (None, False)
    assert set(resources_of_type(template, contract.EVALUATION_AWAIT)) <= set(served["DependsOn"])


@pytest.mark.parametrize(
    ("evaluate_with", "changes", "told"),
    [
        ((), {"test": TEST}, "`evaluate_with`"),
        (("base",), {}, "`test`"),
    ],
    ids=["foundation", "records"],
)
def test_an_evaluation_that_could_not_run_is_refused(
    stack: Stack, evaluate_with: tuple[str, ...], changes: dict[str, Any], told: str
) -> None:
    made = make_foundation(stack, evaluate_with=evaluate_with)
    with pytest.raises(ValueError, match="evaluation") as refused:
        model_of(stack, made, evaluation=asked(), **changes)
    assert says(refused.value, told)


def test_what_is_served_by_throughput_alone_is_told_how_it_is_evaluated(tmp_path: Path) -> None:
    west = Environment(account="111122223333", region="us-west-2")
    stack = Stack(App(builtin_cloud_formation_validation=False, outdir=str(tmp_path / "cdk.out")), "West", env=west)
    haiku = base_model("anthropic.claude-3-haiku-20240307-v1:0:200k")
    made = make_foundation(stack, evaluate_with=["base"])
    data: dict[str, Any] = {"train": DataSource.pushed("8" * 64), "test": TEST}
    with pytest.raises(ValueError, match="not served on demand") as refused:
        model_of(stack, made, base_model=haiku, evaluation=asked(), **data)
    assert says(refused.value, haiku.id, "`served_arn`")


def made_before(template: Json, name: str) -> set[str]:
    """Return what CloudFormation makes before a resource, and deletes after it."""
    found: set[str] = set()
    todo = [name]
    while todo:
        its = template["Resources"][todo.pop()]
        depends = its.get("DependsOn", [])
        new = {depends} if isinstance(depends, str) else set(depends)
        new |= set(re.findall(r"<(\w+)", json.dumps(readable(its.get("Properties", {})))))
        todo += new & template["Resources"].keys() - found
        found |= new
    return found


def test_in_one_stack_what_answers_cloudformation_is_made_before_a_model_and_deleted_after_it(stack: Stack) -> None:
    made = make_foundation(stack, evaluate_with=["base"])
    model = model_of(stack, made, test=TEST, evaluation=asked())
    CustomModelDeployment(stack, "Served", model=model)
    template = to_json(stack)
    answering = {
        logical_id(made.workflow.node.find_child("ExecutionDied")),
        *(name for name in template["Resources"] if name.startswith("LifecycleExecutionDiedAllow")),
        *(name for name in template["Resources"] if name.startswith("LifecycleFrontDoorFunctionEventInvokeConfig")),
    }
    assert len(answering) == 3
    kinds = (contract.MODEL_CUSTOMIZATION, contract.TRAINING_AWAIT, contract.EVALUATION, contract.EVALUATION_AWAIT)
    for kind in (*kinds, contract.CUSTOM_MODEL_DEPLOYMENT):
        for name in resources_of_type(template, kind):
            assert answering - made_before(template, name) == set(), name


def test_in_one_stack_the_service_role_has_its_policy_before_a_job_uses_it(stack: Stack) -> None:
    made = make_foundation(stack)
    model = model_of(stack, made)
    policy = logical_id(made.service_role.node.find_child("DefaultPolicy"))
    assert policy in made_before(to_json(stack), logical_id(model.customization.resource))


# --- what serves it ------------------------------------------------------------------------------------------------


def test_what_serves_a_model_has_everything_of_it_and_waits_for_it(stack: Stack, foundation: Foundation) -> None:
    model = model_of(stack, foundation, attempt=2, tags={"team": "any"})
    CustomModelDeployment(stack, "Served", model=model)
    template = to_json(stack)
    deployment = one(template, contract.CUSTOM_MODEL_DEPLOYMENT)
    asked = deployment["Properties"]
    assert (asked["TrainingId"], asked["Attempt"], asked["Tags"]) == (model.training_id, "2", {"team": "any"})
    rungs = set(resources_of_type(template, contract.TRAINING_AWAIT))
    assert set(deployment["DependsOn"]) >= {*rungs, logical_id(model.customization.resource)}


def test_what_serves_may_stand_in_another_stack_which_waits_for_that_of_the_training(
    stack: Stack, foundation: Foundation
) -> None:
    model = model_of(stack, foundation)
    other = Stack(App.of(stack), "Other", env=ENV)
    served = ProvisionedThroughput(other, "Served", model=model, model_units=1, keep_models=1)
    template = to_json(other)
    assert (other.dependencies, stack.dependencies) == ([stack], [])
    asked = properties(template, served.resource)
    assert (asked["TrainingId"], asked["ModelOwner"]) == (model.training_id, stack.resolve(model.customization.owner))
    assert readable(asked["ModelOwner"]).endswith(f"/{stack.stack_name}")
    (there,) = resources_of_type(template, contract.PROVISIONED_THROUGHPUT).values()
    assert all(name in template["Resources"] for name in there.get("DependsOn", ()))
    # A training that is replaced must not be held by what serves its model.
    exported = {str(each["Value"]) for each in to_json(stack).get("Outputs", {}).values()}
    held = {logical_id(model.customization.resource), *resources_of_type(to_json(stack), contract.TRAINING_AWAIT)}
    assert [value for value in exported if any(name in value for name in held)] == []


@pytest.mark.parametrize("nested", [("model",), ("foundation",), ("foundation", "model")], ids="-".join)
def test_what_is_in_a_nested_stack_is_exported_from_none(stack: Stack, nested: tuple[str, ...], tmp_path: Path) -> None:
    of_foundation, of_model = (
        NestedStack(stack, part) if part in nested else stack for part in ("foundation", "model")
    )
    CustomModelDeployment(of_model, "Served", model=model_of(of_model, make_foundation(of_foundation)))
    app = App.of(stack)
    assert app
    app.synth()
    templates = [json.loads(each.read_text(encoding="utf-8")) for each in tmp_path.rglob("*.template.json")]
    assert len(templates) == 1 + len(nested)
    assert [each for its in templates for each in its.get("Outputs", {}).values() if "Export" in each] == []


def test_what_is_acknowledged_is_acknowledged_in_a_nested_stack_too(tmp_path: Path) -> None:
    context = {"@aws-cdk/core:failSynthOnValidationErrors": False}
    app = App(builtin_cloud_formation_validation=False, outdir=str(tmp_path), context=context)
    stack = Stack(app, "Foreign", env=ENV)
    model_of(NestedStack(stack, "Nested"), make_foundation(stack))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text(encoding="utf-8"))
    assert unanswered(report) == []


def test_it_is_the_same_as_with_each_parameter_said(stack: Stack, foundation: Foundation) -> None:
    model = model_of(stack, foundation, tags={"team": "any"})
    short = ProvisionedThroughput(stack, "Short", model=model, model_units=1, keep_models=2, parameter_name="/a")
    said: dict[str, Any] = {**model.to_serve}
    long = ProvisionedThroughput(stack, "Long", **said, model_units=1, keep_models=2, parameter_name="/b")
    template = to_json(stack)
    of_short, of_long = (dict(properties(template, each.resource)) for each in (short, long))
    assert {of_short.pop("ServedModel"), of_long.pop("ServedModel")} == {"Short", "Long"}
    assert of_short == of_long


def test_tags_of_what_serves_may_be_others(stack: Stack, foundation: Foundation) -> None:
    CustomModelDeployment(stack, "Served", model=model_of(stack, foundation, tags={"a": "1"}), tags={"b": "2"})
    assert one(to_json(stack), contract.CUSTOM_MODEL_DEPLOYMENT)["Properties"]["Tags"] == {"b": "2"}


SAID_BY_THE_MODEL = {
    "name": "any",
    "environment": "dev",
    "base_model": NOVA,
    "training_id": "0123456789ab",
    "attempt": 1,
    "model_arn": "any",
    "model_owner": "any",
}


@pytest.mark.parametrize("parameter", SAID_BY_THE_MODEL)
def test_what_a_model_says_is_not_said_again(stack: Stack, foundation: Foundation, parameter: str) -> None:
    given: dict[str, Any] = {parameter: SAID_BY_THE_MODEL[parameter]}
    with pytest.raises(ValueError, match="`model`") as refused:
        CustomModelDeployment(stack, "Served", model=model_of(stack, foundation), **given)
    assert says(refused.value, f"`{parameter}`")
