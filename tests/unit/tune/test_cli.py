"""Arguments in, exit codes out; nothing here reaches AWS or the CDK CLI."""

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from typer.testing import CliRunner

from tests.support.messages import saying, says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import (
    ANCHOR,
    FOUNDATION,
    ROOT,
    SERVING,
    THEIRS,
    TRAINING,
    Bedrock,
    CloudFormation,
    NoStores,
)
from tune import cli
from tune.account.clients import WrongCredentials, WrongEndpoint, check_account, clients
from tune.account.items import InventoryItem
from tune.deployment.deploy import NAMED
from tune.deployment.detached import DetachedDeployment
from tune.purge.find import Finder
from tune.purge.kept import Kept, KeptModel
from tune.terminal.asking import answer
from tune.terminal.environments import UnknownEnvironment, find
from tune.terminal.exit_codes import ExitCode

PROMOTION = SERVING.replace("Serving", "Promotion")
EVALUATION = SERVING.replace("Serving", "Evaluation")

runner = CliRunner()
WHERE = 'account = "000000000000"\nregion = "us-west-2"\n'

ENDED = [
    ClientError({"Error": {"Code": "ExpiredToken", "Message": "the token has expired"}}, "DescribeStacks"),
    ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": "not valid"}}, "DescribeStacks"),
    ClientError({"Error": {"Code": "UnrecognizedClientException", "Message": "not valid"}}, "ListCustomModels"),
    UnauthorizedSSOTokenError(),
    TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
    NoCredentialsError(),
]
UNREACHABLE = EndpointConnectionError(endpoint_url="https://cloudformation.us-west-2.amazonaws.com/")
LOST_NETWORK = [UNREACHABLE, EndpointConnectionError(endpoint_url="http://localhost:4566/")]


class Account:
    """STS of one account, with the other services beside it; a stack is one of this project's."""

    def __init__(self, account: str, cloudformation: CloudFormation) -> None:
        self._account = account
        stores = NoStores()
        self.cloudformation = cloudformation
        self._services: dict[str, Any] = {
            "sts": self,
            "cloudformation": cloudformation,
            "bedrock": Bedrock({}),
            "s3": stores,
            "kms": stores,
        }

    def __call__(self, service: str) -> Any:
        return self._services[service]

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": self._account}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account of environment local, with one stack, for every command."""
    account = Account("000000000000", CloudFormation({TRAINING: "CREATE_COMPLETE"}))
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: account)
    return account


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, account: Account) -> list[list[str]]:
    """Run the commands against that account, and return what the CDK CLI is asked to do."""
    asked: list[list[str]] = []

    def run(_self: Any, arguments: list[str], _tick: Any = None) -> int:
        asked.append(arguments)
        return 7

    monkeypatch.setattr("tune.deployment.cdk_cli.CdkCli.run", run)
    return asked


def during(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Any]) -> None:
    """Let something happen while the CDK CLI runs."""
    monkeypatch.setattr("tune.deployment.cdk_cli.CdkCli.run", lambda *_: happens())


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_an_unknown_environment_is_a_usage_error_that_names_the_known_ones(command: str) -> None:
    result = runner.invoke(cli.app, [command, "lokal"])
    assert result.exit_code == 2
    assert says(result.output, "'lokal'", "dev, local", "did you mean local?")


@pytest.mark.parametrize(("model", "meant"), [("docstring", True), ("faq", False)])
def test_a_mistyped_model_is_told_what_was_meant(model: str, meant: bool) -> None:
    result = runner.invoke(cli.app, ["deploy", "local", model])
    assert result.exit_code == 2
    assert says(result.output, f"'{model}'", "docstrings")
    assert says(result.output, "did you mean docstrings?") is meant


def test_wrong_settings_are_told_with_their_place(tmp_path: Any) -> None:
    settings_folder(tmp_path, "bad", 'region = "us-west-2"\n', {"faq": "attemptt = 1\n"})
    result = runner.invoke(cli.app, ["deploy", "bad", "--environments", str(tmp_path)])
    assert result.exit_code == 2
    assert says(result.output, "bad/environment.toml: account: ")
    assert says(result.output, "bad/faq.toml: attemptt: ")


def test_an_empty_folder_is_told_as_such(tmp_path: Any) -> None:
    with pytest.raises(UnknownEnvironment, match=saying("environment.toml")):
        find(tmp_path, "dev")


