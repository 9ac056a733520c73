"""The second key: what is neither data nor model is under it, and the key of data and models trusts nobody for that."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from aws_cdk.assertions import Template
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from bedrock_lifecycle import contract
from settings import Model, Notifications
from tests.synth.foreign import ACCOUNT, REGION, ForeignStack
from tests.synth.organized import KEY, OPERATIONS_KEY, Organized
from tests.synth.stages import elsewhere
from tests.synth.templates import Json, properties, resource, statements

# Where each resource says which key encrypts it.
OF_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::StepFunctions::StateMachine": ("EncryptionConfiguration", "KmsKeyId"),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
}
OF_DATA: Final[Mapping[str, tuple[str, ...]]] = {
    contract.MODEL_CUSTOMIZATION: ("CustomModelKmsKeyArn",),
    contract.CUSTOM_MODEL_DEPLOYMENT: ("CustomModelKmsKeyArn",),
}

Organize = Callable[..., Organized]


@pytest.fixture
def organize(dev: Model, context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Organize:
    """Make the `dev` environment with keys of `[organization]`, and with people who are told."""
    told = elsewhere(dev, notifications=Notifications.model_validate({"email": ["a@example.com"]}))
    return lambda **organization: Organized(told, context, tmp_path_factory.mktemp("organized"), **organization)


def keys_of(organized: Organized, places: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Return the keys that encrypt things of each type, in every stack."""
    templates = organized.followed()
    found: dict[str, set[str]] = {}
    for template in templates:
        for kind, place in places.items():
            for _, value in template.resources(kind):
                for key in place:
                    value = value[key]
                found.setdefault(kind, set()).add(templates.text(value, template))
    return found


def key_policies(organized: Organized) -> dict[str, list[Json]]:
    """Return the policy of each key that is made, by its logical id."""
    return {
        name: statements(each["KeyPolicy"])
        for template in organized.followed()
        for name, each in template.resources("AWS::KMS::Key")
    }


def test_what_is_neither_data_nor_model_is_under_a_key_of_its_own(organize: Organize) -> None:
    organized = organize()
    operations = "<bedrock-tuning-dev-Foundation#OperationsKeyC8E359A5.Arn>"
    assert keys_of(organized, OF_OPERATIONS) == {kind: {operations} for kind in OF_OPERATIONS}
    data = "<bedrock-tuning-dev-Foundation#DataStoreKey3F7E79DA.Arn>"
    assert keys_of(organized, OF_DATA) == {kind: {data} for kind in OF_DATA}
    encrypted = {
        rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID", {}).get("Fn::GetAtt", [None])[0]
        for bucket in organized.resources("AWS::S3::Bucket")
        for rule in bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    }
    assert encrypted == {"DataStoreKey3F7E79DA", None}  # access logs take SSE-S3 alone


def test_the_key_of_data_trusts_the_account_and_bedrock_alone(organize: Organize) -> None:
    (data,) = (policy for name, policy in key_policies(organize()).items() if name.startswith("DataStoreKey"))
    assert [each["Principal"] for each in data] == [
        {"AWS": "arn:aws:iam::111122223333:root"},
        {"Service": "bedrock.amazonaws.com"},
    ]


def test_the_second_key_trusts_the_account_and_the_services_that_encrypt_with_it(organize: Organize) -> None:
    (policy,) = (policy for name, policy in key_policies(organize()).items() if name.startswith("OperationsKey"))
    trusted = {each["Principal"].get("Service") for each in policy}
    assert trusted == {
        None,  # the account
        "logs.us-east-1.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "events.amazonaws.com",
    }


def test_the_lifecycle_runs_on_nothing_that_the_key_of_data_encrypts(organize: Organize) -> None:
    # So a key of data that is disabled, or about to be deleted, stops no delete of what bills.
    data = "(dev/Foundation/DataStore/Key/Resource.Arn)"
    uses = {
        (each.action, each.condition) for held in organize().grants().values() for each in held if each.resource == data
    }
    assert uses
    through = {condition for action, condition in uses if action != "kms:DescribeKey"}
    assert all("s3.us-east-1" in condition or "bedrock.us-east-1" in condition for condition in through)


