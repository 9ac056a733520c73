"""The stacks: what they wire, what they share, and in which order they come."""

import ast
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Stack
from constructs import Node

from bedrock_lifecycle import contract
from settings import EnvironmentSettings
from stacks.environment_stage import EnvironmentStage
from tests.conftest import ROOT
from tests.synth.stages import stacks_of, stage_of, templates_of
from tests.synth.templates import Json, all_grants, readable, resources_of_type
from tests.unit.settings.settings_files import ABSENT, NOVA_MICRO, changed, load_file, write
from tune.account.inventory import KEPT
from tune.purge.proof import Proof
from tune.terminal.environments import find_ref

STACK_FILES = sorted((ROOT / "stacks").glob("*_stack.py"))


class Synthesized:
    """One environment with changed settings."""

    def __init__(self, folder: Path, context: dict[str, Any], *changes: tuple[str, object]) -> None:
        self.stage = stage_of(load_file(write(folder, changed(*changes))), folder / "cdk.out", context)
        self.stacks, self.templates = stacks_of(self.stage), templates_of(self.stage)


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory, context: dict[str, Any]) -> Synthesized:
    return Synthesized(tmp_path_factory.mktemp("stacks"), context)


def exports(template: Json) -> dict[str, Any]:
    """Return the exported values by name."""
    return {each["Export"]["Name"]: each["Value"] for each in template.get("Outputs", {}).values() if "Export" in each}


def imports(value: object) -> Iterator[str]:
    """Yield the names of all imported values in a template."""
    match value:
        case {"Fn::ImportValue": str(name)}:
            yield name
        case dict():
            for each in value.values():
                yield from imports(each)
        case list():
            for each in value:
                yield from imports(each)


# --- what outlives its stack ---------------------------------------------------------------------------------------


def test_what_is_kept_when_foundation_goes_carries_the_tags_by_which_purge_tells_that_it_may_be_removed(
    templates: dict[tuple[str, str], Json], environments: list[EnvironmentSettings]
) -> None:
    for settings in environments:
        named = {
            name: resource
            for stack in ("Foundation", "Training", "Serving")
            for name, resource in templates.get((settings.environment.name, stack), {}).get("Resources", {}).items()
            if resource.get("DeletionPolicy", "").startswith("Retain")
        }
        # By this beginning of its id `tune destroy` tells what it lists as kept.
        assert [name for name in named if not name.startswith(KEPT)] == []
        # A bucket's policy has no tags, and is removed with its bucket.
        kept = [each for each in named.values() if each["Type"] != "AWS::S3::BucketPolicy"]
        assert len(named) == len(kept) + 2
        assert sorted(resource["Type"] for resource in kept) == ["AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::Bucket"]
        proof = Proof.of(find_ref(ROOT / "environments", settings.environment.name))
        for resource in kept:
            assert proof.is_store({tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]})


# --- what the lifecycle may see --------------------------------------------------------------------------------------


def test_the_lifecycle_may_read_the_state_of_its_environment_s_stacks_and_of_no_others(
    stages: dict[str, EnvironmentStage], templates: dict[tuple[str, str], Json]
) -> None:
    for name, stage in stages.items():
        stacks = {kind: stack.stack_name for kind, stack in stacks_of(stage).items()}
        place = f"arn:aws:cloudformation:{stage.region}:{stage.account}"
        every = [f"{place}:stack/{each}/id" for each in stacks.values()]
        seen = {
            (kind, grant.resource)
            for kind in stacks
            for _, grant in all_grants(templates[name, kind])
            if grant.action.startswith("cloudformation:")
        }
        # CloudFormation is asked for the stack of a request, by its ARN; by the dataset function for its own alone.
        of_all = [pattern for stack, pattern in seen if stack == "Foundation"]
        assert of_all
        assert [each for each in every if not all(fnmatchcase(each, pattern) for pattern in of_all)] == []
        others = [each.replace(f"-{name}-", "-other-") for each in every]
        assert [each for each in others if any(fnmatchcase(each, pattern) for _, pattern in seen)] == []
        own = [(stack, pattern) for stack, pattern in seen if stack != "Foundation"]
        assert [pattern.rpartition(":")[2] for _, pattern in own] == [f"stack/{stacks[stack]}/*" for stack, _ in own]


