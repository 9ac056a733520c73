"""An application in another account, which invokes a model by parameters of its own and a role."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ClientError

from sandbox.options import ORGANIZATION
from tests.e2e.accounts import APPLICATION, TOOLS, Accounts, Credentials
from tests.e2e.settings_file import BASE_MODEL, RECORDS

NAMED: Final = "answers"
ACCESS: Final = f"""
[[access]]
account = "{APPLICATION}"
principals = ["arn:aws:iam::{APPLICATION}:role/{NAMED}"]
organization_id = "{ORGANIZATION}"
"""
"""What gives it access, in the file of the model."""


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

    def find(self, credentials: Credentials, name: str) -> str:
        """Read a parameter of its own account."""
        ssm = self.accounts.client("ssm", credentials)
        return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])


class Session:
    """The application that is named, with the role of a model that it has assumed once."""

    def __init__(self, accounts: Accounts, environment: str, model: str) -> None:
        at = f"/bedrock-tuning/{environment}/{model}/access"
        its = Application(accounts, APPLICATION, NAMED)
        own = its.credentials()
        self.role, self._parameter, region = (
            its.find(own, f"{at}/{what}") for what in ("role-arn", "model-id-parameter", "region")
        )
        session = accounts.credentials_by_role(own, self.role)
        self.ssm, self._runtime, self.bedrock = (
            accounts.client(service, session, region) for service in ("ssm", "bedrock-runtime", "bedrock")
        )

    def model_id(self) -> str:
        return str(self.ssm.get_parameter(Name=self._parameter)["Parameter"]["Value"])

    def answer(self, model_id: str = "") -> str:
        """Ask what the parameter names, or another model, the first question of the training data."""
        asked = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 50, "messages": [RECORDS[0]["messages"][0]]}
        answered = self._runtime.invoke_model(modelId=model_id or self.model_id(), body=json.dumps(asked))
        return str(json.loads(answered["body"].read()))


def refusal(call: Callable[[], object]) -> str | None:
    """Return the code with which a call is refused, None if it is not."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def nobody_else_and_nothing_else_is_allowed(accounts: Accounts, session: Session) -> None:
    denied = "AccessDeniedException"
    assert refusal(lambda: session.ssm.get_parameter(Name="/cdk-bootstrap/hnb659fds/version")) == denied
    assert refusal(lambda: session.answer(BASE_MODEL)) == denied
    arn = session.model_id()
    assert refusal(lambda: session.bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)) == denied
    # Another role of the account, and one of the same name in another account.
    for other in (Application(accounts, APPLICATION, "stranger"), Application(accounts, TOOLS, NAMED)):
        keys = other.credentials()
        assert refusal(lambda keys=keys: accounts.credentials_by_role(keys, session.role)) == "AccessDenied"  # type: ignore[misc]
