"""An application in another account invokes the model by parameters of its own and a role; nobody else does."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError

from sandbox import cdk
from sandbox.options import ORGANIZATION, Options
from sandbox.server import Sandbox
from tests.e2e.account import Account
from tests.e2e.accounts import APPLICATION, TOOLS, Accounts, Credentials
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Assembly, Project
from tests.e2e.settings_file import BASE_MODEL, NAME, RECORDS, Settings

pytestmark = pytest.mark.sandbox

ENVIRONMENT: Final = "dev"
ROLE: Final = f"arn:aws:iam::{APPLICATION}:role/answers"
PARAMETERS: Final = f"/bedrock-tuning/{ENVIRONMENT}/{NAME}/access"
SETTINGS: Final = Settings(
    ENVIRONMENT,
    access=f"""
    [[access]]
    account = "{APPLICATION}"
    principals = ["{ROLE}"]
    organization_id = "{ORGANIZATION}"
    """,
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One in which the CDK is bootstrapped in both accounts."""
    with bootstrapped(Options(rate=RATE, minutes=MINUTES, quotas=QUOTAS)) as sandbox:
        cdk.bootstrap(sandbox, account=APPLICATION)
        yield sandbox


@dataclass(frozen=True)
class Application:
    """A role of an account, which may assume any role and read any parameter that lets it."""

    accounts: Accounts
    account: str
    name: str

    def credentials(self) -> Credentials:
        trust = {"Effect": "Allow", "Principal": {"AWS": self.account}, "Action": "sts:AssumeRole"}
        may = {"Effect": "Allow", "Action": ["sts:AssumeRole", "ssm:GetParameter"], "Resource": "*"}
        arn = self.accounts.make_role(self.account, self.name, trust, may)
        sts = self.accounts.sandbox.client("sts", account=self.account)
        return Credentials.of(sts.assume_role(RoleArn=arn, RoleSessionName="app"))

    def find(self, credentials: Credentials, what: str) -> str:
        """Read a parameter of its own account."""
        ssm = self.accounts.client("ssm", credentials)
        return str(ssm.get_parameter(Name=f"{PARAMETERS}/{what}")["Parameter"]["Value"])


def refusal(call: Callable[[], object]) -> str | None:
    """Return the code with which a call is refused, None if it is not."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def deploy(project: Project, settings: Settings) -> Assembly:
    """Deploy the environment, as its own account does."""
    assembly = project.synthesize(settings)
    run = assembly.deploy(*settings.stacks("Foundation", "Training", "Serving"), "--exclusively")
    assert run.code == 0, run.output
    return assembly


def deploy_access(project: Project, assembly: Assembly) -> None:
    """Deploy what the application's account has, by its own credentials."""
    given = ("--environments", str(project.write(SETTINGS)), "--", "--app", str(assembly.folder))
    command = (sys.executable, "-m", "tune", "deploy", ENVIRONMENT, "--access", APPLICATION, *given)
    run = project.start(*command, "--require-approval", "never", AWS_ACCESS_KEY_ID=APPLICATION).wait()
    assert run.code == 0, run.output


def answer(runtime: Any, model_id: str) -> str:
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": [RECORDS[0]["messages"][0]]}
    return str(json.loads(runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read()))


def test_a_named_principal_invokes_the_model_whichever_is_served_and_nobody_else_does(
    project: Project, sandbox: Sandbox
) -> None:
    accounts, account = Accounts(sandbox), Account(sandbox, ENVIRONMENT)
    deploy_access(project, deploy(project, SETTINGS))
    theirs = sandbox.client("cloudformation", account=APPLICATION)
    stacks = {each["StackName"]: each for each in theirs.describe_stacks()["Stacks"]}
    assert stacks.keys() == {"CDKToolkit", f"bedrock-tuning-{ENVIRONMENT}-{NAME}-Access"}

    # The one who is named.
    named = Application(accounts, APPLICATION, "answers")
    own = named.credentials()
    role, parameter, region = (named.find(own, what) for what in ("role-arn", "model-id-parameter", "region"))
    session = accounts.credentials_by_role(own, role)
    ssm, runtime = (accounts.client(service, session, region) for service in ("ssm", "bedrock-runtime"))

    def model_id() -> str:
        return str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])

    served = account.throughput()
    assert model_id() == served["provisionedModelArn"]
    assert "N-0" in answer(runtime, model_id())
    # Nothing but that.
    assert refusal(lambda: ssm.get_parameter(Name="/cdk-bootstrap/hnb659fds/version")) == "AccessDeniedException"
    assert refusal(lambda: answer(runtime, BASE_MODEL)) == "AccessDeniedException"
    bedrock = accounts.client("bedrock", session, region)
    assert refusal(lambda: bedrock.delete_provisioned_model_throughput(provisionedModelId=model_id())) == (
        "AccessDeniedException"
    )

    # Whoever is not: another role of the account, and one of the same name in another account.
    for other in (Application(accounts, APPLICATION, "stranger"), Application(accounts, TOOLS, "answers")):
        keys = other.credentials()
        assert refusal(lambda keys=keys: accounts.credentials_by_role(keys, role)) == "AccessDenied"  # type: ignore[misc]

    # Another model takes over, and the same session is answered by it.
    deploy(project, replace(SETTINGS, hyper_parameters={"epochCount": 3}))
    assert account.throughput()["modelArn"] != served["modelArn"]
    assert model_id() == served["provisionedModelArn"]
    assert "N-0" in answer(runtime, model_id())
    (after,) = theirs.describe_stacks(StackName=f"bedrock-tuning-{ENVIRONMENT}-{NAME}-Access")["Stacks"]
    assert after["CreationTime"] == stacks[after["StackName"]]["CreationTime"]
    assert after.get("LastUpdatedTime") == stacks[after["StackName"]].get("LastUpdatedTime")
