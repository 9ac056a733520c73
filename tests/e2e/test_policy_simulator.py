"""IAM's policy simulator and Service Quotas of the sandbox, as a preflight asks them."""

import json
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from sandbox.server import ACCOUNT, REGION, Sandbox

pytestmark = pytest.mark.sandbox

ROLE: Final = "simulated"
ARN: Final = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one"
OBJECT: Final = "arn:aws:s3:::bucket/train/one"
THROUGH_S3: Final = {
    "ContextKeyName": "kms:ViaService",
    "ContextKeyValues": [f"s3.{REGION}.amazonaws.com"],
    "ContextKeyType": "string",
}
STATEMENTS: Final = [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/train/*"},
    {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"},
    {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": KEY,
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}},
    },
]


@pytest.fixture(scope="module")
def iam(sandbox: Sandbox) -> Any:
    client = sandbox.client("iam")
    trust = {"Version": "2012-10-17", "Statement": []}
    client.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    policy = {"Version": "2012-10-17", "Statement": STATEMENTS}
    client.put_role_policy(RoleName=ROLE, PolicyName="any", PolicyDocument=json.dumps(policy))
    return client


@pytest.mark.parametrize(
    ("action", "resource", "context", "decision", "missing"),
    [
        ("s3:GetObject", OBJECT, [], "allowed", []),
        ("s3:GetObject", "arn:aws:s3:::bucket/output/one", [], "implicitDeny", []),
        ("s3:PutObject", OBJECT, [], "explicitDeny", []),
        ("kms:Decrypt", KEY, [THROUGH_S3], "allowed", []),
        ("kms:Decrypt", KEY, [], "implicitDeny", ["kms:ViaService"]),
        ("kms:Decrypt", KEY, [{**THROUGH_S3, "ContextKeyValues": ["bedrock"]}], "implicitDeny", []),
    ],
)
def test_decides_with_the_context_that_it_is_given(
    iam: Any, action: str, resource: str, context: list[Any], decision: str, missing: list[str]
) -> None:
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ARN, ActionNames=[action], ResourceArns=[resource], ContextEntries=context
    )
    (result,) = answer["EvaluationResults"]
    (its,) = result["ResourceSpecificResults"]
    assert (result["EvalActionName"], result["EvalDecision"], its["EvalResourceName"]) == (action, decision, resource)
    assert its["MissingContextValues"] == missing


def test_does_not_know_a_role_that_is_not_there(iam: Any) -> None:
    with pytest.raises(ClientError) as error:
        iam.simulate_principal_policy(PolicySourceArn=f"{ARN}-not", ActionNames=["s3:GetObject"])
    assert error.value.response["Error"]["Code"] == "NoSuchEntity"


def test_service_quotas_is_reached_over_the_same_port(sandbox: Sandbox) -> None:
    found = sandbox.client("service-quotas").get_service_quota(ServiceCode="bedrock", QuotaCode="L-0406044C")
    assert found["Quota"]["Value"] == 10
