"""The sandbox's three accounts: who gets in by a token, for how long, and who may assume which role."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aws_cdk
import pytest
from aws_cdk import aws_s3_assets, aws_ssm
from botocore.exceptions import ClientError

from sandbox import cdk
from sandbox.options import ORGANIZATION
from sandbox.server import REGION, Sandbox
from tests.e2e import accounts as three
from tests.e2e.accounts import APPLICATION, MODEL, SUBJECT, TOOLS, Accounts, Credentials, bootstrap_role
from tests.e2e.any_stacks import Stacks
from tests.e2e.project import Project

pytestmark = pytest.mark.sandbox

PROVIDER: Final = three.ISSUER.removeprefix("https://")
PROVIDER_ARN: Final = f"arn:aws:iam::{TOOLS}:oidc-provider/{PROVIDER}"
PIPELINE: Final = f"arn:aws:iam::{TOOLS}:role/pipeline"
BY_TOKEN: Final = {
    "Effect": "Allow",
    "Principal": {"Federated": PROVIDER_ARN},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {"StringEquals": {f"{PROVIDER}:sub": SUBJECT, f"{PROVIDER}:aud": three.AUDIENCE}},
}
BOOTSTRAP_ROLES: Final = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Resource": [bootstrap_role(kind) for kind in ("deploy", "file-publishing", "lookup")],
}
ASK: Final = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


def trusting(account: str, **condition: Any) -> dict[str, Any]:
    """Return a statement that lets an account assume a role."""
    principal = "*" if account == "*" else {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **condition}


def provider(*client_ids: str, url: str = three.ISSUER) -> dict[str, Any]:
    """Return a template with a provider of tokens."""
    made = {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": url, "ClientIdList": client_ids}}
    return {"Resources": {"Provider": made}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Provider", "Arn"]}}}}


@pytest.fixture(scope="module")
def accounts() -> Iterator[Accounts]:
    """The accounts, with a pipeline's role in the tools account."""
    with three.start() as made:
        stacks = Stacks(made.sandbox.client("cloudformation", account=TOOLS))
        assert stacks.create("providing", provider(three.AUDIENCE)) == "CREATE_COMPLETE"
        assert stacks.resource("providing", "Provider") == PROVIDER_ARN
        assert made.make_role(TOOLS, "pipeline", BY_TOKEN, BOOTSTRAP_ROLES) == PIPELINE
        yield made


@pytest.fixture(scope="module")
def sandbox(accounts: Accounts) -> Sandbox:
    """That of the three accounts."""
    return accounts.sandbox


@pytest.fixture
def job(accounts: Accounts) -> Credentials:
    """Credentials of a pipeline's job."""
    return accounts.credentials_by_web_identity(PIPELINE)


def refusal(call: Callable[[], object]) -> tuple[str, int] | None:
    """Return the code and HTTP status with which a call is refused, None if it is not."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    return None


# --- deploying ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small stack in the model's account, with an asset."""
    folder = tmp_path_factory.mktemp("small")
    app = aws_cdk.App(outdir=str(folder / "cdk.out"))
    stack = aws_cdk.Stack(app, "Small", env=aws_cdk.Environment(account=MODEL, region=REGION))
    (folder / "asset").write_text("any")
    asset = aws_s3_assets.Asset(stack, "Asset", path=str(folder / "asset"))
    aws_ssm.StringParameter(stack, "Key", parameter_name="/small/key", string_value=asset.s3_object_key)
    return Path(app.synth().directory)


def test_a_job_of_the_tools_account_deploys_by_the_bootstrap_roles(
    sandbox: Sandbox, project: Project, job: Credentials, assembly: Path
) -> None:
    command = (cdk.CDK, "deploy", "Small", "--app", str(assembly), "--require-approval", "never")

    run = project.start(*command, **job.variables).wait()

    assert run.code == 0, run.output
    key = sandbox.client("ssm").get_parameter(Name="/small/key")["Parameter"]["Value"]
    bucket = f"cdk-hnb659fds-assets-{MODEL}-{REGION}"
    assert sandbox.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"any"
    asked = sandbox.control("accesses")["accesses"]
    assert {each["action"] for each in asked if each["role"] == "pipeline"} == {
        "sts:AssumeRole",
        "sts:GetCallerIdentity",
    }
    deployers = {each["role"] for each in asked if each["action"] == "cloudformation:ExecuteChangeSet"}
    assert deployers == {bootstrap_role("deploy").rpartition("/")[2]}