def test_deploy_hands_on_what_follows_two_hyphens_and_fails_with_the_cdk_cli(commands: list[list[str]]) -> None:
    result = runner.invoke(cli.app, ["deploy", "local", "--", "--require-approval", "never"])
    assert result.exit_code == 1
    (command,) = commands
    own = ["local/Foundation", "local/docstrings-Training", "local/docstrings-Serving", "--exclusively"]
    assert command[:5] == ["deploy", *own]
    assert command[-2:] == ["--require-approval", "never"]


@pytest.mark.parametrize("given", [["--require-approval", "never"], ["-v"], []])
@pytest.mark.parametrize(("model", "only"), [([], "local"), (["docstrings"], "local/docstrings")])
def test_a_model_may_be_named_before_the_two_hyphens(
    commands: list[list[str]], model: list[str], only: str, given: list[str]
) -> None:
    result = runner.invoke(cli.app, ["deploy", "local", *model, "--", *given])
    assert result.exit_code == 1, result.output
    (command,) = commands
    assert command[command.index("-c") :] == ["-c", f"only={only}", *NAMED, *given]


def test_never_deploys_more_than_the_environment(commands: list[list[str]]) -> None:
    runner.invoke(cli.app, ["deploy", "local"])
    [arguments] = commands
    assert "**" not in arguments
    assert "--all" not in arguments
    assert "--express" not in arguments


@pytest.mark.parametrize("command", ["deploy", "plan"])
def test_a_stack_of_another_app_is_refused(account: Account, commands: list[list[str]], command: str) -> None:
    account.cloudformation.apps[TRAINING] = THEIRS
    result = runner.invoke(cli.app, [command, "local"])
    assert result.exit_code == 2
    assert says(result.output, TRAINING, "another app", THEIRS, "app.toml", "environment.toml")
    assert commands == []