# --- a stack only wires ------------------------------------------------------------------------------------------


def made_by(source: str) -> set[str]:
    """Return what a module makes: the classes that it calls, by the package that they come from."""
    tree = ast.parse(source)
    origin = {
        alias.asname or alias.name: str(node.module).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = (ast.unparse(call) for call in calls)
    return {f"{origin.get(name.partition('.')[0], '?')}: {name}" for name in names if _is_class(name)}


def _is_class(name: str) -> bool:
    return name.rpartition(".")[2][0].isupper()


@pytest.mark.parametrize("path", STACK_FILES, ids=lambda path: str(path.stem))
def test_a_stack_makes_only_constructs_of_the_library_and_outputs(path: Path) -> None:
    made = made_by(path.read_text(encoding="utf-8"))
    assert made
    # What a stack is told of its place and its deploy makes no resource.
    settings = {"aws_cdk: CdkEnvironment", "aws_cdk: LegacyStackSynthesizer"}
    assert {each for each in made if not each.startswith("bedrock_tuning: ")} <= {"aws_cdk: CfnOutput", *settings}


def test_every_stack_file_is_found() -> None:
    kinds = ("access", "evaluation", "foundation", "pipeline_access", "promotion", "serving", "training")
    assert [path.name for path in STACK_FILES] == [f"{kind}_stack.py" for kind in kinds]


def test_a_resource_in_a_stack_is_found() -> None:
    source = "from aws_cdk import aws_s3 as s3\nclass A(Stack):\n    def f(self): s3.Bucket(self, 'B')\n"
    assert made_by(source) == {"aws_cdk: s3.Bucket"}


# --- what differs between two trainings stays inside ---------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        (("training.hyper_parameters.epochCount", 3),),
        (("data.train", {"path": "test.jsonl"}),),
        (("training.attempt", 2),),
        (("training.max_training_hours", 1),),
        (("data.validation", ABSENT),),
        (("serving.provisioned_throughput.model_units", 2),),
    ],
    ids=["hyper-parameter", "data", "attempt", "hours", "no validation", "model units"],
)
def test_another_training_or_purchase_leaves_foundation_as_it_is(
    synthesized: Synthesized, tmp_path: Path, context: dict[str, Any], changes: tuple[tuple[str, object], ...]
) -> None:
    other = Synthesized(tmp_path, context, *changes).templates
    assert other["Foundation"] == synthesized.templates["Foundation"]
    assert other != synthesized.templates


def test_training_and_serving_export_nothing(synthesized: Synthesized) -> None:
    assert exports(synthesized.templates["Foundation"])
    assert not exports(synthesized.templates["Training"])
    assert not exports(synthesized.templates["Serving"])


def test_everything_that_is_imported_is_exported_by_foundation(synthesized: Synthesized) -> None:
    offered = exports(synthesized.templates["Foundation"]).keys()
    used = {name for stack in ("Training", "Serving") for name in imports(synthesized.templates[stack])}
    assert used == offered


def test_references_between_stacks_are_locked_until_nobody_uses_them(
    synthesized: Synthesized, context: dict[str, Any]
) -> None:
    # A weak reference makes a change set plan the replacement of what it feeds (aws/aws-cdk#38829).
    assert context["@aws-cdk/core:defaultCrossStackReferences"] == "strong"
    assert "Fn::GetStackOutput" not in str(synthesized.templates)


def test_serving_knows_the_training_by_its_id_alone(synthesized: Synthesized) -> None:
    (job,) = resources_of_type(synthesized.templates["Training"], contract.MODEL_CUSTOMIZATION).values()
    (bought,) = resources_of_type(synthesized.templates["Serving"], contract.PROVISIONED_THROUGHPUT).values()
    for shared in ("TrainingId", "Attempt", "Name", "Environment", "BaseModel"):
        assert job["Properties"][shared] == bought["Properties"][shared]


# --- order and protection ----------------------------------------------------------------------------------------


def test_only_foundation_is_protected_from_deletion(stages: dict[str, EnvironmentStage]) -> None:
    for stage in stages.values():
        protected = {kind: bool(stack.termination_protection) for kind, stack in stacks_of(stage).items()}
        assert protected == {"Foundation": True, "Training": False, "Serving": False}