def test_a_process_gets_its_keys_by_the_file_of_a_token(accounts: Accounts, project: Project, tmp_path: Path) -> None:
    variables = accounts.variables_by_web_identity(PIPELINE, tmp_path / "token")

    run = project.start(sys.executable, "-c", ASK, **variables).wait()

    assert (run.code, run.output) == (0, f"arn:aws:sts::{TOOLS}:assumed-role/pipeline/job\n")


# --- tokens ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"subject": "repo:acme/other:environment:dev"}, ("AccessDenied", 403)),
        ({"audience": "https://github.com/acme"}, ("InvalidIdentityToken", 400)),
        ({"issuer": "https://gitlab.com"}, ("InvalidIdentityToken", 400)),
    ],
)
def test_a_token_of_somebody_else_is_refused(
    accounts: Accounts, claims: dict[str, Any], expected: tuple[str, int]
) -> None:
    token = accounts.token(**claims)
    assert refusal(lambda: accounts.credentials_by_web_identity(PIPELINE, token=token)) == expected


def test_a_token_expires(accounts: Accounts) -> None:
    token = accounts.token(minutes=5)

    def enter() -> object:
        return accounts.credentials_by_web_identity(PIPELINE, token=token)

    assert refusal(enter) is None
    accounts.let_pass(minutes=5)
    assert refusal(enter) == ("ExpiredTokenException", 400)


def test_a_token_is_signed(accounts: Accounts) -> None:
    header, _, signature = accounts.token().split(".")
    _, claims, _ = accounts.token(minutes=60).split(".")
    forged = f"{header}.{claims}.{signature}"
    assert refusal(lambda: accounts.credentials_by_web_identity(PIPELINE, token=forged)) == (
        "InvalidIdentityToken",
        400,
    )


def test_a_provider_counts_in_its_account_and_is_changed_replaced_and_deleted(accounts: Accounts) -> None:
    iam = accounts.sandbox.client("iam", account=APPLICATION)
    stacks = Stacks(accounts.sandbox.client("cloudformation", account=APPLICATION))
    theirs = {**BY_TOKEN, "Principal": {"Federated": PROVIDER_ARN.replace(TOOLS, APPLICATION)}}
    role = accounts.make_role(APPLICATION, "theirs", theirs)

    def enter() -> object:
        return accounts.credentials_by_web_identity(role)

    def providers() -> list[str]:
        return [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]

    assert refusal(enter) == ("InvalidIdentityToken", 400)
    assert stacks.create("providing", provider("other")) == "CREATE_COMPLETE"
    assert refusal(enter) == ("InvalidIdentityToken", 400)
    assert stacks.update("providing", provider("other", three.AUDIENCE)) == "UPDATE_COMPLETE"
    assert refusal(enter) is None
    assert stacks.update("providing", provider(three.AUDIENCE, url="https://gitlab.com")) == "UPDATE_COMPLETE"
    assert providers() == [f"arn:aws:iam::{APPLICATION}:oidc-provider/gitlab.com"]
    stacks.delete("providing")
    assert providers() == []


# --- sessions ----------------------------------------------------------------------------------------------------


def test_a_session_ends_and_a_new_one_goes_on(accounts: Accounts) -> None:
    role = accounts.make_role(TOOLS, "everything", BY_TOKEN, {"Effect": "Allow", "Action": "*", "Resource": "*"})
    first = accounts.credentials_by_web_identity(role, minutes=15)
    # One of each protocol: query, JSON, REST with JSON, REST with XML; and STS, which MiniStack answers apart.
    calls = {
        ("cloudformation", "list_stacks"): ("ExpiredToken", 403),
        ("dynamodb", "list_tables"): ("ExpiredTokenException", 400),
        ("bedrock", "list_custom_models"): ("ExpiredTokenException", 403),
        ("s3", "list_buckets"): ("ExpiredToken", 400),
        ("sts", "get_caller_identity"): ("ExpiredToken", 403),
    }

    def refusals(who: Credentials) -> dict[tuple[str, str], tuple[str, int] | None]:
        return {(service, call): refusal(getattr(accounts.client(service, who), call)) for service, call in calls}

    accounts.let_pass(minutes=14)
    assert refusals(first) == dict.fromkeys(calls)
    accounts.let_pass(minutes=1)
    second = accounts.credentials_by_web_identity(role, minutes=15)
    assert refusals(first) == calls
    assert refusals(second) == dict.fromkeys(calls)