def test_goes_with_its_stack_as_does_everything_that_it_encrypts(organize: Organize) -> None:
    organized = organize()
    resources = [
        (name, each) for template in organized.templates().values() for name, each in template["Resources"].items()
    ]
    encrypted = [each for _, each in resources if each["Type"] in OF_OPERATIONS]
    assert len(encrypted) >= 10
    # What has no policy goes: that is CloudFormation's default.
    assert {each.get("DeletionPolicy", "Delete") for each in encrypted} == {"Delete"}
    (key,) = (each for name, each in resources if name.startswith("OperationsKey") and "Key" in each["Type"])
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_carries_the_tags_by_which_purge_tells_whose_it_is(organize: Organize) -> None:
    tagged = [{tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in organize().resources("AWS::KMS::Key")]
    assert len(tagged) == 2
    assert {each[contract.TAG_ENVIRONMENT] for each in tagged} == {"dev"}
    assert all(each[contract.TAG_OWNER].endswith(":stack/bedrock-tuning-dev-Foundation") for each in tagged)


def test_rotates_and_lets_logs_of_the_account_be_encrypted(foreign: ForeignStack) -> None:
    key = foreign.operations_key
    template = foreign.template()
    Template.from_json(template).has_resource_properties("AWS::KMS::Key", {"EnableKeyRotation": True})
    assert statements(properties(template, key)["KeyPolicy"]) == [
        {
            "Action": "kms:*",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Resource": "*",
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
    assert resource(template, key)["DeletionPolicy"] == "Delete"


# --- keys that are given -----------------------------------------------------------------------------------------


def test_a_given_key_of_data_is_not_used_for_the_rest(organize: Organize) -> None:
    organized = organize(key_arn=KEY)
    assert keys_of(organized, OF_DATA) == {kind: {KEY} for kind in OF_DATA}
    (operations,) = {key for keys in keys_of(organized, OF_OPERATIONS).values() for key in keys}
    assert operations.startswith("<bedrock-tuning-dev-Foundation#OperationsKey")


def test_a_given_second_key_is_used_for_the_rest_alone_and_not_made(organize: Organize) -> None:
    organized = organize(operations_key_arn=OPERATIONS_KEY)
    assert keys_of(organized, OF_OPERATIONS) == {kind: {OPERATIONS_KEY} for kind in OF_OPERATIONS}
    assert len(organized.resources("AWS::KMS::Key")) == 1
    assert "OperationsKey" not in str(organized.templates()["Training"])


def test_one_key_may_be_given_for_both(organize: Organize) -> None:
    organized = organize(key_arn=KEY, operations_key_arn=KEY)
    assert organized.resources("AWS::KMS::Key", "AWS::KMS::Alias") == []
    every = {**OF_OPERATIONS, **OF_DATA}
    assert keys_of(organized, every) == {kind: {KEY} for kind in every}


# --- a standing environment gets another one ---------------------------------------------------------------------


def changed_properties(before: Json, after: Json) -> Iterator[tuple[str, str]]:
    """Yield the type of each resource that is in both templates, with each property of it that differs."""
    for name, was in before["Resources"].items():
        if name in after["Resources"]:
            now = after["Resources"][name]["Properties"]
            for key in was["Properties"].keys() | now.keys():
                if was["Properties"].get(key) != now.get(key):
                    yield was["Type"], key


def test_another_key_replaces_nothing(organize: Organize) -> None:
    keys = (OPERATIONS_KEY, OPERATIONS_KEY.replace("2", "3"))
    before, after = (organize(operations_key_arn=key).templates() for key in keys)
    changed = {each for stack in before for each in changed_properties(before[stack], after[stack])}
    assert {kind for kind, _ in changed} == {*OF_OPERATIONS, "AWS::IAM::Policy"}
    assert [f"{kind}.{key}" for kind, key in changed if key in only_at_creation(kind)] == []


def only_at_creation(kind: str) -> set[str]:
    """Return the properties whose change replaces a resource, by CloudFormation's own schema of its type."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    found = {path.removeprefix("/properties/") for path in schema.get("createOnlyProperties", [])}
    assert found or kind == "AWS::IAM::Policy", kind
    return found