def test_stacks_deploy_in_the_order_in_which_they_cost(synthesized: Synthesized) -> None:
    kinds = {stack: kind for kind, stack in synthesized.stacks.items()}
    before = {kind: {kinds[each] for each in stack.dependencies} for stack, kind in kinds.items()}
    assert before == {"Foundation": set(), "Training": {"Foundation"}, "Serving": {"Foundation", "Training"}}


def test_an_environment_that_does_not_serve_has_no_serving_stack(tmp_path: Path, context: dict[str, Any]) -> None:
    trained_only = Synthesized(tmp_path, context, ("serving", ABSENT))
    assert trained_only.templates.keys() == {"Foundation", "Training"}
    for template in trained_only.templates.values():
        assert not resources_of_type(template, contract.PROVISIONED_THROUGHPUT)


_NOVA: tuple[tuple[str, object], ...] = (("training", {"base_model": NOVA_MICRO}), ("region", "us-east-1"))
NOVA_ON_DEMAND = (*_NOVA, ("serving", {"on_demand": {}}))
BOUGHT = (*_NOVA, ("serving", {"provisioned_throughput": {"model_units": 1}}))
MODEL_ARN = "arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
GIVEN = (
    ("training", ABSENT),
    ("data", ABSENT),
    ("region", "us-east-1"),
    ("serving", {"model_arn": MODEL_ARN, "base_model": NOVA_MICRO, "on_demand": {}}),
)


def served(template: Json) -> dict[str, Json]:
    """Return what a Serving template serves with, by resource type."""
    types = (contract.PROVISIONED_THROUGHPUT, contract.CUSTOM_MODEL_DEPLOYMENT)
    return {kind: each for kind in types for each in resources_of_type(template, kind).values()}


def two(
    folder: Path,
    context: dict[str, Any],
    first: tuple[tuple[str, object], ...],
    second: tuple[tuple[str, object], ...],
) -> list[dict[str, Json]]:
    """Return the templates of an environment before and after a change."""
    folders = [folder / "before", folder / "after"]
    for each in folders:
        each.mkdir()
    return [Synthesized(each, context, *its).templates for each, its in zip(folders, (first, second), strict=True)]


def test_each_environment_is_served_in_the_way_that_its_settings_say(templates: dict[tuple[str, str], Json]) -> None:
    ways = {name: set(served(template)) for (name, stack), template in templates.items() if stack == "Serving"}
    assert ways["dev"] == {contract.CUSTOM_MODEL_DEPLOYMENT}
    assert ways["local"] == {contract.PROVISIONED_THROUGHPUT}
    for (_, stack), template in templates.items():
        assert stack == "Serving" or not served(template)


def unserved(template: Json) -> Json:
    """Return a Training template without what it says of serving."""
    plain: Json = json.loads(json.dumps(template))
    (job,) = resources_of_type(plain, contract.MODEL_CUSTOMIZATION).values()
    assert job["Properties"].pop("Serving")
    assert job["Properties"].pop("Quotas")
    assert plain["Outputs"].pop("ServedBy")
    return plain


