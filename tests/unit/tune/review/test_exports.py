"""Exports in use: which changes of them CloudFormation refuses, from templates alone."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.assembly import StackTemplate
from tune.review.exports import findings, users_in

EXPORT = "bedrock-tuning-dev-Foundation:Any"
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "one"}}


def exporting(value: Any, role: Mapping[str, Any] = ROLE) -> StackTemplate:
    outputs = {"Any": {"Value": value, "Export": {"Name": EXPORT}}} if value else {}
    return stack({}, body={"Resources": {"Role": dict(role)}, "Outputs": outputs})


def importing(**changes: Any) -> StackTemplate:
    uses = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::Join": ["", [{"Fn::ImportValue": EXPORT}]]}}}
    return stack({"It": uses}, name="bedrock-tuning-dev-docstrings-Training", **changes)


OWN = {"Fn::GetAtt": ["Role", "Arn"]}
RENAMED = {**ROLE, "Properties": {"RoleName": "two"}}
CHANGES = [
    (exporting(None), ["refused"]),
    (exporting("another"), ["unknown"]),
    (exporting(OWN, RENAMED), ["refused"]),
    (exporting(OWN, {**ROLE, "Properties": {"RoleName": "one", "Description": "x"}}), []),
]


@pytest.mark.parametrize(("after", "expected"), CHANGES)
def test_an_export_in_use_that_does_not_stay_is_refused(after: StackTemplate, expected: list[str]) -> None:
    before, user = exporting(OWN), importing()
    found = list(findings(before.body, after, users_in([before, user], before)))
    assert [its.finding_class for its in found] == expected
    assert all(user.name in its.says and its.was == EXPORT for its in found)


@pytest.mark.parametrize("elsewhere", [{"account": "444455556666"}, {"region": "eu-west-1"}, None])
def test_an_export_that_nobody_there_uses_may_go(elsewhere: Mapping[str, str] | None) -> None:
    before = exporting(OWN)
    users = [importing(**elsewhere)] if elsewhere else []
    assert list(findings(before.body, exporting(None), users_in(users, before))) == []
