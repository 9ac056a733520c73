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
from tests.infra.foreign import ACCOUNT, REGION, ForeignStack
from tests.infra.templates import Json, as_list, grants, logical_id, properties, resource, resources_of_type, statements


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

    def test_outlives_its_stack(self, template: Json, store: DataStore, of: Callable[[DataStore], s3.IBucket]) -> None:
        kept = resource(template, of(store))
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_encrypts_data_with_its_key_through_a_bucket_key(template: Json, store: DataStore) -> None:
    (rule,) = properties(template, store.bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": {"Fn::GetAtt": [logical_id(store.key), "Arn"]},
        },
    }


def test_has_no_access_control_lists_on_data(template: Json, store: DataStore) -> None:
    assert properties(template, store.bucket)["OwnershipControls"] == {
        "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
    }


def test_has_its_access_logged(template: Json, store: DataStore) -> None:
    assert properties(template, store.bucket)["LoggingConfiguration"] == {
        "DestinationBucketName": {"Ref": logical_id(access_logs(store))},
        "LogFilePrefix": "data-store/",
    }


def test_lets_the_log_service_deliver_logs_of_this_bucket_alone(
    foreign_stack: Callable[..., ForeignStack], context: dict[str, Any]
) -> None:
    # With the feature flag that this project sets; without it, CDK lets the service deliver by an ACL.
    foreign = foreign_stack(context=context)
    store = foreign.data_store
    template = foreign.template()
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
    assert "AccessControl" not in properties(template, access_logs(store))


def test_lets_access_logs_expire_after_a_year(template: Json) -> None:
    Template.from_json(template).has_resource_properties(
        "AWS::S3::Bucket",
        {"LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 365, "Status": "Enabled"}]}},
    )


def test_lets_nothing_in_the_data_bucket_expire(template: Json, store: DataStore) -> None:
    rules = properties(template, store.bucket)["LifecycleConfiguration"]["Rules"]
    assert rules == [{"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}, "Status": "Enabled"}]


def test_lets_only_output_expire_when_asked_to(foreign: ForeignStack) -> None:
    store = DataStore(
        foreign.stack, "Expiring", output_retention=Duration.days(90), access_log_retention=Duration.days(30)
    )
    template = foreign.template()
    rules = properties(template, store.bucket)["LifecycleConfiguration"]["Rules"]
    expiring = [rule for rule in rules if any("Expiration" in key for key in rule)]
    assert expiring == [{"ExpirationInDays": 90, "Prefix": "output/", "Status": "Enabled"}]
    (logs,) = properties(template, access_logs(store))["LifecycleConfiguration"]["Rules"]
    assert logs["ExpirationInDays"] == 30


def test_makes_a_key_that_rotates_and_outlives_its_stack(template: Json) -> None:
    Template.from_json(template).has_resource(
        "AWS::KMS::Key",
        {
            "Properties": {"EnableKeyRotation": True, "KeySpec": Match.absent(), "MultiRegion": Match.absent()},
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
        },
    )


def test_opens_its_key_to_the_account_to_bedrock_serving_a_custom_model_and_to_logs_of_the_account(
    template: Json, store: DataStore
) -> None:
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
        {
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
            "Condition": {
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:*"}
            },
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
            "Resource": "*",
            "Sid": "EncryptLogs",
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
    assert [each["DeletionPolicy"] for each in stay] == ["Retain"] * 4


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
            assert resource(template, bucket)["DeletionPolicy"] == "Retain"
            assert {"AWS": "*"} in [each["Principal"] for each in policy_of(template, bucket)]
        assert as_list(properties(template, foundation.data_store.bucket)["VersioningConfiguration"])