def test_a_switch_of_the_way_to_serve_is_another_resource_behind_the_same_parameter(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    before, after = two(tmp_path, context, NOVA_ON_DEMAND, BOUGHT)
    assert before["Foundation"] == after["Foundation"]
    # The training is told how it will be served, for its preflight; that is no other training.
    assert unserved(before["Training"]) == unserved(after["Training"])
    ours, theirs = (
        {name: each for name, each in side["Serving"]["Resources"].items() if "AWS::CDK" not in each["Type"]}
        for side in (before, after)
    )
    (parameter,) = ours.keys() & theirs.keys()
    assert ours[parameter]["Type"] == "AWS::SSM::Parameter"
    for resources, attribute in ((ours, "CustomModelDeploymentArn"), (theirs, "ProvisionedModelArn")):
        (serving,) = (name for name in resources if name != parameter)
        assert resources[parameter]["Properties"]["Value"] == {"Fn::GetAtt": [serving, attribute]}
        assert resources[parameter]["Properties"]["Name"] == "/bedrock-tuning/dev/docstrings/model-id"
        assert resources[serving]["Properties"]["ServedModel"] == "ServedModel"
    for side in (before, after):
        assert side["Serving"]["Outputs"].keys() >= {"ModelId", "ModelIdParameter"}


def test_an_environment_with_a_given_model_has_no_training_stack(tmp_path: Path, context: dict[str, Any]) -> None:
    given = Synthesized(tmp_path, context, *GIVEN)
    assert given.templates.keys() == {"Foundation", "Serving"}
    (serving,) = served(given.templates["Serving"]).values()
    assert serving["Properties"]["ModelArn"] == MODEL_ARN
    assert not serving["Properties"].keys() & {"TrainingId", "Attempt", "KeepModels", "ModelOwner"}
    assert {each.node.id for each in given.stacks["Serving"].dependencies} == {"Foundation"}


def test_foundation_exports_the_same_whether_or_not_something_is_trained(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    # A Training stack from before may stand, and CloudFormation removes no export that is imported.
    trained, given = two(tmp_path, context, NOVA_ON_DEMAND, GIVEN)
    assert trained["Foundation"] == given["Foundation"]
    assert set(imports(trained["Training"])) <= exports(given["Foundation"]).keys()


def test_a_deploy_that_does_not_wait_has_no_rungs(tmp_path: Path, context: dict[str, Any]) -> None:
    at_once = Synthesized(tmp_path, context, ("training.max_training_hours", 0))
    assert not resources_of_type(at_once.templates["Training"], contract.TRAINING_AWAIT)


def test_test_data_is_checked_before_the_training_and_no_input_of_it(tmp_path: Path, context: dict[str, Any]) -> None:
    with_test = Synthesized(tmp_path, context, ("data.test", {"path": "test.jsonl"}))
    template = with_test.templates["Training"]
    assert len(resources_of_type(template, contract.DATASET)) == 3
    (job,) = resources_of_type(template, contract.MODEL_CUSTOMIZATION).values()
    (test_data,) = (
        name
        for name, each in resources_of_type(template, contract.DATASET).items()
        if each["Properties"]["DestinationKey"].startswith("test/")
    )
    assert test_data in job["DependsOn"]
    assert test_data not in str(job["Properties"])
    assert "test/" not in str(job["Properties"])


# --- everything is where the settings say ------------------------------------------------------------------------


def test_further_keys_reach_what_serves_and_what_reads_data_of_before_and_nothing_else(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    key = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    named = (*NOVA_ON_DEMAND, ("allow.model_key_arns", [key]))
    before, after = two(tmp_path, context, NOVA_ON_DEMAND, named)
    (deployment,) = served(after["Serving"]).values()
    assert deployment["Properties"]["ServedModelKmsKeyArns"] == [key]
    (was,) = served(before["Serving"]).values()
    assert "ServedModelKmsKeyArns" not in was["Properties"]
    told = [readable(each["Foundation"]["Outputs"]["ModelKeyArns"]["Value"]) for each in (before, after)]
    assert told[1] == f"{told[0]}, {key}"  # what who invokes it needs
    changed = {
        re.sub("DefaultPolicy.*", "", name): each["Type"]
        for stack in ("Foundation", "Training")
        for name, each in after[stack]["Resources"].items()
        if each != before[stack]["Resources"].get(name)
    }
    assert changed == dict.fromkeys(("ServingTurnRole", "ServiceRole", "DatasetReaderRole"), "AWS::IAM::Policy")


def test_stacks_are_in_the_account_and_region_of_their_settings(stages: dict[str, EnvironmentStage]) -> None:
    for stage in stages.values():
        for child in Node.of(stage).children:
            assert isinstance(child, Stack)
            assert (child.account, child.region) == (stage.account, stage.region)


def test_templates_stay_far_below_the_limits_of_cloudformation(templates: dict[tuple[str, str], Json]) -> None:
    # CloudFormation quotas: 500 resources and 1 MB a template, 200 parameters, 200 outputs.
    for template in templates.values():
        assert len(template["Resources"]) < 250
        assert len(str(template)) < 500_000
        assert len(template.get("Parameters", {})) <= 1
