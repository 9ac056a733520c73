"""Guard rails that a change lowers, and those that it raises, of which nothing is said."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.tune.review.stacks import stack
from tune.review.findings import ReviewFinding
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
    found: list[ReviewFinding] = list(of_stack(before, after))
    assert [(its.path, its.now) for its in found] == [("Topic", "no data")]
    assert "NIST::Keys" in found[0].says
    assert list(of_stack(after, before)) == []


BLOCKED = {"BlockPublicAcls": True, "BlockPublicPolicy": True}
HALF_BLOCKED = {"BlockPublicAcls": True, "BlockPublicPolicy": False}


def of(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def expiring(**rule: Any) -> dict[str, Any]:
    return changed(BUCKET, LifecycleConfiguration={"Rules": [{"Prefix": "train/", "Status": "Enabled", **rule}]})


@pytest.mark.parametrize(
    ("kind", "name", "high", "low"),
    [
        (
            "AWS::DynamoDB::Table",
            "PointInTimeRecoverySpecification",
            {"PointInTimeRecoveryEnabled": True},
            {"PointInTimeRecoveryEnabled": False},
        ),
        ("AWS::DynamoDB::Table", "SSESpecification", {"SSEEnabled": True, "KMSMasterKeyId": "key"}, None),
        ("AWS::DynamoDB::Table", "DeletionProtectionEnabled", True, False),
        ("AWS::Logs::LogGroup", "KmsKeyId", {"Fn::GetAtt": ["Key", "Arn"]}, None),
        ("AWS::SNS::Topic", "KmsMasterKeyId", "key", None),
        ("AWS::StepFunctions::StateMachine", "LoggingConfiguration", {"Level": "ALL"}, None),
        ("AWS::StepFunctions::StateMachine", "EncryptionConfiguration", {"KmsKeyId": "key"}, None),
        ("AWS::Lambda::Function", "VpcConfig", {"SubnetIds": ["subnet-1"]}, None),
        ("AWS::S3::Bucket", "PublicAccessBlockConfiguration", BLOCKED, HALF_BLOCKED),
        ("AWS::S3::Bucket", "VersioningConfiguration", {"Status": "Enabled"}, {"Status": "Suspended"}),
        ("AWS::S3::Bucket", "OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}, None),
        ("AWS::KMS::Key", "PendingWindowInDays", 30, 7),
        ("AWS::KMS::Key", "Enabled", True, False),
    ],
)
def test_a_protection_that_is_lost_is_said_and_one_that_is_won_is_not(
    kind: str, name: str, high: Any, low: Any
) -> None:
    better, worse = of(kind, **{name: high}), of(kind, **({} if low is None else {name: low}))
    assert said(better, worse) == [("loosens", name)]
    assert said(worse, better) == []


def test_a_key_is_enabled_and_waits_for_thirty_days_unless_it_says_otherwise() -> None:
    key = of("AWS::KMS::Key")
    assert said(key, changed(key, Enabled=False)) == [("loosens", "Enabled")]
    assert said(key, changed(key, PendingWindowInDays=7)) == [("loosens", "PendingWindowInDays")]
    assert said(key, changed(key, Enabled=True, PendingWindowInDays=30)) == []


def test_a_protection_that_is_another_one_is_told_without_certainty() -> None:
    before, after = (of("AWS::Logs::LogGroup", KmsKeyId=key) for key in ("one", "two"))
    (found,) = of_stack(stack({"It": before}), stack({"It": after}))
    assert (found.finding_class, found.certainty) == ("loosens", "atMost")


def test_objects_that_are_kept_longer_are_not_deleted_by_that() -> None:
    assert said(expiring(ExpirationInDays=30), expiring(ExpirationInDays=365)) == []
    assert said(expiring(ExpirationInDays=365), expiring(ExpirationInDays=30)) == [
        ("deletes", "LifecycleConfiguration")
    ]
    everything = changed(BUCKET, LifecycleConfiguration={"Rules": [{"Status": "Enabled", "ExpirationInDays": 7}]})
    assert said(everything, expiring(ExpirationInDays=30)) == []


def test_versions_that_expire_are_deleted_for_good() -> None:
    versions = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    (found,) = of_stack(stack({"It": BUCKET}), stack({"It": expiring(**versions)}))
    assert (found.finding_class, found.certainty, found.now) == ("deletes", "atMost", "1 day")
    assert "old version" in found.says
    # One finding is enough for the two halves of one rule.
    assert len(said(BUCKET, expiring(ExpirationInDays=30, **versions))) == 1


@pytest.mark.parametrize("acl", ["PublicRead", "PublicReadWrite", "AuthenticatedRead"])
def test_a_bucket_that_its_acl_opens_is_shared(acl: str) -> None:
    assert said(BUCKET, changed(BUCKET, AccessControl=acl)) == [("shares", "AccessControl")]
    assert said(changed(BUCKET, AccessControl=acl), BUCKET) == []
    (found,) = of_stack(None, stack({"It": changed(BUCKET, AccessControl=acl)}))
    assert found.finding_class == "shares"


def test_what_bills_and_is_kept_is_said() -> None:
    bought = {"Type": "Custom::BedrockProvisionedThroughput", "Properties": {}, "DeletionPolicy": "Delete"}
    assert said(bought, {**bought, "DeletionPolicy": "Retain"}) == [("loosens", "DeletionPolicy")]
    assert said({**bought, "DeletionPolicy": "Retain"}, bought) == []


def test_a_finding_of_checkov_that_is_newly_skipped_is_said_with_its_reason() -> None:
    skipping = {**BUCKET, "Metadata": {"checkov": {"skip": [{"id": "CKV_AWS_18", "comment": "it holds the logs"}]}}}
    (found,) = of_stack(stack({"It": BUCKET}), stack({"It": skipping}))
    assert (found.finding_class, found.now) == ("loosens", "it holds the logs")
    assert "CKV_AWS_18" in found.says
    assert said(skipping, BUCKET) == said(skipping, skipping) == []


def subscribed(endpoint: Any, protocol: str = "email") -> dict[str, Any]:
    properties = {"TopicArn": {"Ref": "Topic"}, "Protocol": protocol, "Endpoint": endpoint}
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}


@pytest.mark.parametrize(
    "after", [{"It": subscribed("b@any.example")}, {"Other": subscribed("b@any.example")}, {}], ids=str
)
def test_whom_a_topic_no_longer_tells_is_named(after: Mapping[str, Any]) -> None:
    (found,) = of_stack(stack({"It": subscribed("a@any.example")}), stack(after))
    assert (found.finding_class, found.certainty, found.path, found.was) == ("loosens", "will", "It", "a@any.example")


@pytest.mark.parametrize(
    "after",
    [
        {"It": subscribed("a@any.example")},
        {"Renamed": subscribed("a@any.example")},
        {"It": subscribed("b@any.example"), "Other": subscribed("a@any.example")},
    ],
    ids=str,
)
def test_an_address_that_is_still_told_is_not_lost(after: Mapping[str, Any]) -> None:
    assert list(of_stack(stack({"It": subscribed("a@any.example")}), stack(after))) == []


@pytest.mark.parametrize(
    ("endpoint", "protocol", "was"),
    [
        ("https://any.example/hook?token=secret", "https", "https://any.example"),
        ({"Fn::GetAtt": ["Function", "Arn"]}, "lambda", "lambda"),
    ],
)
def test_no_secret_of_an_address_that_is_lost_is_printed(endpoint: Any, protocol: str, was: str) -> None:
    (found,) = of_stack(stack({"It": subscribed(endpoint, protocol)}), stack({}))
    assert found.was == was
    assert "secret" not in repr(found)
