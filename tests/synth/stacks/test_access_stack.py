"""What an application's account has: a stage of its own, whose values stay whichever model is served, and however."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aws_cdk import App, Stage

from stacks.environment_stage import EnvironmentStage
from tests.synth.organized import use_of
from tests.synth.stages import stage_of
from tests.synth.templates import Json, resources_of_type
from tests.unit.settings.settings_files import NOVA_MICRO, changed, load_file, write
from tune.review.assembly import StackTemplate, read

OWN: Final = "111122223333"
ACCOUNTS: Final = ("222222222222", "333333333333")
ACCESS: Final = [{"account": each, "principals": [f"arn:aws:iam::{each}:role/answers"]} for each in ACCOUNTS]
GIVEN: Final[tuple[tuple[str, object], ...]] = (
    ("region", "us-east-1"),
    ("training", {"base_model": NOVA_MICRO, "hyper_parameters": {"epochCount": 2}}),
    ("data", {"train": {"sha256": "a" * 64}}),
    ("serving", {"on_demand": {}}),
    ("access", ACCESS),
)
BOUGHT: Final = {"provisioned_throughput": {"model_units": 2}}
SERVING: Final = "bedrock-tuning-dev-docstrings-Serving"


def synthesized(folder: Path, context: Mapping[str, Any], *changes: tuple[str, object]) -> Mapping[str, StackTemplate]:
    """Return all stacks as the CDK writes them."""
    stage = made(folder, context, *changes)
    assert isinstance(stage.node.root, App)
    stage.node.root.synth()
    return read(folder / "cdk.out")


def made(folder: Path, context: Mapping[str, Any], *changes: tuple[str, object]) -> EnvironmentStage:
    model = load_file(write(folder, changed(*GIVEN, *changes)))
    return stage_of(model, folder / "cdk.out", context)


def values(stack: StackTemplate) -> dict[str, Any]:
    return {its["Properties"]["Name"]: its["Properties"]["Value"] for its in parameters(stack.body)}


def parameters(template: Mapping[str, Any]) -> list[Json]:
    return [*resources_of_type(dict(template), "AWS::SSM::Parameter").values()]


def roles(stacks: Mapping[str, StackTemplate]) -> set[str]:
    """Return the ARNs of the named roles of Serving."""
    made = resources_of_type(dict(stacks[SERVING].body), "AWS::IAM::Role").values()
    held = [its["Properties"] for its in made]
    return {f"arn:aws:iam::{OWN}:role{its.get('Path', '/')}{its['RoleName']}" for its in held}


def test_each_account_has_a_stack_of_the_environment_and_model_in_a_stage_of_its_own(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    stacks = synthesized(tmp_path, context, ("stack_prefix", "acme-"))
    theirs = [its for its in stacks.values() if its.account != OWN]
    assert {(its.name, its.account, its.region) for its in theirs} == {
        ("acme-dev-docstrings-Access", account, "us-east-1") for account in ACCOUNTS
    }
    assert {(its.app, its.environment, its.model, its.kind) for its in theirs} == {
        ("bedrock-tuning", "dev", "docstrings", "Access")
    }
    assert {its["Type"] for stack in theirs for its in stack.resources.values()} == {"AWS::SSM::Parameter"}
    tags = [its["Properties"]["Tags"]["CostCentre"] for stack in theirs for its in parameters(stack.body)]
    assert tags == ["1234"] * 6


def test_no_access_makes_no_stage(tmp_path: Path, context: dict[str, Any]) -> None:
    stage = made(tmp_path, context, ("access", []))
    assert [its for its in stage.node.children if isinstance(its, Stage)] == []


def test_the_environment_is_deployed_without_what_others_have(tmp_path: Path, context: dict[str, Any]) -> None:
    stage = made(tmp_path, context)
    assert isinstance(stage.node.root, App)
    assembly = stage.node.root.synth().get_nested_assembly(stage.artifact_id)
    assert {its.environment.account for its in assembly.stacks} == {OWN}
    others = [its for its in stage.node.children if isinstance(its, Stage)]
    assert [(its.stage_name, its.node.path) for its in others] == [("dev-access", "dev/access")]
    assert [its.node.id for its in others[0].node.children] == [f"docstrings-{each}" for each in ACCOUNTS]


@pytest.mark.parametrize("organization", [{}, {"name_prefix": "acme-", "role_path": "/teams/search/"}], ids=str)
def test_the_parameters_name_a_role_and_a_parameter_that_serving_makes(
    tmp_path: Path, context: dict[str, Any], organization: dict[str, str]
) -> None:
    stacks = synthesized(tmp_path, context, ("organization", organization))
    found = [values(its) for its in stacks.values() if its.kind == "Access"]
    begin = "/bedrock-tuning/dev/docstrings/access"
    assert {each[f"{begin}/role-arn"] for each in found} == roles(stacks)
    assert len(roles(stacks)) == len(ACCOUNTS)
    names = {its["Properties"]["Name"] for its in parameters(stacks[SERVING].body)}
    assert {each[f"{begin}/model-id-parameter"] for each in found} == names
    assert {each[f"{begin}/region"] for each in found} == {"us-east-1"}
    assert {len(each) for each in found} == {3}


def test_nothing_changes_there_when_another_model_is_served_and_in_another_way(
    tmp_path: Path, context: dict[str, Any]
) -> None:
    other = (("serving", BOUGHT), ("training.hyper_parameters", {"epochCount": 3}), ("reconcile", 1))
    before, after = (synthesized(folder(tmp_path, name), context, *its) for name, its in (("a", ()), ("b", other)))
    assert before[SERVING].body != after[SERVING].body
    theirs = [{name: its.body for name, its in each.items() if its.kind == "Access"} for each in (before, after)]
    assert len(theirs[0]) == len(ACCOUNTS)
    assert theirs[0] == theirs[1]


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_a_role_that_is_given_is_named_and_none_is_made(tmp_path: Path, context: dict[str, Any]) -> None:
    """Every role is given: what the stage needs is found by making it once without."""
    needed = [use_of(path) for path in role_paths(made(folder(tmp_path, "a"), context))]
    given = {use: f"own/role-{number}" for number, use in enumerate(needed)}
    assert {f"Serving/Access{each}" for each in ACCOUNTS} <= given.keys()
    stacks = synthesized(folder(tmp_path, "b"), context, ("organization", {"roles": given}))
    found = {
        its.account: values(its)["/bedrock-tuning/dev/docstrings/access/role-arn"]
        for its in stacks.values()
        if its.kind == "Access"
    }
    assert found == {each: f"arn:aws:iam::{OWN}:role/{given[f'Serving/Access{each}']}" for each in ACCOUNTS}
    assert [its for each in stacks.values() for its in resources_of_type(dict(each.body), "AWS::IAM::Role")] == []


def role_paths(stage: EnvironmentStage) -> list[str]:
    return [
        its.node.path for its in stage.node.find_all() if its.node.id == "Role" and hasattr(its, "assume_role_policy")
    ]
