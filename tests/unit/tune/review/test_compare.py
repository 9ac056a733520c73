"""Two assemblies side by side: what is gone, kept and no longer asked for, and what cannot be compared."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tests.unit.tune.review.test_exports import OWN, exporting, importing
from tune.review import compare
from tune.review.assembly import StackTemplate
from tune.review.compare import review
from tune.review.findings import ReviewFinding
from tune.review.structure import ResourceChange
from tune.terminal.problems import NoAssembly

NAMES = {kind: f"bedrock-tuning-dev-docstrings-{kind}" for kind in ("Training", "Serving")}
PURCHASE = "Custom::BedrockProvisionedThroughput"


def of_model(kind: str, resources: Mapping[str, Any] | None = None) -> StackTemplate:
    return stack(resources or {}, name=NAMES[kind], model="docstrings")


def compared(
    monkeypatch: pytest.MonkeyPatch,
    before: Sequence[StackTemplate],
    after: Sequence[StackTemplate],
    *changes: ResourceChange,
) -> list[ReviewFinding]:
    """Review, with what the CDK's library would say of every pair; it is a process."""
    monkeypatch.setattr(compare, "changes", lambda pairs: [list(changes) for _ in pairs])
    base, head = ({its.name: its for its in each} for each in (before, after))
    return list(review(base, head).findings)


@pytest.mark.parametrize("kept", ["Retain", "RetainExceptOnCreate"])
def test_what_is_kept_when_it_is_removed_stays_and_is_not_lost(monkeypatch: pytest.MonkeyPatch, kept: str) -> None:
    before = stack({"Bucket": {"Type": "AWS::S3::Bucket", "DeletionPolicy": kept}})
    (found,) = compared(monkeypatch, [before], [stack({})], ResourceChange("Bucket", "AWS::S3::Bucket", "WILL_DESTROY"))
    assert found.finding_class == "stays"


def test_metadata_of_a_function_is_not_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(note: str) -> StackTemplate:
        return stack({"It": {"Type": "AWS::Lambda::Function", "Metadata": {"note": note}}})

    change = ResourceChange("It", "AWS::Lambda::Function", "WILL_UPDATE")
    assert compared(monkeypatch, [of("a")], [of("b")], change) == []
    (found,) = compared(
        monkeypatch, [of("a")], [of("b")], dataclasses.replace(change, properties={"Code": "WILL_UPDATE"})
    )
    assert (found.finding_class, "the code of 1 function" in found.says) == ("changes", True)


@pytest.mark.parametrize("kind", ["Custom::Other", "AWS::CloudFormation::CustomResource"])
def test_a_custom_resource_that_nobody_here_knows_cannot_be_told(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    (found,) = compared(
        monkeypatch, [stack({})], [stack({"Any": {"Type": kind}})], ResourceChange("Any", kind, "WILL_CREATE")
    )
    assert (found.finding_class, found.certainty, found.path) == ("unknown", "unknown", "Any")


def test_a_custom_resource_that_nobody_here_knows_cannot_be_told_in_a_new_stack_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = of_model("Training", {"Any": {"Type": "Custom::Other"}, "Bucket": {"Type": "AWS::S3::Bucket"}})
    structure = (
        ResourceChange("Any", "Custom::Other", "WILL_CREATE"),
        ResourceChange("Bucket", "AWS::S3::Bucket", "WILL_CREATE"),
    )
    (found,) = compared(monkeypatch, [stack({})], [stack({}), new], *structure)
    assert (found.finding_class, found.certainty, found.path) == ("unknown", "unknown", "Any")


def test_a_parameter_that_is_gone_or_renamed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = "AWS::SSM::Parameter"
    old, new = (stack({"It": {"Type": kind, "Properties": {"Name": name}}}) for name in ("/old", "/new"))
    for after, impact in ((stack({}), "WILL_DESTROY"), (new, "WILL_REPLACE")):
        (found,) = compared(monkeypatch, [old], [after], ResourceChange("It", kind, impact))
        assert (found.finding_class, found.was) == ("deletes", "/old")


@pytest.mark.parametrize(
    ("gone", "left", "command"),
    [
        ("Serving", ["Training"], "tune destroy dev docstrings --serving-only"),
        (
            "Training",
            ["Serving"],
            f"aws cloudformation delete-stack --stack-name {NAMES['Training']} --region us-east-1",
        ),
        ("Training", [], "tune destroy dev docstrings"),
    ],
)
def test_the_command_that_ends_a_stack_ends_nothing_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, gone: str, left: Sequence[str], command: str
) -> None:
    kept = [of_model(kind) for kind in left]
    (found,) = compared(monkeypatch, [of_model(gone), *kept], kept)
    assert found.finding_class == "stays"
    assert found.says.endswith(command)