def test_a_session_says_by_the_clock_of_its_client_when_it_ends(accounts: Accounts) -> None:
    accounts.sandbox.control("clock", {"rate": 15})
    ends = accounts.credentials_by_web_identity(PIPELINE, minutes=15).expiration
    assert abs((ends - datetime.now(UTC)).total_seconds() - 60) < 30


def test_a_chained_session_lasts_an_hour_at_most(accounts: Accounts) -> None:
    long = accounts.make_role(TOOLS, "long", trusting(TOOLS), {**BOOTSTRAP_ROLES, "Resource": "*"})
    accounts.sandbox.client("iam", account=TOOLS).update_role(RoleName="long", MaxSessionDuration=12 * 3600)
    root = accounts.sandbox.client("sts", account=TOOLS)
    first = Credentials.of(root.assume_role(RoleArn=long, RoleSessionName="first", DurationSeconds=2 * 3600))

    assert refusal(lambda: accounts.credentials_by_role(first, long, minutes=60)) is None
    assert refusal(lambda: accounts.credentials_by_role(first, long, minutes=61)) == ("ValidationError", 400)
    assert refusal(lambda: accounts.credentials_by_web_identity(PIPELINE, minutes=61)) == ("ValidationError", 400)


# --- roles -------------------------------------------------------------------------------------------------------


def test_the_role_of_a_pipeline_may_assume_the_bootstrap_roles_and_nothing_else(
    accounts: Accounts, job: Credentials
) -> None:
    open_to_tools = accounts.make_role(MODEL, "open", trusting(TOOLS))
    roles = {kind: bootstrap_role(kind) for kind in ("deploy", "file-publishing", "lookup", "cfn-exec")}

    def may_assume(role: str) -> bool:
        refused = refusal(lambda: accounts.credentials_by_role(job, role))
        assert refused in (None, ("AccessDenied", 403))
        return refused is None

    assert [kind for kind, role in roles.items() if may_assume(role)] == ["deploy", "file-publishing", "lookup"]
    assert not may_assume(open_to_tools)
    for service, call in (
        ("bedrock", "list_custom_models"),
        ("cloudformation", "describe_stacks"),
        ("iam", "list_roles"),
        ("s3", "list_buckets"),
        ("ssm", "describe_parameters"),
    ):
        refused = refusal(getattr(accounts.client(service, job), call))
        assert refused, service
        assert refused[0] in ("AccessDenied", "AccessDeniedException")


@pytest.mark.parametrize(("organization", "refused"), [(ORGANIZATION, None), ("o-someoneelse", ("AccessDenied", 403))])
def test_every_account_is_of_the_organization(
    accounts: Accounts, organization: str, refused: tuple[str, int] | None
) -> None:
    """A role, and a bucket, of the model's account that the organization may use, as an application's role."""
    name = f"of-{organization}"
    everybody = trusting("*", Condition={"StringEquals": {"aws:PrincipalOrgID": organization}})
    role = accounts.make_role(MODEL, name, everybody)
    s3 = accounts.sandbox.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="any", Body=b"any")
    statement = {**everybody, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    s3.put_bucket_policy(Bucket=name, Policy=three.document(statement))
    both = {"Effect": "Allow", "Action": ["sts:AssumeRole", "s3:GetObject"], "Resource": "*"}
    own = accounts.make_role(APPLICATION, name, trusting(APPLICATION), both)
    sts = accounts.sandbox.client("sts", account=APPLICATION)
    application = Credentials.of(sts.assume_role(RoleArn=own, RoleSessionName=name))

    assert refusal(lambda: accounts.credentials_by_role(application, role)) == refused
    of_application = accounts.client("s3", application)
    assert refusal(lambda: of_application.get_object(Bucket=name, Key="any")) == refused
