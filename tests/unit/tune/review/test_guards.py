"""Guard rails that a change lowers, and those that it raises, of which nothing is said."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.findings import Finding
from tune.review.guards import of_stack

LOGS = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 365}, "DeletionPolicy": "Retain"}
BUCKET = {
    "Type": "AWS::S3::Bucket",
    "Properties": {"BucketEncryption": {"any": 1}, "VersioningConfiguration": {"Status": "Enabled"}},
    "DeletionPolicy": "Retain",
    "UpdateReplacePolicy": "Retain",
}
KEY = {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True}, "DeletionPolicy": "Retain"}


def changed(resource: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def said(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = of_stack(stack({"It": before}), stack({"It": after}))
    return [(its.finding_class, its.source) for its in found]


EXPIRING = {"Rules": [{"Prefix": "train/", "Status": "Enabled", "ExpirationInDays": 30}]}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (BUCKET, {**BUCKET, "DeletionPolicy": "Delete"}, [("loosens", "DeletionPolicy")]),
        (BUCKET, {**BUCKET, "UpdateReplacePolicy": "Delete"}, [("loosens", "UpdateReplacePolicy")]),
        (LOGS, changed(LOGS, RetentionInDays=30), [("loosens", "RetentionInDays")]),
        ({**LOGS, "Properties": {}}, LOGS, [("loosens", "RetentionInDays")]),
        (KEY, changed(KEY, EnableKeyRotation=False), [("loosens", "EnableKeyRotation")]),
        (BUCKET, changed(BUCKET, LifecycleConfiguration=EXPIRING), [("deletes", "LifecycleConfiguration")]),
        (BUCKET, changed(BUCKET, VersioningConfiguration={}), [("loosens", "VersioningConfiguration")]),
    ],
)
def test_what_is_lower_is_said_and_what_is_higher_is_not(
    before: Mapping[str, Any], after: Mapping[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert said(before, after) == expected
    assert [its for its in said(after, before) if its[1] != "VersioningConfiguration"] == []
    assert said(before, before) == []


def test_a_stack_that_is_no_longer_protected_is_said() -> None:
    protected = stack({})
    (found,) = of_stack(protected, dataclasses.replace(protected, is_protected=False))
    assert found.source == "terminationProtection"
    assert list(of_stack(dataclasses.replace(protected, is_protected=False), protected)) == []


def test_a_finding_of_the_rule_packs_that_is_newly_acknowledged_is_said_with_its_reason() -> None:
    before = stack({}, acknowledged={("Role", "AwsSolutions::IAM5"): "one prefix"})
    after = stack({}, acknowledged={("Role", "AwsSolutions::IAM5"): "one prefix", ("Topic", "NIST::Keys"): "no data"})
    found: list[Finding] = list(of_stack(before, after))
    assert [(its.path, its.now) for its in found] == [("Topic", "no data")]
    assert "NIST::Keys" in found[0].says
    assert list(of_stack(after, before)) == []
