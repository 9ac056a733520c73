"""A job uses its role, the buckets and the key as Bedrock would."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from sandbox.bedrock import Role
from tests.support.bedrock_client import ACCOUNT, CALLER_ARN
from tests.unit.simulated_bedrock.scenario import (
    BUCKET,
    NOVA_TUNABLE,
    ROLE_ARN,
    TRAIN_KEY,
    VALIDATION_KEY,
    Account,
    nova_record,
    records,
    uri,
)

KEY_ID = "0a1b2c3d-0000-4000-8000-000000000001"
KEY_ARN = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/{KEY_ID}"


def failure(account: Account) -> str:
    """Let time pass and return why the job failed."""
    account.pass_time()
    job = account.job()
    assert job["status"] == "Failed"
    assert account.bedrock.list_custom_models()["modelSummaries"] == []
    return str(job["failureMessage"])


@pytest.mark.parametrize(
    "role",
    [
        Role(trusts_bedrock=False),
        Role(source_account="444455556666"),
        Role(source_arn=f"arn:aws:bedrock:us-east-1:{ACCOUNT}:model-customization-job/*"),
        Role(source_arn=f"arn:aws:bedrock:us-west-2:{ACCOUNT}:evaluation-job/*"),
        None,
    ],
)
def test_a_role_that_cannot_be_assumed_is_refused_at_once(account: Account, role: Role | None) -> None:
    del account.world.roles[ROLE_ARN]
    if role:
        account.world.roles[ROLE_ARN] = role
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="Could not assume provided IAM role"):
        account.create_job()


def test_a_refused_creation_uses_up_no_name(account: Account) -> None:
    account.role.trusts_bedrock = False
    with pytest.raises(account.bedrock.exceptions.ValidationException):
        account.create_job()
    account.role.trusts_bedrock = True
    account.create_job()


def test_a_caller_that_may_not_pass_the_role_is_denied(account: Account) -> None:
    account.world.may_pass_roles = False
    with pytest.raises(account.bedrock.exceptions.AccessDeniedException) as caught:
        account.create_job()
    assert f"{CALLER_ARN} is not authorized to perform: iam:PassRole on resource: {ROLE_ARN}" in str(caught.value)


def test_acts_under_the_arn_of_the_job(account: Account) -> None:
    arn = account.create_job()
    account.pass_time()
    account.job()
    assert account.world.assumed_for == [arn] * 4  # two datasets read, two metrics files written


def test_fails_when_it_may_not_read(account: Account) -> None:
    account.create_job()
    account.role.may_read = False
    message = failure(account)
    assert uri(TRAIN_KEY) in message
    assert "is not authorized to perform: s3:GetObject" in message
    assert account.job()["statusDetails"]["validationDetails"]["status"] == "Failed"


def test_fails_when_the_data_is_absent(account: Account) -> None:
    del account.world.objects[BUCKET, VALIDATION_KEY]
    account.create_job()
    message = failure(account)
    assert uri(VALIDATION_KEY) in message
    assert "NoSuchKey" in message


def test_fails_when_the_role_is_gone_before_the_data_is_read(account: Account) -> None:
    account.create_job()
    account.world.roles.clear()
    assert "does not exist" in failure(account)


def test_fails_when_it_may_not_write_its_metrics(account: Account) -> None:
    account.role.may_write = False
    account.create_job()
    message = failure(account)
    assert uri("output/model-customization-job-") in message
    assert "s3:PutObject" in message
    assert account.job()["statusDetails"]["trainingDetails"]["status"] == "Failed"


@pytest.mark.parametrize("key", [KEY_ARN, KEY_ID, "alias/models"])
def test_encrypts_the_model_with_the_key_it_was_given(account: Account, key: str) -> None:
    account.world.keys = {KEY_ID: KEY_ARN, "alias/models": KEY_ARN}
    account.tuned_model(customModelKmsKeyId=key)
    assert account.job()["outputModelKmsKeyArn"] == KEY_ARN
    assert account.bedrock.get_custom_model(modelIdentifier="job-model")["modelKmsKeyArn"] == KEY_ARN


def test_fails_when_it_may_not_use_the_key(account: Account) -> None:
    account.role.may_use_keys = False
    account.create_job(customModelKmsKeyId=KEY_ARN)
    message = failure(account)
    assert KEY_ARN in message
    assert "kms:CreateGrant" in message


def buy(account: Account, model: str) -> None:
    account.throughput(model)


def deploy(account: Account, model: str) -> None:
    account.bedrock.create_custom_model_deployment(modelDeploymentName="serving", modelArn=model)


@pytest.mark.parametrize("serve", [buy, deploy])
def test_is_served_only_by_who_may_use_its_key(serve: Callable[[Account, str], None]) -> None:
    account = Account(region="us-east-1")
    account.put(TRAIN_KEY, records(8, nova_record))
    model = account.tuned_model(
        baseModelIdentifier=NOVA_TUNABLE, validationDataConfig=None, customModelKmsKeyId=KEY_ARN
    )
    account.world.keys_denied_to_callers.add(KEY_ARN)
    with pytest.raises(ClientError, match=f"not authorized to perform: kms:Decrypt on resource: {KEY_ARN}") as refused:
        serve(account, model)
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    account.world.keys_denied_to_callers.clear()
    serve(account, model)


def test_tells_the_network_it_was_given(account: Account) -> None:
    network = {"subnetIds": ["subnet-0123456789abcdef0"], "securityGroupIds": ["sg-0123456789abcdef0"]}
    account.tuned_model(vpcConfig=network)
    assert account.job()["vpcConfig"] == network


def test_fails_when_it_may_not_use_the_network(account: Account) -> None:
    account.role.may_use_networks = False
    account.create_job(vpcConfig={"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]})
    message = failure(account)
    assert "subnet-1" in message
    assert "ec2:CreateNetworkInterface" in message


def test_a_world_that_breaks_is_tried_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise ConnectionError("the bucket's server is away")

    account.create_job()
    account.pass_time()
    with monkeypatch.context() as patch:
        patch.setattr(account.world, "read_object", broken)
        with pytest.raises(ConnectionError):
            account.simulated.settle()
    account.simulated.settle()
    assert account.job()["status"] == "Completed"
