"""What CloudFormation refuses in an update, on small stacks: a change of exports in use, and another service token."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from sandbox.server import Sandbox
from tests.e2e.any_stacks import Stacks

pytestmark = pytest.mark.sandbox

IN_USE: Final = "offering:InUse"
UNUSED: Final = "offering:Unused"
TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
ANSWER: Final = """
import json, urllib.request

def answer(event, context):
    names = ("StackId", "RequestId", "LogicalResourceId")
    body = {"Status": "SUCCESS", "PhysicalResourceId": "one", **{name: event[name] for name in names}}
    data, url = json.dumps(body).encode(), event["ResponseURL"]
    urllib.request.urlopen(urllib.request.Request(url, data, {"Content-Type": ""}, method="PUT")).close()
"""

Resources = dict[str, Any]


def offering(*, path: str = "/one/", unused: str | None = "a", in_use: bool = True, more: bool = False) -> Any:
    """Return a template that exports the ARN of a role, whose path replaces it, and a plain value."""
    resources: Resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"Path": path, "AssumeRolePolicyDocument": TRUST}}
    }
    if more:
        resources["Topic"] = {"Type": "AWS::SNS::Topic"}
    arn = {"Fn::GetAtt": ["Role", "Arn"]}
    outputs: Resources = {}
    if in_use:
        outputs["InUse"] = {"Value": arn, "Export": {"Name": IN_USE}}
    if unused is not None:
        outputs["Unused"] = {"Value": unused, "Export": {"Name": UNUSED}}
    return {"Resources": {**resources, "Any": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs}


def using(value: Any) -> Any:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Name": "/using", "Value": value}}
    return {"Resources": {"Parameter": parameter}}


IMPORT: Final = {"Fn::ImportValue": IN_USE}


@pytest.fixture
def stacks(sandbox: Sandbox) -> Iterator[Stacks]:
    """A stack that offers two values, and one that uses one of them."""
    made = Stacks(sandbox.client("cloudformation"))
    assert made.create("offering", offering()) == "CREATE_COMPLETE"
    assert made.create("using", using(IMPORT)) == "CREATE_COMPLETE"
    yield made
    made.delete("using")
    made.delete("offering")


@pytest.mark.parametrize(
    "changed", [offering(path="/two/"), offering(in_use=False), offering(path="/two/", more=True, unused=None)]
)
def test_an_export_in_use_is_neither_changed_nor_removed(stacks: Stacks, sandbox: Sandbox, changed: Any) -> None:
    before = stacks.exports()
    role = stacks.resource("offering", "Role")

    assert stacks.update("offering", changed) == "UPDATE_ROLLBACK_COMPLETE"

    assert any(IN_USE in reason and "using" in reason for reason in stacks.reasons("offering"))
    assert stacks.exports() == before
    assert stacks.resource("offering", "Role") == role
    assert sandbox.client("iam").get_role(RoleName=role)["Role"]["Path"] == "/one/"


@pytest.mark.parametrize("changed", [offering(unused="b"), offering(unused=None), offering(more=True)])
def test_everything_else_of_the_stack_may_change(stacks: Stacks, changed: Any) -> None:
    assert stacks.update("offering", changed) == "UPDATE_COMPLETE"
    wanted = {output["Export"]["Name"] for output in changed["Outputs"].values()}
    assert set(stacks.exports()) & {IN_USE, UNUSED} == wanted


def test_an_export_that_nobody_uses_any_more_may_go(stacks: Stacks) -> None:
    assert stacks.update("using", using("a value of its own")) == "UPDATE_COMPLETE"
    assert stacks.update("offering", offering(in_use=False)) == "UPDATE_COMPLETE"
    assert IN_USE not in stacks.exports()


# --- service tokens ----------------------------------------------------------------------------------------------


def asking(function: str) -> Any:
    """Return a template with two functions, one of which serves a custom resource."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
    code = {"Code": {"ZipFile": ANSWER}, "Handler": "index.answer", "Runtime": "python3.12"}
    made = {"Type": "AWS::Lambda::Function", "Properties": {**code, "Role": {"Fn::GetAtt": ["Role", "Arn"]}}}
    token = {"Fn::GetAtt": [function, "Arn"]}
    asked = {"Type": "Custom::Any", "Properties": {"ServiceToken": token, "ServiceTimeout": "20"}}
    return {"Resources": {"Role": role, "First": made, "Second": made, "Asked": asked}}


def test_a_custom_resource_keeps_its_service_token(sandbox: Sandbox) -> None:
    stacks = Stacks(sandbox.client("cloudformation"))
    assert stacks.create("asking", asking("First")) == "CREATE_COMPLETE"

    assert stacks.update("asking", asking("Second")) == "UPDATE_ROLLBACK_COMPLETE"

    assert "Modifying service token is not allowed." in stacks.reasons("asking")
    stacks.delete("asking")
