"""Credentials of another account, or such as may only assume roles: whose requests are signed with which role's."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError

from settings import Bootstrap, EnvironmentLocation
from settings.app import DEFAULT_APP
from settings.bootstrap import BootstrapRole
from tests.support.messages import says
from tune.account.bootstrap_roles import role_arn
from tune.account.clients import WrongCredentials, clients
from tune.terminal.environments import EnvironmentRef
from tune.terminal.folders import DEFAULT_FOLDER

MODEL_ACCOUNT: Final = "111122223333"
TOOLS_ACCOUNT: Final = "999988887777"
DEPLOY: Final = f"arn:aws:iam::{MODEL_ACCOUNT}:role/cdk-hnb659fds-deploy-role-{MODEL_ACCOUNT}-us-east-1"
LOOKUP: Final = DEPLOY.replace("deploy", "lookup")


def ref(region: str = "us-east-1", **bootstrap: str) -> EnvironmentRef:
    location = EnvironmentLocation(
        name="dev", account=MODEL_ACCOUNT, region=region, bootstrap=Bootstrap.model_validate(bootstrap)
    )
    return EnvironmentRef(location=location, folder=DEFAULT_FOLDER, app=DEFAULT_APP, models=("faq",))


class Raw(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.read()


class Wire:
    """STS and CloudFormation as botocore sends to them, with who has signed each request.

    `assumable` are the roles that may be assumed; `allowed` who may read stacks.
    """

    def __init__(self, account: str) -> None:
        self.account = account
        self.assumable = {DEPLOY, LOOKUP}
        self.allowed = {"own", DEPLOY, LOOKUP}
        self.lasts = timedelta(hours=1)
        self.calls: list[tuple[str, str]] = []
        self._keys: dict[str, str] = {"OWN": "own"}

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        authorization = request.headers["Authorization"]
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        found = re.search(r"Credential=([^/]+)/", text)
        assert found
        who = self._keys[found[1]]
        body: Any = request.body
        asked = {
            name: value for name, (value, *_) in parse_qs(body.decode() if isinstance(body, bytes) else body).items()
        }
        self.calls.append((who, asked["Action"]))
        status, answer = self._answer(who, asked)
        return AWSResponse(request.url, status, {"Content-Type": "text/xml"}, Raw(answer.encode()))  # type: ignore[arg-type]

    def _answer(self, who: str, asked: Mapping[str, str]) -> tuple[int, str]:
        action = asked["Action"]
        arn = f"arn:aws:sts::{self.account}:assumed-role/ci/run-1"
        if action == "GetCallerIdentity":
            return 200, _result(action, f"<Arn>{arn}</Arn><Account>{self.account}</Account>")
        if action == "AssumeRole":
            assert asked["RoleSessionName"] == "bedrock-tuning"
            if asked["RoleArn"] not in self.assumable:
                return 403, _denied(
                    f"{arn} is not authorized to perform: sts:AssumeRole on resource: {asked['RoleArn']}"
                )
            key = f"KEY{len(self._keys)}"
            self._keys[key] = asked["RoleArn"]
            ends = (datetime.now(UTC) + self.lasts).isoformat()
            its = f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
            return 200, _result(action, f"<Credentials>{its}<Expiration>{ends}</Expiration></Credentials>")
        if who not in self.allowed:
            return 403, _denied(f"{arn} is not authorized to perform: cloudformation:{action}")
        return 200, _result(action, "<Stacks/>")


def _result(action: str, inner: str) -> str:
    return f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"


def _denied(message: str) -> str:
    return f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: {message}</Message></Error></ErrorResponse>"


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Wire]:
    """Return what plays AWS for credentials of an account."""
    for name, value in {"ACCESS_KEY_ID": "OWN", "SECRET_ACCESS_KEY": "secret", "DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)

    def play(account: str) -> Wire:
        made = Wire(account)
        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", lambda _, request: made.send(request))
        return made

    return play


def test_credentials_of_the_account_act_themselves(wire: Callable[[str], Wire]) -> None:
    aws = wire(MODEL_ACCOUNT)
    roles: tuple[BootstrapRole | None, ...] = (None, "lookup", "deploy")
    for role in roles:
        clients(ref(), role)("cloudformation").describe_stacks()
    assert {who for who, _ in aws.calls} == {"own"}


@pytest.mark.parametrize("account", [TOOLS_ACCOUNT, MODEL_ACCOUNT])
def test_others_read_as_the_lookup_role_and_deploy_as_the_deploy_role(
    wire: Callable[[str], Wire], account: str
) -> None:
    aws = wire(account)
    aws.allowed = {DEPLOY, LOOKUP}
    reading, deploying = clients(ref(), "lookup"), clients(ref(), "deploy")
    aws.calls.clear()
    reading("cloudformation").describe_stacks()
    deploying("cloudformation").describe_stacks()
    deploying("sts").get_caller_identity()
    assert aws.calls == [
        (LOOKUP, "DescribeStacks"),
        (DEPLOY, "DescribeStacks"),
        ("own", "AssumeRole"),
        (LOOKUP, "GetCallerIdentity"),
    ]


def test_a_role_is_assumed_again_before_it_ends(wire: Callable[[str], Wire]) -> None:
    aws = wire(TOOLS_ACCOUNT)
    aws.lasts = timedelta(minutes=5)
    cloudformation = clients(ref(), "lookup")("cloudformation")
    aws.calls.clear()
    aws.lasts = timedelta(hours=1)
    cloudformation.describe_stacks()
    cloudformation.describe_stacks()
    assert [action for _, action in aws.calls] == ["AssumeRole", "DescribeStacks", "DescribeStacks"]


def test_a_role_that_is_refused_later_is_told_as_a_denial(wire: Callable[[str], Wire]) -> None:
    aws = wire(TOOLS_ACCOUNT)
    deploying = clients(ref(), "deploy")
    aws.assumable = set()
    with pytest.raises(ClientError, match="sts:AssumeRole"):
        deploying("sts").get_caller_identity()


def test_when_neither_serves_it_says_who_which_role_why_and_what_would_allow_it(wire: Callable[[str], Wire]) -> None:
    wire(TOOLS_ACCOUNT).assumable = set()
    with pytest.raises(WrongCredentials) as refused:
        clients(ref(), "deploy")
    told = str(refused.value)
    assert says(told, "role ci", TOOLS_ACCOUNT, MODEL_ACCOUNT, DEPLOY, "sts:AssumeRole", "dev/environment.toml")
    assert f"cdk bootstrap --trust {TOOLS_ACCOUNT}" in told
    assert "python -m tune policy dev" in told
    assert "\n" not in told


def test_in_the_account_what_is_denied_is_told_where_it_is_asked(wire: Callable[[str], Wire]) -> None:
    aws = wire(MODEL_ACCOUNT)
    aws.allowed = aws.assumable = set()
    cloudformation = clients(ref(), "lookup")("cloudformation")
    with pytest.raises(ClientError) as refused:
        cloudformation.describe_stacks()
    assert refused.value.response["Caller"] == "role ci"  # type: ignore[typeddict-item]
    assert refused.value.response["Action"] == "cloudformation:DescribeStacks"  # type: ignore[typeddict-item]


def test_who_pushes_and_purges_acts_with_credentials_of_the_account_alone(wire: Callable[[str], Wire]) -> None:
    aws = wire(TOOLS_ACCOUNT)
    with pytest.raises(WrongCredentials):
        clients(ref())
    assert aws.calls == [("own", "GetCallerIdentity")]


def test_another_region_is_looked_at_with_the_role_of_the_environments_own(wire: Callable[[str], Wire]) -> None:
    aws = wire(TOOLS_ACCOUNT)
    cloudformation = clients(ref(), "lookup", "ap-south-1")("cloudformation")
    cloudformation.describe_stacks()
    assert aws.calls[-1] == (LOOKUP, "DescribeStacks")
    assert cloudformation.meta.region_name == "ap-south-1"


@pytest.mark.parametrize(
    ("bootstrap", "name"),
    [
        ({}, f"cdk-hnb659fds-lookup-role-{MODEL_ACCOUNT}-us-east-1"),
        ({"qualifier": "acme"}, f"cdk-acme-lookup-role-{MODEL_ACCOUNT}-us-east-1"),
        ({"lookup_role": "acme-reader"}, "acme-reader"),
        ({"qualifier": "acme", "deploy_role": "x"}, f"cdk-acme-lookup-role-{MODEL_ACCOUNT}-us-east-1"),
    ],
)
def test_the_name_is_the_cdks_or_that_of_the_settings(bootstrap: dict[str, str], name: str) -> None:
    assert role_arn(ref(**bootstrap), "lookup") == f"arn:aws:iam::{MODEL_ACCOUNT}:role/{name}"


def test_the_partition_is_the_regions() -> None:
    assert role_arn(ref("us-gov-west-1"), "deploy").startswith("arn:aws-us-gov:iam::")


def test_a_wrong_bootstrap_keeps_nobody_from_knowing_where_an_environment_is() -> None:
    where = {"name": "dev", "account": MODEL_ACCOUNT, "region": "us-east-1", "bootstrap": {"qualifier": "a b"}}
    assert EnvironmentLocation.model_validate(where).bootstrap == Bootstrap()
    assert replace(ref(), models=()).location.bootstrap == Bootstrap()
