"""One environment with some models: Foundation is the environment's alone, and each model has stacks of its own."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import Stack

from bedrock_lifecycle import contract
from settings import EnvironmentSettings, Organization, load_environment, load_model
from stacks.environment_stage import EnvironmentStage
from tests.synth.app.test_foreign_apps import assert_names_are_free
from tests.synth.stages import alone, elsewhere, stage_of
from tests.synth.templates import Json, resources_of_type, to_json
from tests.unit.settings.settings_files import ABSENT, changed, load_file, write

Changes = tuple[tuple[str, object], ...]

ONE: Final[Changes] = (("name", "a"), ("serving", ABSENT))
SERVED: Final[Changes] = (("name", "a"),)
BOUGHT: Final[Changes] = (("name", "a-b"), ("training.attempt", 2))
OTHER: Final[Changes] = (("name", "c"), ("data.test", {"path": "test.jsonl"}), ("serving.keep_models", 2))


def environment(folder: Path, *models: Changes, **beside: Any) -> EnvironmentSettings:
    """Return `dev` with some models, and what an environment has `beside` the keys of a document."""
    write(folder, changed()).unlink()
    for changes in models:
        write(folder, changed(*changes))
    settings = load_environment(folder, "dev")
    changed_models = tuple(elsewhere(each, **beside) for each in settings.models)
    return EnvironmentSettings(settings.environment.model_copy(update=beside), changed_models)


def stacks(stage: EnvironmentStage) -> Iterator[Stack]:
    for each in stage.node.children:
        assert isinstance(each, Stack)
        yield each


def templates(settings: EnvironmentSettings, folder: Path, context: Mapping[str, Any]) -> dict[str, Json]:
    """Return the templates by the ids that the stacks have in their stage."""
    return {each.node.id: to_json(each) for each in stacks(stage_of(settings, folder / "cdk.out", context))}


# --- Foundation --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_no_model(tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any]) -> str:
    """Foundation of an environment without a model, as text."""
    folder = tmp_path_factory.mktemp("none")
    (only,) = (made := templates(environment(folder), folder, context))
    assert only == "Foundation"
    return json.dumps(made[only])


@pytest.mark.parametrize("models", [(ONE,), (BOUGHT,), (ONE, BOUGHT, OTHER)], ids=["trained", "bought", "three"])
def test_foundation_is_the_same_whichever_models_there_are(
    of_no_model: str, tmp_path: Path, context: dict[str, Any], models: tuple[Changes, ...]
) -> None:
    made = templates(environment(tmp_path, *models), tmp_path, context)
    assert len(made) > len(models)
    assert json.dumps(made["Foundation"]) == of_no_model


def test_foundation_is_the_same_while_the_file_of_another_model_is_wrong(
    of_no_model: str, tmp_path: Path, context: dict[str, Any]
) -> None:
    path = write(tmp_path, changed(*ONE))
    (path.parent / "wrong.toml").write_text("[training", encoding="utf-8")
    made = templates(alone(load_model(tmp_path, "dev", "a")), tmp_path, context)
    assert made.keys() == {"Foundation", "a-Training"}
    assert json.dumps(made["Foundation"]) == of_no_model


# --- names and tags ----------------------------------------------------------------------------------------------


def test_stacks_are_called_after_prefix_environment_and_model(tmp_path: Path, context: dict[str, Any]) -> None:
    stage = stage_of(environment(tmp_path, ONE, BOUGHT, stack_prefix="acme-"), tmp_path / "cdk.out", context)
    assert {each.node.path: each.stack_name for each in stacks(stage)} == {
        "dev/Foundation": "acme-dev-Foundation",
        "dev/a-Training": "acme-dev-a-Training",
        "dev/a-b-Training": "acme-dev-a-b-Training",
        "dev/a-b-Serving": "acme-dev-a-b-Serving",
    }


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any]) -> EnvironmentStage:
    """Two models, of which one has a tag that its environment has too."""
    folder = tmp_path_factory.mktemp("tagged")
    tags = {"CostCentre": "0", "Owner": "platform"}
    settings = environment(folder, (*ONE, ("tags", ABSENT)), BOUGHT, app="acme", tags=tags)
    return stage_of(settings, folder / "cdk.out", context)


# What the two models of `tagged` have, and their environment has without them.
THEIRS: Final = {"CostCentre": "0", "Owner": "platform"}
OWN: Final = {"CostCentre": "1234", "Owner": "platform"}


def test_every_stack_says_whose_it_is_and_has_the_tags_of_the_settings(tagged: EnvironmentStage) -> None:
    ours = {contract.TAG_APP: "acme", contract.TAG_ENVIRONMENT: "dev"}
    a, b = ({contract.TAG_MODEL: name} for name in ("a", "a-b"))
    assert {each.node.id: each.tags.tag_values() for each in stacks(tagged)} == {
        "Foundation": ours | THEIRS,
        "a-Training": ours | a | THEIRS,
        "a-b-Training": ours | b | OWN,
        "a-b-Serving": ours | b | OWN,
    }


def test_what_is_written_for_a_deployment_has_the_tags_too(tagged: EnvironmentStage) -> None:
    written = {each.stack_name: dict(each.tags) for each in tagged.synth().stacks}
    assert written == {each.stack_name: each.tags.tag_values() for each in stacks(tagged)}


def test_tags_of_the_settings_reach_everything_that_can_be_tagged(tagged: EnvironmentStage) -> None:
    taggable = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::IAM::Role", "AWS::Lambda::Function")
    made = (contract.MODEL_CUSTOMIZATION, contract.PROVISIONED_THROUGHPUT)
    found: dict[str, list[str]] = {}
    for stack in stacks(tagged):
        expected = OWN if stack.node.id.startswith("a-b") else THEIRS
        for kind in (*taggable, *made):
            for each in resources_of_type(to_json(stack), kind).values():
                tags = each["Properties"]["Tags"]
                its = tags if kind in made else {tag["Key"]: tag["Value"] for tag in tags}
                assert {key: its.get(key) for key in expected} == expected
                found.setdefault(kind, []).append(stack.node.id)
    assert found.keys() == {*taggable, *made}
    assert found[contract.MODEL_CUSTOMIZATION] == ["a-Training", "a-b-Training"]


# --- several models ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name_prefix", [None, "acme-"])
def test_models_of_one_environment_take_no_name_of_each_other(
    tmp_path: Path, context: dict[str, Any], name_prefix: str | None
) -> None:
    settings = environment(tmp_path, BOUGHT, SERVED, OTHER, organization=Organization(name_prefix=name_prefix))
    stage = stage_of(settings, tmp_path / "cdk.out", context)
    made = [to_json(each) for each in stacks(stage)]
    assert len(made) == 7
    assert_names_are_free(*made)
    parameters = [its["Properties"]["Name"] for each in made for its in _parameters(each)]
    assert parameters == [f"/bedrock-tuning/dev/{name}/model-id" for name in ("a", "a-b", "c")]


def test_each_model_is_served_from_its_own_training(tmp_path: Path, context: dict[str, Any]) -> None:
    stage = stage_of(environment(tmp_path, BOUGHT, SERVED), tmp_path / "cdk.out", context)
    for name in ("a", "a-b"):
        training, serving = (stage.node.find_child(f"{name}-{kind}") for kind in ("Training", "Serving"))
        assert isinstance(training, Stack)
        assert isinstance(serving, Stack)
        (bought,) = resources_of_type(to_json(serving), contract.PROVISIONED_THROUGHPUT).values()
        assert {each.node.id for each in serving.dependencies} == {"Foundation", f"{name}-Training"}
        assert {each.node.id for each in training.dependencies} == {"Foundation"}
        (job,) = resources_of_type(to_json(training), contract.MODEL_CUSTOMIZATION).values()
        for shared in ("TrainingId", "Attempt", "Name", "Environment"):
            assert job["Properties"][shared] == bought["Properties"][shared]
        assert job["Properties"]["Name"] == name


# --- bounds ------------------------------------------------------------------------------------------------------

# What AWS takes at most: CloudFormation, IAM, Lambda, Step Functions, KMS, CloudWatch Logs, DynamoDB, SNS, EventBridge.
LONGEST: Final[Mapping[str, tuple[str, int]]] = {
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::KMS::Alias": ("AliasName", 256),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::SSM::Parameter": ("Name", 1011),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", 80),
}
LONGEST_STACK: Final = 128
LONGEST_EXPORT: Final = 255


@pytest.mark.parametrize("name_prefix", [None, "n" * contract.MAX_NAME_PREFIX_LENGTH])
def test_the_longest_names_are_within_what_aws_takes(
    tmp_path: Path, context: dict[str, Any], name_prefix: str | None
) -> None:
    settings = changed(
        ("name", "m" * contract.MAX_NAME_LENGTH),
        ("stack_prefix", "p" * 40),
        ("notifications", {"email": ["a@example.com"]}),
        ("organization", {"name_prefix": name_prefix} if name_prefix else {}),
    )
    model = load_file(write(tmp_path, settings, environment="e" * contract.MAX_ENVIRONMENT_LENGTH))
    found: dict[str, int] = {}
    for stack in stacks(stage_of(model, tmp_path / "cdk.out", context)):
        assert len(stack.stack_name) <= LONGEST_STACK
        template = to_json(stack)
        for each in template["Outputs"].values():
            assert len(each.get("Export", {}).get("Name", "")) <= LONGEST_EXPORT
        for kind, (key, longest) in LONGEST.items():
            for each in resources_of_type(template, kind).values():
                if key in each["Properties"]:  # others get a name of CloudFormation's, which it cuts
                    found[kind] = max(found.get(kind, 0), len(each["Properties"][key]))
                    assert found[kind] <= longest, each["Properties"][key]
    assert found.keys() >= {"AWS::KMS::Alias", "AWS::SSM::Parameter", "AWS::StepFunctions::StateMachine"}
    assert name_prefix is None or found.keys() == LONGEST.keys()


def _parameters(template: Json) -> list[Json]:
    return [*resources_of_type(template, "AWS::SSM::Parameter").values()]
