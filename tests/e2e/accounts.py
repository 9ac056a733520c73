"""Three accounts of one organization in one sandbox: tools, from which is deployed; the model's; an application's.

The CDK is bootstrapped in the model's account, which trusts the tools account. A test makes the provider of tokens and
the roles that it is about.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import boto3

from sandbox.options import Options
from sandbox.server import ACCOUNT, REGION, Sandbox
from tests.e2e.local_aws import bootstrapped

MODEL: Final = ACCOUNT
TOOLS: Final = "111111111111"
APPLICATION: Final = "222222222222"

ISSUER: Final = "https://token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
SUBJECT: Final = "repo:acme/models:environment:dev"


@dataclass(frozen=True)
class Credentials:
    """Keys of a session."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Self:
        """Return the keys that STS has answered with."""
        keys = answer["Credentials"]
        return cls(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], keys["Expiration"])

    @property
    def variables(self) -> dict[str, str]:
        """Environment variables of a process that has these keys, as GitHub's action sets them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


class Accounts:
    """What the parties do, each with credentials of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def token(
        self, *, subject: str = SUBJECT, audience: str = AUDIENCE, issuer: str = ISSUER, minutes: float = 5
    ) -> str:
        """Return a token of a web identity, which expires after so many simulated minutes."""
        claims = {"iss": issuer, "sub": subject, "aud": audience, "seconds": minutes * 60}
        return str(self.sandbox.control("token", claims)["token"])

    def credentials_by_web_identity(self, role_arn: str, minutes: int = 15, *, token: str | None = None) -> Credentials:
        """Return keys of a session of a role, for a token; default is one of `SUBJECT`."""
        answer = self.sandbox.client("sts").assume_role_with_web_identity(
            RoleArn=role_arn,
            RoleSessionName="job",
            WebIdentityToken=token or self.token(),
            DurationSeconds=minutes * 60,
        )
        return Credentials.of(answer)

    def credentials_by_role(self, credentials: Credentials, role_arn: str, minutes: int = 60) -> Credentials:
        """Return keys of a session of a role that somebody else assumes."""
        sts = self.client("sts", credentials)
        answer = sts.assume_role(RoleArn=role_arn, RoleSessionName="chained", DurationSeconds=minutes * 60)
        return Credentials.of(answer)

    def variables_by_web_identity(self, role_arn: str, token_file: Path) -> dict[str, str]:
        """Write a token, and return environment variables of a process that gets its keys for it by itself.

        Variables that are empty are to be left out: keys would win.
        """
        token_file.write_text(self.token(), encoding="utf-8")
        return {
            "AWS_ACCESS_KEY_ID": "",
            "AWS_SECRET_ACCESS_KEY": "",
            "AWS_ROLE_ARN": role_arn,
            "AWS_ROLE_SESSION_NAME": "job",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(token_file),
        }

    def client(self, service: str, credentials: Credentials, region: str = REGION) -> Any:
        """Return a boto3 client of somebody."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.sandbox.url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            verify=str(self.sandbox.folder / "authority.pem"),
        )

    def make_role(self, account: str, name: str, trust: Mapping[str, Any], *statements: Mapping[str, Any]) -> str:
        """Make a role with a statement of trust, and others of what it may do; return its ARN."""
        iam = self.sandbox.client("iam", account=account)
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
        return str(made["Role"]["Arn"])

    def let_pass(self, minutes: float) -> None:
        """Let simulated time pass."""
        self.sandbox.control("clock", {"advance_seconds": minutes * 60})


def bootstrap_role(kind: str, account: str = MODEL, region: str = REGION) -> str:
    """Return the ARN of a role that `cdk bootstrap` makes: deploy, lookup, file-publishing, cfn-exec."""
    return f"arn:aws:iam::{account}:role/cdk-hnb659fds-{kind}-role-{account}-{region}"


@contextmanager
def start(options: Options | None = None, region: str = REGION) -> Iterator[Accounts]:
    """Run a sandbox with the three accounts, in which sessions end in simulated time. Default is time as it is."""
    given = replace(options or Options(rate=1), simulated_sessions=True)
    with bootstrapped(given, region, trusted=TOOLS) as sandbox:
        yield Accounts(sandbox)


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
