"""A role whose policies name a tag, on the running sandbox: what it may make, change and tag."""

import json
from collections.abc import Iterator
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import TAG_FOUNDATION
from sandbox.options import Options
from sandbox.server import REGION, Sandbox, running

pytestmark = pytest.mark.sandbox

BASE_MODEL: Final = "anthropic.claude-3-haiku-20240307-v1:0:200k"
MINE: Final = {"StringEquals": {f"aws:ResourceTag/{TAG_FOUNDATION}": "mine"}}
GIVEN: Final = {"StringEquals": {f"aws:RequestTag/{TAG_FOUNDATION}": "mine"}}
NOBODYS: Final = {**GIVEN, "Null": {f"aws:ResourceTag/{TAG_FOUNDATION}": "true"}}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that has model units of base models, which need no training."""
    with running(Options(quotas={"base_model_units": 10})) as sandbox:
        yield sandbox


def statement(condition: Any, *actions: str) -> dict[str, Any]:
    named = [f"bedrock:{action}" for action in actions]
    return {"Effect": "Allow", "Action": named, "Resource": "*", "Condition": condition}


def bedrock_of_a_role(sandbox: Sandbox) -> Any:
    trusted = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    allowed = [
        statement(GIVEN, "CreateProvisionedModelThroughput"),
        statement(MINE, "DeleteProvisionedModelThroughput", "TagResource", "UntagResource"),
        statement(NOBODYS, "TagResource"),
    ]
    trust, policy = ({"Version": "2012-10-17", "Statement": each} for each in ([trusted], allowed))
    iam = sandbox.client("iam")
    role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="function", PolicyName="all", PolicyDocument=json.dumps(policy))
    given = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return boto3.client(
        "bedrock",
        region_name=REGION,
        endpoint_url=sandbox.url,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        verify=str(sandbox.folder / "authority.pem"),
    )


def buy(bedrock: Any, name: str, **tags: str) -> str:
    given = {"tags": [{"key": TAG_FOUNDATION, "value": tags["foundation"]}]} if tags else {}
    bought = bedrock.create_provisioned_model_throughput(
        provisionedModelName=name, modelId=BASE_MODEL, modelUnits=1, **given
    )
    return str(bought["provisionedModelArn"])


def denied() -> Any:
    return pytest.raises(ClientError, match="AccessDeniedException")


def test_a_role_changes_what_has_its_tag_and_takes_what_has_none(sandbox: Sandbox) -> None:
    function, administrator = bedrock_of_a_role(sandbox), sandbox.client("bedrock")
    mine = [{"key": TAG_FOUNDATION, "value": "mine"}]
    with denied():
        buy(function, "untagged")
    with denied():
        buy(function, "theirs", foundation="theirs")
    function.delete_provisioned_model_throughput(provisionedModelId=buy(function, "mine", foundation="mine"))
    theirs = buy(administrator, "theirs", foundation="theirs")
    with denied():
        function.delete_provisioned_model_throughput(provisionedModelId=theirs)
    with denied():
        function.tag_resource(resourceARN=theirs, tags=mine)
    with denied():
        function.untag_resource(resourceARN=theirs, tagKeys=[TAG_FOUNDATION])
    nobodys = buy(administrator, "nobodys")
    with denied():
        function.delete_provisioned_model_throughput(provisionedModelId=nobodys)
    function.tag_resource(resourceARN=nobodys, tags=mine)
    function.delete_provisioned_model_throughput(provisionedModelId=nobodys)
