"""`tune status --all`: every environment of a folder in one table, whatever one of them refuses."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from sandbox.bedrock import Durations, Settings
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import SERVING, TRAINING, Account, Wanted
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.planning import Aws
from tune import cli
from tune.account import operations
from tune.account.clients import WrongCredentials
from tune.terminal.environments import EnvironmentRef

WANTED = Wanted(rungs=2)
ELSEWHERE = "222233334444"
HOURS = Settings(durations=Durations(training=timedelta(hours=9)))


class Accounts:
    """Two accounts: prod, with what was deployed there, and eu, which is empty. Each environment asks its own."""

    def __init__(self, folder: Path, settings: Settings | None = None) -> None:
        settings_folder(folder, "prod", where(ACCOUNT), {"faq": ""})
        settings_folder(folder, "eu", where(ELSEWHERE), {"faq": "", "other": ""})
        self.folder = folder
        self.prod = Account(settings=settings or quick())
        self.aws: dict[str, Any] = {ACCOUNT: Aws(self.prod), ELSEWHERE: Aws(Account(settings=quick()))}

    def clients(self, ref: EnvironmentRef, role: str) -> Any:
        assert role == "lookup"
        found = self.aws[ref.account]
        if isinstance(found, Exception):
            raise found
        return found

    def run(self, *options: str) -> Any:
        return CliRunner().invoke(cli.app, ["status", "--all", "--environments", str(self.folder), *options])

    def document(self, code: int = 0) -> Any:
        result = self.run("--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)


def where(account: str) -> str:
    return f'account = "{account}"\nregion = "{REGION}"\n'


@pytest.fixture
def accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Accounts:
    accounts = Accounts(tmp_path)
    monkeypatch.setattr("tune.account.clients.clients", accounts.clients)
    return accounts


def detached(accounts: Accounts, stack: str, commit: str) -> None:
    """Let a stack's last change be one by `deploy --detach`."""
    token = operations.token_of(change_set="arn:x", name=f"tune-{'0' * 16}", commit=commit)
    its = {"EventId": "1", "ResourceType": "AWS::CloudFormation::Stack", "ResourceStatus": "CREATE_COMPLETE"}
    accounts.aws[ACCOUNT].views.events[stack] = [{**its, "ClientRequestToken": token}]


def rows(document: Any, environment: str) -> list[Any]:
    (found,) = (its for its in document["environments"] if its["environment"] == environment)
    return list(found["models"])


def test_each_model_tells_its_training_commit_since_when_and_what_bills(accounts: Accounts) -> None:
    accounts.prod.deploy(WANTED)
    detached(accounts, TRAINING, "0123456789ab")
    detached(accounts, SERVING, "ba9876543210")
    document = accounts.document()
    assert (document["version"], document["notAsked"]) == (1, [])
    assert [(its["environment"], its["account"]) for its in document["environments"]] == [
        ("eu", ELSEWHERE),
        ("prod", ACCOUNT),
    ]
    faq, rest = rows(document, "prod")
    assert (faq["model"], faq["training"], faq["commit"]) == ("faq", WANTED.training_name, "0123456789ab")
    (serving,) = (its for each in document["environments"] for its in each["serving"])
    assert faq["since"] == serving["since"]
    assert says(faq["serving"], "Provisioned Throughput", "InService")
    assert [its["what"] for its in faq["bills"]] == ["Provisioned Throughput", "Custom model"]
    assert rest["model"] is None
    assert not {its["name"] for its in rest["bills"]} & {its["name"] for its in faq["bills"]}
    assert [its["model"] for its in rows(document, "eu")] == ["faq", "other", None]
    assert all(not its["bills"] and not its["training"] for its in rows(document, "eu"))


def test_a_model_that_is_named_like_another_with_the_environment_has_a_commit_of_its_own(
    accounts: Accounts,
) -> None:
    settings_folder(accounts.folder, "prod", where(ACCOUNT), {"faq": "", "prod-faq": ""})
    accounts.prod.deploy(WANTED)
    detached(accounts, TRAINING, "0123456789ab")
    commits = {its["model"]: its["commit"] for its in rows(accounts.document(), "prod")}
    assert commits == {"faq": "0123456789ab", "prod-faq": None, None: None}


def test_it_is_one_table_with_a_row_for_each_model(accounts: Accounts) -> None:
    accounts.prod.deploy(WANTED)
    detached(accounts, SERVING, "0123456789ab-changed")
    result = accounts.run()
    assert result.exit_code == 0
    row = ("prod", "faq", WANTED.training_name, "0123456789ab-changed", "InService", "hour")
    assert says(result.stdout, *row)
    assert says(result.stdout, "eu", "other", "nothing")


def test_a_change_that_was_not_detached_has_no_commit(accounts: Accounts) -> None:
    accounts.prod.deploy(WANTED)
    assert rows(accounts.document(), "prod")[0]["commit"] is None


def test_who_may_not_read_events_is_told_the_rest(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStackEvents")

    accounts.prod.deploy(WANTED)
    monkeypatch.setattr("tune.account.operations.latest", denied)
    assert rows(accounts.document(), "prod")[0]["training"] == WANTED.training_name


@pytest.mark.parametrize(
    "refusal",
    [WrongCredentials("those of another account"), ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRole")],
)
def test_an_account_that_cannot_be_asked_is_named_and_the_rest_is_shown(accounts: Accounts, refusal: Exception) -> None:
    accounts.prod.deploy(WANTED)
    accounts.aws[ELSEWHERE] = refusal
    document = accounts.document(code=1)
    assert [its["environment"] for its in document["environments"]] == ["prod"]
    (not_asked,) = document["notAsked"]
    assert not_asked["environment"] == "eu"
    assert says(not_asked["why"], ELSEWHERE)
    plain = accounts.run()
    assert plain.exit_code == 1
    assert says(plain.stderr, "eu", ELSEWHERE)
    assert says(plain.stdout, "prod", WANTED.training_name)
    accounts.aws[ACCOUNT] = refusal
    assert accounts.run().exit_code == 2


def test_a_file_that_is_wrong_stops_no_other(accounts: Accounts) -> None:
    settings_folder(accounts.folder, "bad", "account = 1\n", {"faq": ""})
    document = accounts.document(code=1)
    assert [its["environment"] for its in document["notAsked"]] == ["bad"]
    assert len(document["environments"]) == 2


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--exit-code",), 3)])
def test_what_is_in_progress_is_an_exit_code_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], code: int
) -> None:
    accounts = Accounts(tmp_path, HOURS)
    monkeypatch.setattr("tune.account.clients.clients", accounts.clients)
    accounts.prod.deploy(WANTED.but(rungs=1, model_units=None))
    one = ["status", "prod", "--environments", str(tmp_path)]
    assert accounts.run(*options).exit_code == code
    assert CliRunner().invoke(cli.app, [*one, *options]).exit_code == code
    row = rows(json.loads(accounts.run("--json").stdout), "prod")[0]
    assert (row["training"], row["serving"]) == (WANTED.training_name, None)
    assert row["since"] is not None


def test_nothing_in_progress_is_0(accounts: Accounts) -> None:
    accounts.prod.deploy(WANTED)
    assert accounts.run("--exit-code").exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["--all", "prod"], ["--all", "--watch"]])
def test_one_environment_or_all(accounts: Accounts, arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["status", *arguments, "--environments", str(accounts.folder)])
    assert (result.exit_code, result.stdout) == (2, "")
