"""Arguments in, exit codes out; nothing here reaches AWS or the CDK CLI."""

from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.messages import saying, says
from tests.tune.aws_stand_in import ROOT, Bedrock, CloudFormation
from tune import cli
from tune.aws import WrongCredentials, check_account
from tune.environments import Target, UnknownEnvironment, find

runner = CliRunner()


class Account:
    """STS of one account, with the other services beside it."""

    def __init__(self, account: str, cloudformation: CloudFormation) -> None:
        self._account = account
        self._services: dict[str, Any] = {"sts": self, "cloudformation": cloudformation, "bedrock": Bedrock({})}

    def __call__(self, service: str) -> Any:
        return self._services[service]

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": self._account}


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Run the commands against an empty account, and return what the CDK CLI is asked to do."""
    asked: list[list[str]] = []

    def clients(_: Target) -> Account:
        return Account("000000000000", CloudFormation({"local-Training": "CREATE_COMPLETE"}))

    def run(_self: Any, arguments: list[str], _tick: Any = None) -> int:
        asked.append(arguments)
        return 7

    monkeypatch.setattr(cli, "clients", clients)
    monkeypatch.setattr("tune.cdk_cli.CdkCli.run", run)
    return asked


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_an_unknown_environment_is_a_usage_error_that_names_the_known_ones(command: str) -> None:
    result = runner.invoke(cli.app, [command, "lokal"])
    assert result.exit_code == 2
    assert says(result.output, "'lokal'", "dev, local")


def test_wrong_settings_are_told_with_their_place(tmp_path: Any) -> None:
    (tmp_path / "bad.toml").write_text('name = "x"\n', encoding="utf-8")
    result = runner.invoke(cli.app, ["deploy", "bad", "--environments", str(tmp_path)])
    assert result.exit_code == 2
    assert says(result.output, "bad.toml: account: ")


def test_an_empty_folder_is_told_as_such(tmp_path: Any) -> None:
    with pytest.raises(UnknownEnvironment, match=saying(".toml")):
        find(tmp_path, "dev")


def test_deploy_hands_on_what_follows_two_hyphens_and_returns_the_exit_code(commands: list[list[str]]) -> None:
    result = runner.invoke(cli.app, ["deploy", "local", "--", "--require-approval", "never"])
    assert result.exit_code == 7
    (command,) = commands
    own = ["deploy", "local/*", "--progress", "events", "-c", "only=local"]
    assert command == [*own, "--require-approval", "never"]


def test_never_deploys_more_than_the_environment(commands: list[list[str]]) -> None:
    runner.invoke(cli.app, ["deploy", "local"])
    [arguments] = commands
    assert "**" not in arguments
    assert "--all" not in arguments
    assert "--express" not in arguments


def test_an_interrupted_deploy_says_what_goes_on(commands: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("tune.cdk_cli.CdkCli.run", interrupted)
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 130
    assert says(result.output, "CloudFormation")
    assert commands == []


@pytest.mark.parametrize(("options", "answer"), [([], "n\n"), ([], ""), (["--all"], "yes\n"), (["--all"], "dev\n")])
def test_destroys_nothing_without_agreement(commands: list[list[str]], options: list[str], answer: str) -> None:
    result = runner.invoke(cli.app, ["destroy", "local", *options], input=answer)
    assert result.exit_code == 2
    assert says(result.output, "nothing")
    assert commands == []


@pytest.mark.parametrize(
    ("options", "answer"), [([], "y\n"), (["--all"], "local\n"), (["--yes"], ""), (["--all", "--yes"], "")]
)
def test_destroys_when_agreed(commands: list[list[str]], options: list[str], answer: str) -> None:
    result = runner.invoke(cli.app, ["destroy", "local", *options], input=answer)
    assert result.exit_code == 7
    unchecked = ["-c", "only=local", "-c", "bedrock-tuning:check-data=false"]
    assert commands == [["destroy", "local/Training", "--force", "--exclusively", *unchecked]]


def test_all_and_serving_only_exclude_each_other() -> None:
    assert runner.invoke(cli.app, ["destroy", "local", "--all", "--serving-only"]).exit_code == 2


def test_refuses_the_credentials_of_another_account() -> None:
    target = find(ROOT / "environments", "dev")
    with pytest.raises(WrongCredentials, match=saying("999999999999", "dev", "111122223333")):
        check_account(Account("999999999999", CloudFormation({})), target)
    check_account(Account("111122223333", CloudFormation({})), target)