def test_an_interrupted_deploy_says_what_goes_on(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        account.cloudformation.statuses[TRAINING] = "UPDATE_IN_PROGRESS"
        raise KeyboardInterrupt

    during(monkeypatch, interrupted)
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 130
    assert says(result.output, "CloudFormation", TRAINING, "UPDATE_IN_PROGRESS", "same command")


def test_a_deploy_that_is_interrupted_before_anything_was_begun_says_so(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(monkeypatch, raising(KeyboardInterrupt()))
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 130
    assert says(result.output, "Nothing", "CloudFormation")


def test_a_deploy_that_is_interrupted_while_aws_does_not_answer_says_what_holds_in_any_case(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> int:
        monkeypatch.setattr(account.cloudformation, "describe_stacks", raising(UNREACHABLE))
        raise KeyboardInterrupt

    during(monkeypatch, interrupted)
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 130
    assert says(result.output, "CloudFormation", "same command")
    assert not says(result.output, "Nothing")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_deploy_that_is_asked_to_end_otherwise_says_so_too(
    account: Account, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    during(monkeypatch, lambda: os.kill(os.getpid(), number))
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 128 + number
    assert says(result.output, "Nothing", "CloudFormation")


@pytest.mark.parametrize("error", [*ENDED, *LOST_NETWORK], ids=lambda error: type(error).__name__)
def test_a_deploy_that_loses_aws_says_that_the_training_goes_on_and_how_to_come_back(
    account: Account, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def lost() -> int:
        for call in ("describe_stacks", "get_paginator"):
            monkeypatch.setattr(account.cloudformation, call, raising(error))
        return 1

    during(monkeypatch, lost)
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 2
    assert says(result.output, "continues", "training", "same command")
    assert "Traceback" not in result.output
    assert re.search(r"[.?!:,;]{2}", result.output.replace("://", "")) is None
    assert ("sign in" in result.output) is (error not in LOST_NETWORK)


LINES = {
    "deploy": ["deploy", "local"],
    "destroy": ["destroy", "local", "--yes"],
    "plan": ["plan", "local"],
    "preflight": ["preflight", "local"],
    "status": ["status", "local"],
    "status --watch": ["status", "local", "--watch"],
    "purge": ["purge", "local"],
}


@pytest.mark.parametrize("error", [*ENDED, UNREACHABLE], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_no_command_ends_in_a_traceback_when_aws_is_lost(
    account: Account, monkeypatch: pytest.MonkeyPatch, line: list[str], error: Exception
) -> None:
    monkeypatch.setattr("tune.synthesis.bodies", lambda *_: {})
    for call in ("describe_stacks", "get_paginator"):
        monkeypatch.setattr(account.cloudformation, call, raising(error))
    monkeypatch.setattr(account("bedrock"), "get_paginator", raising(error))
    result = runner.invoke(cli.app, line)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert len(result.output.strip().splitlines()) == 1


@pytest.fixture
def ambient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and a Region for clients that never call."""
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-west-2")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.mark.usefixtures("ambient")
@pytest.mark.parametrize("line", [*LINES.values(), ["plan"], ["probe", "local"]], ids=[*LINES, "plan of all", "probe"])
def test_an_endpoint_that_is_none_is_told_in_words(monkeypatch: pytest.MonkeyPatch, line: list[str]) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost")
    result = runner.invoke(cli.app, line)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    (said,) = result.output.strip().splitlines()
    assert says(said, "localhost", "AWS_ENDPOINT_URL", "http://localhost:4566")


@pytest.mark.usefixtures("ambient")
@pytest.mark.parametrize("endpoint", ["localhost", "http://localhost:99999"])
def test_an_endpoint_of_one_service_that_is_none_is_told_before_it_is_called(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setattr("tune.account.clients.check_account", lambda *_: None)
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", endpoint)
    made = clients(ANCHOR)
    made("sts")
    with pytest.raises(WrongEndpoint, match=saying("cloudformation", "AWS_ENDPOINT_URL")):
        made("cloudformation")


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied", "x.toml"), OSError(28, "No space left")])
def test_what_the_system_refuses_is_told_in_a_line(
    account: Account, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    during(monkeypatch, raising(error))
    result = runner.invoke(cli.app, ["deploy", "local"])
    assert result.exit_code == 2
    assert str(error.strerror) in result.output


def test_a_fault_of_the_code_keeps_its_traceback(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    during(monkeypatch, raising(ZeroDivisionError()))
    assert isinstance(runner.invoke(cli.app, ["deploy", "local"]).exception, ZeroDivisionError)


@pytest.mark.parametrize("rest", [[], ["--", "--verbose"]])
@pytest.mark.parametrize(
    ("names", "said"),
    [(["dev"], ["'dev'", "model", "docstrings"]), (["docstrings", "dev"], ["'dev'", "one environment", "one model"])],
)
def test_a_second_environment_is_refused_and_not_ignored(
    commands: list[list[str]], names: list[str], said: list[str], rest: list[str]
) -> None:
    result = runner.invoke(cli.app, ["deploy", "local", *names, *rest])
    assert result.exit_code == 2
    assert says(result.output, *said)
    assert commands == []


@pytest.mark.parametrize("command", ["deploy", "evaluate"])
@pytest.mark.parametrize("given", [["--require-approval", "never"], ["docstrings", "--app=cdk.out"], ["-c", "x=y"]])
def test_an_option_for_the_cdk_cli_is_told_where_it_goes(command: str, given: list[str]) -> None:
    result = runner.invoke(cli.app, [command, "local", *given])
    assert result.exit_code == 2
    told = " ".join(result.output.replace("│", " ").split())
    assert says(told, "-- --require-approval never", "CDK_ARGS='--require-approval never'")


@pytest.mark.parametrize(("code", "outcome"), [(0, "done"), (7, "failed")])
def test_json_of_a_deploy_is_one_document(
    account: Account, monkeypatch: pytest.MonkeyPatch, code: int, outcome: str
) -> None:
    during(monkeypatch, lambda: code)
    result = runner.invoke(cli.app, ["deploy", "local", "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == told["exitCode"] == (1 if code else 0)
    assert (told["version"], told["environment"], told["model"], told["outcome"]) == (1, "local", None, outcome)
    assert told["models"] == {"docstrings": outcome}
    assert {"name": TRAINING, "status": "CREATE_COMPLETE"} in told["stacks"]
    assert (told["account"], told["region"]) == ("000000000000", "us-west-2")


def test_a_detached_deploy_ends_with_3_while_something_goes_on(account: Account, commands: list[list[str]]) -> None:
    account.cloudformation.statuses[FOUNDATION] = "CREATE_IN_PROGRESS"
    result = runner.invoke(cli.app, ["deploy", "local", "--detach", "--json"])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["exitCode"], told["outcome"]) == (3, 3, "goes_on")
    assert told["models"] == {"docstrings": None}
    assert says(result.stderr, FOUNDATION, "CREATE_IN_PROGRESS")
    assert commands == []


def test_retry_belongs_to_detach(commands: list[list[str]]) -> None:
    assert runner.invoke(cli.app, ["deploy", "local", "--retry"]).exit_code == 2
    assert commands == []


def test_retry_is_handed_on(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def run(its: DetachedDeployment, _extra: Any) -> ExitCode:
        asked.append(its._retry)
        return ExitCode.DONE

    monkeypatch.setattr(DetachedDeployment, "run", run)
    for given in ([], ["--retry"]):
        assert runner.invoke(cli.app, ["deploy", "local", "--detach", *given]).exit_code == 0
    assert asked == [False, True]


@pytest.mark.parametrize("ask", [lambda: typer.confirm("?"), lambda: typer.prompt("?")])
def test_ctrl_c_at_a_question_is_an_interrupt_and_the_end_of_the_input_no_answer(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]
) -> None:
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        answer(ask)
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", raising(EOFError()))
    assert answer(ask) is None


@pytest.mark.parametrize("command", [["status"], ["purge"], ["destroy", "--yes"]], ids=lambda words: words[0])
@pytest.mark.parametrize(("model", "is_near"), [("docstrngs", True), ("docstrings", False), ("faq", False)])
def test_a_model_without_a_file_that_is_named_nearly_like_another_is_asked_about(
    account: Account, monkeypatch: pytest.MonkeyPatch, command: list[str], model: str, is_near: bool
) -> None:
    monkeypatch.setattr(Finder, "obstacles", lambda *_: ["any"])
    result = runner.invoke(cli.app, [command[0], "local", model, *command[1:]])
    assert says(result.stderr, "local/docstrngs.toml", "did you mean docstrings?") is is_near
    if is_near:
        assert account.cloudformation.calls == []


class TestDestroy:
    """The command: what it asks, and what it needs."""

    @pytest.mark.parametrize(("options", "answer"), [([], "n\n"), ([], ""), (["--all"], "yes\n"), (["--all"], "dev\n")])
    def test_destroys_nothing_without_agreement(self, account: Account, options: list[str], answer: str) -> None:
        result = runner.invoke(cli.app, ["destroy", "local", *options], input=answer)
        assert result.exit_code == 2
        assert says(result.output, "nothing", "--yes")
        assert account.cloudformation.calls == []

    @pytest.mark.parametrize(
        ("options", "answer"), [([], "y\n"), (["--all"], "local\n"), (["--yes"], ""), (["--all", "--yes"], "")]
    )
    def test_destroys_when_agreed(self, account: Account, options: list[str], answer: str) -> None:
        result = runner.invoke(cli.app, ["destroy", "local", *options], input=answer)
        assert result.exit_code == 0, result.output
        assert account.cloudformation.calls == [f"delete {TRAINING}"]

    def test_json_is_one_document_and_asks_nothing(self, account: Account) -> None:
        refused = runner.invoke(cli.app, ["destroy", "local", "--json"], input="y\n")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert account.cloudformation.calls == []
        result = runner.invoke(cli.app, ["destroy", "local", "--json", "--yes"])
        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert (told["version"], told["environment"], told["exitCode"], told["outcome"]) == (1, "local", 0, "done")
        assert told["stacks"] == [{"name": name, "status": None} for name in (SERVING, EVALUATION, PROMOTION, TRAINING)]
        assert (told["billing"], told["deployed"], told["running"], told["kept"]) == ([], [], [], [])
        assert says(result.stderr, "Deleting", TRAINING)

    def test_json_tells_what_still_bills(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        bills = InventoryItem("Provisioned Throughput", "x", "by the hour", "aws bedrock delete")
        monkeypatch.setattr("tune.account.inventory.billing", lambda *_: [bills])
        result = runner.invoke(cli.app, ["destroy", "local", "--json", "--yes"])
        told = json.loads(result.stdout)
        assert (result.exit_code, told["exitCode"], told["outcome"]) == (1, 1, "failed")
        assert told["billing"] == [
            {"what": "Provisioned Throughput", "name": "x", "cost": "by the hour", "command": "aws bedrock delete"}
        ]

    def test_lists_what_goes_before_it_asks(self, account: Account) -> None:
        result = runner.invoke(cli.app, ["destroy", "local"], input="n\n")
        assert result.output.index(f"stack {TRAINING} (CREATE_COMPLETE)") < result.output.index("Go on?")

    @pytest.mark.parametrize("command", [["destroy", "local"], ["destroy", "local", "--all"], ["purge", "local"]])
    def test_an_interrupt_at_the_question_is_one(
        self, account: Account, monkeypatch: pytest.MonkeyPatch, command: list[str]
    ) -> None:
        monkeypatch.setattr(Finder, "obstacles", lambda *_: [])
        monkeypatch.setattr(Finder, "kept", lambda _: Kept(models=(KeptModel("any", "arn"),)))
        for module in ("tune.commands.destroy", "tune.commands.purge"):
            monkeypatch.setattr(f"{module}.answer", raising(KeyboardInterrupt()))
        result = runner.invoke(cli.app, command)
        assert result.exit_code == 130
        assert says(result.output, "Interrupted", "Nothing")
        assert account.cloudformation.calls == []

    def test_needs_neither_data_nor_right_settings_nor_those_of_others(self, account: Account, tmp_path: Path) -> None:
        wrong = '[training]\nattemptt = 2\n[data]\ntrain = { path = "gone.jsonl" }\n'
        settings_folder(tmp_path, "local", f"{WHERE}alow = 1\n", {"docstrings": wrong})
        settings_folder(tmp_path, "other", "account = ", {"any": "training = "})
        result = runner.invoke(cli.app, ["destroy", "local", "--environments", str(tmp_path), "--yes"])
        assert result.exit_code == 0, result.output
        assert account.cloudformation.calls == [f"delete {TRAINING}"]

    def test_says_where_it_looked_when_no_stack_of_the_environment_stands_there(
        self, account: Account, tmp_path: Path
    ) -> None:
        account.cloudformation.statuses.clear()
        settings_folder(tmp_path, "local", WHERE.replace("us-west-2", "us-east-1"), {"docstrings": ""})
        result = runner.invoke(cli.app, ["destroy", "local", "--environments", str(tmp_path), "--yes"])
        assert result.exit_code == 0, result.output
        told = result.output.splitlines()
        assert says(told[0], SERVING, TRAINING, "000000000000", "us-east-1", "local/environment.toml")
        assert [says(line, "hour", "000000000000", "us-east-1") for line in told if "billed" in line] == [True]

    @pytest.mark.parametrize(
        ("options", "stacks"),
        [
            ([], [SERVING, EVALUATION, PROMOTION, TRAINING]),
            (["--serving-only"], [SERVING]),
            (["--all"], [SERVING, EVALUATION, PROMOTION, TRAINING, FOUNDATION]),
        ],
    )
    @pytest.mark.parametrize(
        "text",
        ['account = 000000000000\nregion = "us-west-2"\n', 'account = 1\nregion = "us-west-2"\n', "["],
        ids=["a value without quotes", "a wrong account", "no TOML"],
    )
    def test_a_file_that_does_not_tell_where_is_refused_with_what_helps_without_it(
        self, account: Account, tmp_path: Path, text: str, options: list[str], stacks: list[str]
    ) -> None:
        settings_folder(tmp_path, "local", text, {"docstrings": ""})
        result = runner.invoke(cli.app, ["destroy", "local", "--environments", str(tmp_path), "--yes", *options])
        assert result.exit_code == 2
        assert "local/environment.toml: " in result.output.splitlines()[0]
        commands = [line.split() for line in result.output.splitlines() if line.lstrip().startswith("aws ")]
        assert [words[4] for words in commands if words[2] == "delete-stack"] == stacks
        # Each is gone before the next one begins, and Foundation is protected until then.
        assert [words[2:5] for words in commands if words[2] == "wait"] == [
            ["wait", "stack-delete-complete", "--stack-name"] for _ in stacks
        ]
        assert any(words[2] == "update-termination-protection" for words in commands) == ("--all" in options)
        assert account.cloudformation.calls == []


def test_all_and_serving_only_exclude_each_other() -> None:
    assert runner.invoke(cli.app, ["destroy", "local", "--all", "--serving-only"]).exit_code == 2


def test_refuses_the_credentials_of_another_account() -> None:
    target = find(ROOT / "environments", "dev")
    with pytest.raises(WrongCredentials, match=saying("999999999999", "dev", "111122223333")):
        check_account(Account("999999999999", CloudFormation({})), target)
    check_account(Account("111122223333", CloudFormation({})), target)
