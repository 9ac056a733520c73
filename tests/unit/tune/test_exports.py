"""Exports in use: which of them an update changes, what is done about it, and what is not known."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from settings import Organization
from tests.support.messages import saying, says
from tests.unit.tune.aws_stand_in import FOUNDATION, TRAINING, target
from tune.exports import gate, wanted
from tune.exports.changes import ExportChange, Fate, changes
from tune.exports.gate import ExportsInUse
from tune.exports.look import look
from tune.exports.replacement import Replaces, replacement
from tune.terminal.environments import DeployTarget

STACK = FOUNDATION
ROLE_ARN = "arn:aws:iam::111122223333:role/x"
KEY_ARN = "arn:aws:kms:us-west-2:111122223333:key/11111111-2222-3333-4444-555555555555"
ARN = {"Fn::GetAtt": ["Role", "Arn"]}
NOW = {"e": "now", "AWS::Region": "us-west-2"}


def body(value: Any = ARN, *, name: str = "e", **resources: Any) -> dict[str, Any]:
    outputs = {"One": {"Value": value, "Export": {"Name": name}}} if value is not None else {}
    return {"Resources": resources, "Outputs": outputs}


def resource(kind: str = "AWS::IAM::Role", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


ROLE = resource(Path="/a/", Description="one")
HANDED_ON = resource("Custom::Any", Role=ARN)


def replaces(kind: str, name: str) -> Replaces:
    known: dict[tuple[str, str], Replaces] = {
        ("AWS::IAM::Role", "Path"): "yes",
        ("AWS::IAM::Role", "Description"): "no",
    }
    return known.get((kind, name), "maybe")


# --- what a template says ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "fate"),
    [
        (body(Role=ROLE), body(Role=ROLE), None),
        (body(Role=ROLE), body(Role=resource(Path="/a/", Description="two")), None),
        (body(Role=ROLE), body(Role=resource(Path="/b/", Description="one")), Fate.CHANGES),
        (body(Role=ROLE), body(Role=resource(Description="one")), Fate.CHANGES),
        (body(Role=resource(Path={"Ref": "AWS::NoValue"})), body(Role=resource()), None),
        (body(Role=ROLE), body(Role=resource(Path={"Fn::GetAtt": ["Other", "Path"]}, Description="one")), Fate.UNKNOWN),
        (body(Role=ROLE), body(Role={**ROLE, "Type": "AWS::IAM::User"}), Fate.CHANGES),
        (body(Role=ROLE), body(None, Role=ROLE), Fate.CHANGES),
        (body(Role=ROLE), body(name="another", Role=ROLE), Fate.CHANGES),
        (body(Role=ROLE), body({"Ref": "Role"}, Role=ROLE), Fate.UNKNOWN),
        (body("now"), body("now"), None),
        (body("now"), body("then"), Fate.CHANGES),
        (body(ARN, Role=ROLE), body("now"), None),
        (body({"Ref": "AWS::Region"}), body("us-west-2"), Fate.CHANGES),
        (body({"Fn::Join": ["", ["n", "ow"]]}), body({"Fn::Join": ["", ["no", "w"]]}), None),
        (body({"Ref": "Asked"}), body({"Ref": "Asked"}), Fate.UNKNOWN),
        (
            body({"Fn::Sub": "${Role}"}, Role=ROLE),
            body({"Fn::Sub": "${Role}"}, Role=resource(Path="/b/")),
            Fate.CHANGES,
        ),
        # An attribute that does not identify the resource may change with it.
        (
            body({"Fn::GetAtt": ["Role", "Any"]}, Role=ROLE),
            body({"Fn::GetAtt": ["Role", "Any"]}, Role=resource(Path="/a/", Description="two")),
            Fate.UNKNOWN,
        ),
        # What hands another resource's value on changes with that.
        (
            body({"Fn::GetAtt": ["It", "Arn"]}, It=HANDED_ON, Role=ROLE),
            body({"Fn::GetAtt": ["It", "Arn"]}, It=HANDED_ON, Role=resource(Path="/b/")),
            Fate.UNKNOWN,
        ),
        (
            body({"Ref": "It"}, It=resource(Path=ARN), Role=ROLE),
            body({"Ref": "It"}, It=resource(Path=ARN), Role=resource(Path="/b/")),
            Fate.CHANGES,
        ),
    ],
)
def test_tells_what_becomes_of_an_export(before: Any, after: Any, fate: Fate | None) -> None:
    found = changes(before, after, NOW, replaces)
    assert [change.fate for change in found] == ([] if fate is None else [fate])


def test_names_the_resource_and_what_replaces_it() -> None:
    (change,) = changes(body(Role=ROLE), body(Role=resource(Path="/b/", Description="two")), NOW, replaces)
    assert change == ExportChange("e", Fate.CHANGES, "a change of Path replaces Role", "Role")


def test_an_output_without_an_export_is_nobody_s_business() -> None:
    before = {"Resources": {}, "Outputs": {"One": {"Value": "a"}}}
    assert changes(before, {"Resources": {}}, {}, replaces) == []


def test_the_pinned_cdk_cli_knows_what_replaces() -> None:
    assert replacement("AWS::IAM::Role", "Path") == "yes"
    assert replacement("AWS::IAM::Role", "Description") == "no"
    assert replacement("AWS::S3::Bucket", "BucketEncryption") == "no"
    assert replacement("AWS::Lambda::Function", "FunctionName") == "yes"
    assert replacement("Custom::Any", "Any") == replacement("AWS::IAM::Role", "NotThere") == "maybe"


# --- who uses it -------------------------------------------------------------------------------------------------


class CloudFormation:
    """One stack, deployed from a template, whose export has users."""

    def __init__(self, deployed: Any, *users: str, error: str = "") -> None:
        self._deployed = deployed
        self._users = users
        self._error = error
        self.asked: list[str] = []

    def describe_stacks(self, *, StackName: str) -> Any:  # noqa: N803 - the API's name
        if self._deployed is None:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        outputs = [{"ExportName": "e", "OutputValue": KEY_ARN}]
        return {"Stacks": [{"StackName": StackName, "StackStatus": "UPDATE_COMPLETE", "Outputs": outputs}]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> Any:  # noqa: N803
        assert (StackName, TemplateStage) == (STACK, "Original")
        return {"TemplateBody": self._deployed}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_imports"
        return self

    def paginate(self, *, ExportName: str) -> Iterator[Any]:  # noqa: N803
        self.asked.append(ExportName)
        if self._error:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": self._error}}, "ListImports")
        if not self._users:
            message = f"Export '{ExportName}' is not imported by any stack."
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "ListImports")
        yield {"Imports": list(self._users)}


def organized(**organization: Any) -> DeployTarget:
    own = target()
    table = Organization.model_validate(organization)
    return dataclasses.replace(own, environment=own.environment.model_copy(update={"organization": table}))


MOVED = body(Role=resource(Path="/b/"))


def test_an_export_that_is_used_refuses_and_one_that_is_not_does_not() -> None:
    used = look(CloudFormation(body(Role=ROLE), TRAINING), organized(role_path="/b/"), MOVED)
    (refusal,) = used.refusals
    assert says(refusal, STACK, "e", TRAINING, 'service_role = "/a/"', "deploy again")
    assert "\n" not in refusal
    assert look(CloudFormation(body(Role=ROLE)), organized(role_path="/b/"), MOVED).refusals == []


def test_nobody_is_asked_about_exports_that_stay() -> None:
    cloudformation = CloudFormation(body(Role=ROLE), TRAINING)
    found = look(cloudformation, target(), body(Role=ROLE))
    assert (found.refusals, found.notes, cloudformation.asked) == ([], [], [])


def test_what_cannot_be_told_is_said_and_refuses_nothing() -> None:
    found = look(CloudFormation(body(Role=ROLE), TRAINING), target(), body({"Ref": "Role"}, Role=ROLE))
    assert found.refusals == []
    (note,) = found.notes
    assert says(note, "e", TRAINING)


def test_a_missing_right_is_said_and_refuses_nothing() -> None:
    found = look(CloudFormation(body(Role=ROLE), error="no ListImports for you"), target(), MOVED)
    assert found.refusals == []
    (note,) = found.notes
    assert says(note, STACK, "no ListImports for you")


def test_a_stack_that_is_not_there_has_no_exports() -> None:
    found = look(CloudFormation(None), target(), MOVED)
    assert (found.refusals, found.notes) == ([], [])


# --- what to do --------------------------------------------------------------------------------------------------

MADE = {
    "DataStoreKey12345678": resource("AWS::KMS::Key"),
    "OperationsKey12345678": resource("AWS::KMS::Key"),
    "DataStoreBucket12345678": resource("AWS::S3::Bucket"),
    "ServiceRole12345678": resource(),
    "Function": resource("AWS::Lambda::Function", FunctionName="a"),
}
DESTROY = ["python -m tune destroy local", "deploy again"]


def refusal_of(deployed_id: str, of: DeployTarget) -> str:
    deployed = {**body({"Fn::GetAtt": [deployed_id, "Arn"]}), "Resources": {deployed_id: MADE[deployed_id]}}
    (refusal,) = look(CloudFormation(deployed, TRAINING), of, body(None)).refusals
    return refusal


@pytest.mark.parametrize(
    ("made", "organization", "said"),
    [
        ("DataStoreKey12345678", {"key_arn": KEY_ARN}, ["key = true", "model_key_arns", KEY_ARN]),
        ("OperationsKey12345678", {"operations_key_arn": KEY_ARN}, ["operations_key = true"]),
        ("DataStoreBucket12345678", {"bucket": "a-bucket"}, ["bucket = true"]),
        ("ServiceRole12345678", {"service_role_arn": ROLE_ARN}, ['service_role = "/"']),
        ("ServiceRole12345678", {"role_path": "/b/"}, ['service_role = "/"']),
        ("ServiceRole12345678", {"roles": {"Foundation/ServiceRole": "x"}}, ['service_role = "/"', "service_role_arn"]),
        ("ServiceRole12345678", {"name_prefix": "acme-"}, DESTROY),
        ("Function", {"name_prefix": "acme-"}, DESTROY),
        ("DataStoreKey12345678", {"operations_key_arn": KEY_ARN}, DESTROY),
        ("OperationsKey12345678", {"key_arn": KEY_ARN}, DESTROY),
    ],
)
def test_says_what_to_do(made: str, organization: Mapping[str, Any], said: list[str]) -> None:
    assert says(refusal_of(made, organized(**organization)), TRAINING, *said)


def test_a_key_that_holds_no_model_is_no_key_of_models() -> None:
    assert "model_key_arns" not in refusal_of("OperationsKey12345678", organized(operations_key_arn=KEY_ARN))


def test_what_is_kept_already_is_named_too() -> None:
    given = organized(key_arn=KEY_ARN, bucket="a-bucket", keep={"key": True})
    assert says(refusal_of("DataStoreBucket12345678", given), "bucket = true", "key = true")


def test_a_key_whose_models_are_served_already_is_not_named_again() -> None:
    known = organized(key_arn=KEY_ARN)
    allow = known.environment.allow.model_copy(update={"model_key_arns": (KEY_ARN,)})
    known = dataclasses.replace(known, environment=known.environment.model_copy(update={"allow": allow}))
    assert "model_key_arns" not in refusal_of("DataStoreKey12345678", known)


@pytest.mark.parametrize("deployed", [None, body(Role=ROLE)])
@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("key", "DataStoreKey12345678"),
        ("operations_key", "OperationsKey12345678"),
        ("bucket", "DataStoreBucket12345678"),
    ],
)
def test_nothing_is_kept_that_nobody_made(name: str, made: str, deployed: Any) -> None:
    given = {"key_arn": KEY_ARN, "operations_key_arn": KEY_ARN, "bucket": "a-bucket", "keep": {name: True}}
    new = {"Resources": {"Role": ROLE, made: MADE[made]}}
    (refusal,) = look(CloudFormation(deployed), organized(**given), new).refusals
    assert says(refusal, STACK, f"organization.keep.{name}", "remove the line")
    assert look(CloudFormation(new), organized(**given), new).refusals == []


# --- before a deployment -----------------------------------------------------------------------------------------


def test_a_deployment_is_refused_before_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "foundation", lambda *_: MOVED)
    used = CloudFormation(body(Role=ROLE), TRAINING)
    with pytest.raises(ExportsInUse, match=saying(TRAINING, 'service_role = "/a/"')):
        gate.check(used, organized(role_path="/b/"), [], pytest.fail)


def test_a_deployment_goes_on_when_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any) -> Any:
        raise wanted.NotKnown("the synthesis failed")

    monkeypatch.setattr(wanted, "foundation", unknown)
    said: list[str] = []
    gate.check(CloudFormation(body(Role=ROLE), TRAINING), target(), [], said.append)
    assert says(said[0], STACK, "the synthesis failed")


def test_the_template_is_that_of_the_assembly_that_is_deployed(tmp_path: Path) -> None:
    nested = tmp_path / "assembly-local"
    nested.mkdir()
    (nested / "f.json").write_text(json.dumps(MOVED), encoding="utf-8")
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "f.json", "stackName": STACK}}
    other = {**stack, "properties": {"templateFile": "none"}}
    manifest(nested, {TRAINING: other, "localFoundation": stack})
    inner = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-local"}}
    manifest(tmp_path, {"tree": {"type": "cdk:tree"}, "assembly-local": inner})

    for extra in (["--app", str(tmp_path)], ["-v", "-a", str(tmp_path)], [f"--app={tmp_path}"]):
        assert wanted.foundation(target(), extra) == MOVED
    for elsewhere in (["--app", "python3 app.py"], ["--app"], ["--app", str(nested.parent / "none")]):
        with pytest.raises(wanted.NotKnown):
            wanted.foundation(target(), elsewhere)


def manifest(folder: Path, artifacts: Mapping[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")


@pytest.mark.slow
def test_without_an_assembly_the_settings_are_synthesized() -> None:
    snapshot = Path(__file__).resolve().parents[2] / "synth" / "stacks" / "snapshots" / "dev-Foundation.json"
    found = wanted.foundation(target("dev"), ["--require-approval", "never"])
    assert set(found["Outputs"]) == set(json.loads(snapshot.read_text(encoding="utf-8"))["Outputs"])


def test_settings_that_cannot_be_synthesized_are_left_to_the_cdk_cli() -> None:
    nowhere = dataclasses.replace(target(), folder=Path("/nowhere"))
    with pytest.raises(wanted.NotKnown):
        wanted.foundation(nowhere, [])
