"""Commands with the policies that `tune policy` prints, and through a role of the bootstrap, where IAM is enforced."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

from sandbox.options import Options
from sandbox.server import REGION, Sandbox, running
from tests.conftest import ROOT

pytestmark = pytest.mark.sandbox

ACCOUNT: Final = "000000000000"
LOOKUP: Final = f"cdk-hnb659fds-lookup-role-{ACCOUNT}-{REGION}"
# What ReadOnlyAccess allows of what is asked here; of Bedrock, single actions.
READ_ONLY: Final = [
    *("cloudformation:Describe*", "cloudformation:Get*", "cloudformation:List*", "iam:Get*", "iam:Simulate*"),
    *("kms:Describe*", "kms:List*", "s3:Get*", "s3:List*", "servicequotas:GetServiceQuota", "ssm:Get*"),
    *("bedrock:GetCustomModel", "bedrock:GetFoundationModel", "bedrock:GetFoundationModelAvailability"),
    *("bedrock:GetModelCustomizationJob", "bedrock:GetProvisionedModelThroughput", "bedrock:ListCustomModels"),
    *("bedrock:ListFoundationModels", "bedrock:ListModelCustomizationJobs", "bedrock:ListProvisionedModelThroughputs"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that nothing was deployed to, with a throughput that somebody else has."""
    with running(Options(quotas={"base_model_units": 1})) as sandbox:
        base_model = "anthropic.claude-3-haiku-20240307-v1:0:200k"
        sandbox.client("bedrock").create_provisioned_model_throughput(
            provisionedModelName="theirs", modelId=base_model, modelUnits=1
        )
        yield sandbox


def tune(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tune", *arguments]
    return subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)


def printed(*options: str) -> list[Any]:
    """Return the statements that the command prints for environment local."""
    done = tune(os.environ, "policy", "local", *options)
    assert done.returncode == 0, done.stderr
    statements: list[Any] = json.loads(done.stdout)["Statement"]
    return statements


def document(statements: Sequence[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(sandbox: Sandbox, name: str, statements: Sequence[Any]) -> str:
    """Make a role of the account, or give it other permissions; return its ARN."""
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    if name not in {each["RoleName"] for each in iam.list_roles()["Roles"]}:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document([trust]))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(statements))
    return str(iam.get_role(RoleName=name)["Role"]["Arn"])


def acting(sandbox: Sandbox, arn: str) -> dict[str, str]:
    """Return the variables with which a command acts as a role."""
    given = sandbox.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    return {
        **sandbox.environment(),
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def test_a_role_with_the_policy_of_a_command_runs_it_and_without_one_action_says_so(sandbox: Sandbox) -> None:
    needed = printed("--command", "status")
    able = acting(sandbox, role(sandbox, "able", needed))
    done = tune(able, "status", "local")
    assert done.returncode == 0, done.stderr
    taken = "bedrock:ListTagsForResource"
    less = [{**each, "Action": [action for action in each["Action"] if action != taken]} for each in needed]
    unable = acting(sandbox, role(sandbox, "unable", [each for each in less if each["Action"]]))
    denied = tune(unable, "status", "local")
    assert denied.returncode == 2
    assert denied.stderr.startswith(f"role unable may not {taken}"), denied.stderr
    assert len(denied.stderr.strip().splitlines()) == 1


def test_who_may_only_assume_the_bootstraps_roles_reads_with_the_lookup_role(sandbox: Sandbox) -> None:
    own = {"Effect": "Allow", "Action": READ_ONLY, "Resource": "*"}
    role(sandbox, LOOKUP, [own])
    pipeline = acting(sandbox, role(sandbox, "pipeline", printed()))
    without = tune(pipeline, "status", "local")
    assert without.returncode == 2
    assert without.stderr.startswith(f"role {LOOKUP} may not bedrock:"), without.stderr
    assert "--lookup-role" in without.stderr
    role(sandbox, LOOKUP, [own, *printed("--lookup-role")])
    for command in (["status", "local"], ["plan", "local"], ["preflight", "local"]):
        done = tune(pipeline, *command)
        assert "may not" not in done.stdout + done.stderr, done.stdout + done.stderr
        assert done.returncode in (0, 1), done.stderr