def test_the_command_that_ends_an_environment_takes_all_its_models(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = compared(monkeypatch, [stack({})], [])
    assert found.says.endswith("tune destroy dev --every-model --all")


@pytest.mark.parametrize(
    ("properties", "expected"), [({"ModelUnits": "2"}, 2), ({}, None), ({"ModelUnits": "x"}, None)]
)
def test_units_that_go_on_billing_are_told_where_they_are_known(
    monkeypatch: pytest.MonkeyPatch, properties: Mapping[str, str], expected: int | None
) -> None:
    (found,) = compared(monkeypatch, [of_model("Serving", {"It": {"Type": PURCHASE, "Properties": properties}})], [])
    assert [(its.nature, its.quantity) for its in found.costs] == [("hourly", expected)]


@pytest.mark.parametrize(("kind", "nature"), [("AWS::SecretsManager::Secret", "monthly"), ("AWS::EC2::EIP", "hourly")])
def test_what_bills_by_existing_is_told_when_it_comes_and_when_it_is_kept(
    monkeypatch: pytest.MonkeyPatch, kind: str, nature: str
) -> None:
    there = stack({"It": {"Type": kind, "DeletionPolicy": "Retain"}})
    for before, after, impact, said in (
        (stack({}), there, "WILL_CREATE", "buys"),
        (there, stack({}), "WILL_ORPHAN", "stays"),
    ):
        (found,) = compared(monkeypatch, [before], [after], ResourceChange("It", kind, impact))
        assert (found.finding_class, [its.nature for its in found.costs]) == (said, [nature])


def test_what_a_stack_that_is_gone_has_goes_on_billing(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = compared(monkeypatch, [stack({name: {"Type": "AWS::KMS::Key"} for name in ("One", "Two")})], [])
    assert ("monthly", "keys", 2) in [(its.nature, its.unit, its.quantity) for its in found.costs]


def test_an_export_that_the_base_imports_must_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compared(monkeypatch, [exporting(OWN), importing()], [exporting(None), stack({}, name=NAMES["Training"])])
    assert [its.finding_class for its in found] == ["refused"]


def test_a_custom_resource_that_another_function_serves_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def served_by(token: str) -> StackTemplate:
        return stack({"It": {"Type": "Custom::Any", "Properties": {"ServiceToken": {"Fn::ImportValue": token}}}})

    (found,) = compared(monkeypatch, [served_by("a")], [served_by("b")])
    assert (found.finding_class, found.certainty, found.path) == ("refused", "atMost", "It")
    assert compared(monkeypatch, [served_by("a")], [served_by("a")]) == []


def test_an_environment_that_neither_has_is_not_compared() -> None:
    there = {"any": stack({})}
    with pytest.raises(NoAssembly, match=r"'prdo'.*they have: dev"):
        review(there, there, environment="prdo")


# --- stacks of applications ----------------------------------------------------------------------------------------


def of_application(account: str, value: str = "a") -> StackTemplate:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/any", "Value": value}}
    name = "bedrock-tuning-dev-docstrings-Access"
    return stack({"RoleArn": parameter}, name=name, model="docstrings", account=account)


def test_an_application_s_stack_that_is_no_longer_asked_for_stays_and_bills_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (found,) = compared(monkeypatch, [of_application("222222222222")], [])
    assert (found.finding_class, found.costs) == ("stays", ())
    command = "aws cloudformation delete-stack --stack-name bedrock-tuning-dev-docstrings-Access --region us-east-1"
    assert command in found.says
    assert "222222222222" in found.says


def test_an_application_s_stack_trains_and_serves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compared(monkeypatch, [], [of_application("222222222222")]) == []
    assert compared(monkeypatch, [of_application("222222222222")], [of_application("222222222222", "b")]) == []


def test_what_no_template_tells_is_said_of_new_stacks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"Nested": "AWS::CloudFormation::Stack", "Thing": "AWS::Any::Thing"}
    after = stack({name: {"Type": kind} for name, kind in kinds.items()})
    for before in ([], [stack({})]):
        found = compared(monkeypatch, before, [after])
        assert [(its.finding_class, its.path) for its in found] == [("unknown", ""), ("unknown", "Nested")]


def test_the_same_log_retention_of_several_groups_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(days: int) -> StackTemplate:
        group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": days}}
        return stack({f"Group{number}": group for number in range(16)})

    (found,) = compared(monkeypatch, [of(90)], [of(30)])
    assert (found.finding_class, found.path, len(found.details)) == ("loosens", "", 16)
