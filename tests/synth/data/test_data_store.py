"""The data store: private, encrypted, logged, and kept."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from bedrock_tuning import DataStore
from stacks.environment_stage import EnvironmentStage
from stacks.foundation_stack import FoundationStack
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.templates import Json, as_list, grants, logical_id, properties, resource, resources_of_type, statements


def access_logs(store: DataStore) -> s3.Bucket:
    found = store.node.find_child("AccessLogs")
    assert isinstance(found, s3.Bucket)
    return found


def policy_of(template: Json, bucket: s3.IBucket) -> list[Json]:
    (policy,) = (
        each["Properties"]
        for each in resources_of_type(template, "AWS::S3::BucketPolicy").values()
        if each["Properties"]["Bucket"] == {"Ref": logical_id(bucket)}
    )
    return statements(policy["PolicyDocument"])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> ForeignStack:
    return ForeignStack(tmp_path_factory.mktemp("data_store"))


@pytest.fixture(scope="module")
def store(shared: ForeignStack) -> DataStore:
    return shared.data_store


@pytest.fixture(scope="module")
def template(shared: ForeignStack, store: DataStore) -> Json:
    assert store
    return shared.template()


def test_is_two_buckets_and_one_key(template: Json) -> None:
    made = Template.from_json(template)
    made.resource_count_is("AWS::S3::Bucket", 2)
    made.resource_count_is("AWS::KMS::Key", 1)
    made.resource_count_is("AWS::Lambda::Function", 0)
    made.resource_count_is("AWS::IAM::Role", 0)


@pytest.mark.parametrize("of", [lambda store: store.bucket, access_logs], ids=["data", "access logs"])
class TestEachBucket:
    def test_refuses_every_request_without_tls(
        self, template: Json, store: DataStore, of: Callable[[DataStore], s3.IBucket]
    ) -> None:
        bucket = logical_id(of(store))
        (denial,) = (each for each in policy_of(template, of(store)) if each["Effect"] == "Deny")
        assert denial == {
            "Action": "s3:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Resource": [f"<{bucket}.Arn>", f"<{bucket}.Arn>/*"],
        }

    def test_can_never_be_public(self, template: Json, store: DataStore, of: Callable[[DataStore], s3.IBucket]) -> None:
        assert properties(template, of(store))["PublicAccessBlockConfiguration"] == {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        }
        allowed = [each for each in policy_of(template, of(store)) if each["Effect"] == "Allow"]
        assert all(each["Principal"].keys() == {"Service"} for each in allowed)

    def test_keeps_versions(self, template: Json, store: DataStore, of: Callable[[DataStore], s3.IBucket]) -> None:
        assert properties(template, of(store))["VersioningConfiguration"] == {"Status": "Enabled"}

    def test_outlives_its_stack_but_not_a_first_deployment_that_failed(
        self, template: Json, store: DataStore, of: Callable[[DataStore], s3.IBucket]
    ) -> None:
        kept = resource(template, of(store))
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
        policy = of(store).node.find_child("Policy")
        kept = resource(template, policy)
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")

    def test_has_no_access_control_lists(
        self, template: Json, store: DataStore, of: Callable[[DataStore], s3.IBucket]
    ) -> None:
        made = properties(template, of(store))
        assert made["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert "AccessControl" not in made


def test_encrypts_data_with_its_key_through_a_bucket_key(template: Json, store: DataStore) -> None:
    (rule,) = properties(template, store.bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": {"Fn::GetAtt": [logical_id(store.key), "Arn"]},
        },
    }


def test_has_its_access_logged(template: Json, store: DataStore) -> None:
    assert properties(template, store.bucket)["LoggingConfiguration"] == {
        "DestinationBucketName": {"Ref": logical_id(access_logs(store))},
        "LogFilePrefix": "data-store/",
    }


def test_lets_the_log_service_deliver_logs_of_this_bucket_alone(template: Json, store: DataStore) -> None:
    # Whatever feature flags an app has: this one has none.
    (delivery,) = (each for each in policy_of(template, access_logs(store)) if each["Effect"] == "Allow")
    assert delivery == {
        "Action": "s3:PutObject",
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"<{logical_id(store.bucket)}.Arn>"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Resource": f"<{logical_id(access_logs(store))}.Arn>/data-store/*",
    }


def test_makes_the_same_buckets_with_the_feature_flags_of_this_project(
    foreign_stack: Callable[..., ForeignStack], context: dict[str, Any], template: Json
) -> None:
    foreign = foreign_stack(context=context)
    assert foreign.data_store
    for kind in ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"):
        assert resources_of_type(foreign.template(), kind) == resources_of_type(template, kind)


# --- what expires ------------------------------------------------------------------------------------------------


def left_after(days: int, rules: list[Json], key: str) -> list[str]:
    """Return what is left of an object of a versioned bucket: itself, as a noncurrent version, or a delete marker.

    As Amazon S3 applies the rules of a bucket (user guide, "Lifecycle configuration elements").
    """
    applying = [rule for rule in rules if rule["Status"] == "Enabled" and key.startswith(rule.get("Prefix", ""))]
    current, noncurrent_since = "object", None
    for day in range(days + 1):
        for rule in applying:
            if current == "object" and day >= rule.get("ExpirationInDays", days + 1):
                current, noncurrent_since = "delete marker", day
            age = rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", days + 1)
            if noncurrent_since is not None and day - noncurrent_since >= age:
                noncurrent_since = None
            if current == "delete marker" and noncurrent_since is None and rule.get("ExpiredObjectDeleteMarker"):
                current = ""
    return [each for each in (current, "noncurrent version" if noncurrent_since is not None else "") if each]


def rules_of(template: Json, bucket: s3.IBucket) -> list[Json]:
    rules: list[Json] = properties(template, bucket)["LifecycleConfiguration"]["Rules"]
    # Amazon S3 takes no rule with both (API reference, LifecycleExpiration).
    assert not [rule for rule in rules if {"ExpirationInDays", "ExpiredObjectDeleteMarker"} <= rule.keys()]
    return rules


def test_access_logs_are_gone_for_good_after_a_year(template: Json, store: DataStore) -> None:
    rules = rules_of(template, access_logs(store))
    assert left_after(364, rules, "data-store/any") == ["object"]
    assert left_after(366, rules, "data-store/any") == []


def test_nothing_in_the_data_bucket_expires(template: Json, store: DataStore) -> None:
    rules = rules_of(template, store.bucket)
    assert rules == [{"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"}]
    assert left_after(10_000, rules, "output/any") == ["object"]


def test_only_output_is_gone_for_good_when_asked_to(foreign: ForeignStack) -> None:
    store = DataStore(
        foreign.stack, "Expiring", output_retention=Duration.days(90), access_log_retention=Duration.days(30)
    )
    template = foreign.template()
    rules = rules_of(template, store.bucket)
    assert left_after(89, rules, "output/any") == ["object"]
    assert left_after(91, rules, "output/any") == []
    for kept in ("train/any", "validation/any", "test/any"):
        assert left_after(10_000, rules, kept) == ["object"]
    assert left_after(31, rules_of(template, access_logs(store)), "data-store/any") == []


def test_an_expiration_alone_deletes_nothing_from_a_versioned_bucket() -> None:
    rule = {"ExpirationInDays": 30, "Status": "Enabled"}
    assert left_after(10_000, [rule], "any") == ["delete marker", "noncurrent version"]


# --- the key -----------------------------------------------------------------------------------------------------


def test_makes_a_key_that_rotates_and_outlives_its_stack(template: Json) -> None:
    Template.from_json(template).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "KeySpec": Match.absent(), "MultiRegion": Match.absent()},
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_opens_its_key_to_the_account_and_to_bedrock_serving_a_custom_model(template: Json, store: DataStore) -> None:
    assert statements(properties(template, store.key)["KeyPolicy"]) == [
        {
            "Action": "kms:*",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Resource": "*",
        },
        {
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Condition": {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "aws:bedrock:custom-model"}},
            "Effect": "Allow",
            "Principal": {"Service": "bedrock.amazonaws.com"},
            "Resource": "*",
            "Sid": "ServeNovaModels",
        },
    ]


def test_makes_no_key_when_given_one(foreign: ForeignStack) -> None:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    store = DataStore(foreign.stack, "OwnKey", key=kms.Key.from_key_arn(foreign.stack, "Key", arn))
    template = foreign.template()
    assert not resources_of_type(template, "AWS::KMS::Key")
    (rule,) = properties(template, store.bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == arn
    assert rule["BucketKeyEnabled"] is True


OWN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def test_keeps_what_was_made_beside_what_is_given(foreign: ForeignStack) -> None:
    given = {
        "key": kms.Key.from_key_arn(foreign.stack, "Key", OWN),
        "bucket": s3.Bucket.from_bucket_name(foreign.stack, "Bucket", "own"),
    }
    store = DataStore(foreign.stack, "Kept", **given, keep_key=True, keep_bucket=True)  # type: ignore[arg-type]
    assert (store.key.key_arn, store.bucket.bucket_name) == (OWN, "own")
    assert store.kept_key is not None
    assert store.kept_bucket is not None
    template = foreign.template()
    # As they were made before: the bucket stays under its own key.
    (rule,) = properties(template, store.kept_bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    used = rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert used == {"Fn::GetAtt": [logical_id(store.kept_key), "Arn"]}
    stay = [resource(template, each) for each in (store.kept_key, store.kept_bucket)]
    stay += resources_of_type(template, "AWS::S3::BucketPolicy").values()
    assert [each["DeletionPolicy"] for each in stay] == ["RetainExceptOnCreate"] * 4


def test_keeps_nothing_unasked(store: DataStore) -> None:
    assert (store.kept_key, store.kept_bucket) == (None, None)


def test_what_is_kept_is_for_roles_of_the_same_stack_alone(foreign: ForeignStack) -> None:
    # Another stack would import it, and it could never go.
    given = s3.Bucket.from_bucket_name(foreign.stack, "Bucket", "own")
    foreign.data_store = DataStore(foreign.stack, "DataStore", bucket=given, keep_bucket=True)
    kept = foreign.data_store.kept_bucket
    assert kept is not None
    assert foreign.training
    assert foreign.reader
    template = foreign.template()
    on_kept = {each.action for each in grants(template, foreign.service_role) if logical_id(kept) in each.resource}
    assert on_kept == {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}
    assert logical_id(kept) not in str(
        properties(template, foreign.training.function.role.node.find_child("DefaultPolicy"))
    )
    assert logical_id(kept) not in str(resources_of_type(template, "AWS::Lambda::Function"))


def test_allows_a_use_of_the_key_through_one_service(shared: ForeignStack, store: DataStore) -> None:
    statement = shared.stack.resolve(store.key_statement("Decrypt", via="s3").to_statement_json())
    assert statement == {
        "Action": "kms:Decrypt",
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
        "Effect": "Allow",
        "Resource": {"Fn::GetAtt": [logical_id(store.key), "Arn"]},
    }


def test_is_the_same_in_every_environment_of_this_project(
    stages: dict[str, EnvironmentStage], templates: dict[tuple[str, str], Json]
) -> None:
    for name, stage in stages.items():
        foundation = stage.node.find_child("Foundation")
        assert isinstance(foundation, FoundationStack)
        template = templates[name, "Foundation"]
        for bucket in (foundation.data_store.bucket, access_logs(foundation.data_store)):
            assert resource(template, bucket)["DeletionPolicy"] == "RetainExceptOnCreate"
            assert {"AWS": "*"} in [each["Principal"] for each in policy_of(template, bucket)]
        assert as_list(properties(template, foundation.data_store.bucket)["VersioningConfiguration"])
