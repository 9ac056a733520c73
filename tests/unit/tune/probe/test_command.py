"""`tune probe` from the command line: what it prints, writes, and ends with; and the file that it writes, played."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from typer.testing import CliRunner

from sandbox.assumptions.answers import read_answers
from sandbox.assumptions.register import register
from sandbox.bedrock import ApiFault
from sandbox.options import Options
from tests.support.bedrock_client import ACCOUNT
from tests.support.messages import says
from tests.unit.simulated_bedrock.scenario import Account
from tests.unit.tune.probe.asked_account import MODEL, SERVING, Asked, asked, furnished
from tune import cli
from tune.account.aws import Aws
from tune.account.location import Location
from tune.demo import sandbox_session
from tune.probe.probing import not_asked
from tune.terminal.marks import UNLOOKED

runner = CliRunner()
OTHERWISE = {"unknown-model": "ValidationException", "base-model-arn": "left-out", "authorization": "not-authorized"}


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command on an account."""

    def run(account: Account | Aws, *arguments: str) -> Any:
        aws, region = (Asked(account), account.region) if isinstance(account, Account) else (account, "us-east-1")
        monkeypatch.setattr("tune.account.ambient.ambient", lambda: (aws, Location(ACCOUNT, region)))
        monkeypatch.setattr("tune.account.clients.clients", lambda *_: aws)
        return runner.invoke(cli.app, ["probe", *arguments])

    return run


def test_an_account_that_does_as_the_register_says(ask: Any) -> None:
    run = ask(furnished())
    assert run.exit_code == 0
    lines = run.stdout.splitlines()
    assert says(lines[0], "us-east-1", "11 of 12", "0")
    assert "  ✓ unknown-job: ResourceNotFoundException" in lines
    assert [line.split()[1] for line in lines if "✗" in line] == []


def test_an_account_that_does_otherwise_is_told_with_what_it_means_and_ends_with_1(ask: Any) -> None:
    run = ask(furnished(OTHERWISE))
    assert run.exit_code == 1
    lines = run.stdout.splitlines()
    assert {line.split()[1].rstrip(":") for line in lines if "✗" in line} == OTHERWISE.keys()
    assert any(register()["base-model-arn"].otherwise in line for line in lines)


def test_what_costs_something_is_printed_and_not_asked(ask: Any) -> None:
    out = ask(furnished()).stdout
    for entry in not_asked():
        assert f"  {entry.id} (" in out
        assert all(command in out for command in entry.commands)


def test_the_document_has_every_entry_once(ask: Any) -> None:
    run = ask(furnished(OTHERWISE), "--json")
    told = json.loads(run.stdout)
    assert run.exit_code == 1
    assert sorted(each["id"] for each in (*told["questions"], *told["notAsked"])) == sorted(register())
    assert {each["id"]: each["answer"] for each in told["questions"] if each["differs"]} == OTHERWISE
    assert told["differing"] == len(OTHERWISE)


def test_the_file_of_one_account_makes_another_behave_like_it(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    theirs = furnished(OTHERWISE)
    ask(theirs, "--answers", str(file))
    answers = read_answers(file)
    assert answers.differing() == OTHERWISE

    played = furnished(answers.given)

    assert asked(played).answers == asked(theirs).answers
    with pytest.raises(ClientError, match="ValidationException"):
        played.bedrock.get_custom_model(modelIdentifier="nobody")
    assert "baseModelArn" not in played.bedrock.get_custom_model(modelIdentifier=f"{MODEL}-model")


def test_the_file_has_nothing_of_the_account_but_how_it_is_answered(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    run = ask(furnished(OTHERWISE), "--answers", str(file))
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written.keys() == {"version", "region", "asked", "answers"}
    for text in (file.read_text(encoding="utf-8"), run.stdout.partition("Not asked")[0]):
        assert not [each for each in (ACCOUNT, "arn:aws", MODEL, SERVING, "canary") if each in text]


def test_an_earlier_file_of_answers_is_renewed_and_another_file_is_left_alone(ask: Any, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    account = furnished()
    assert ask(account, "--answers", str(file)).exit_code == 0
    assert ask(furnished(OTHERWISE), "--answers", str(file)).exit_code == 1
    assert read_answers(file).differing() == OTHERWISE
    other = tmp_path / "dev.toml"
    other.write_text("name = 1", encoding="utf-8")
    aws = Asked(account)
    run = ask(aws, "--answers", str(other))
    assert run.exit_code == 2
    assert says(run.stderr, str(other))
    assert other.read_text(encoding="utf-8") == "name = 1"
    assert aws.calls == []


def test_a_folder_that_is_not_there_is_told_before_anything_is_asked(ask: Any, tmp_path: Path) -> None:
    aws = Asked(Account())
    run = ask(aws, "--answers", str(tmp_path / "none" / "answers.json"))
    assert run.exit_code == 2
    assert aws.calls == []


def test_one_action_that_is_denied_leaves_its_question_unanswered(ask: Any) -> None:
    account = furnished()
    account.simulated.faults.add(ApiFault("GetFoundationModelAvailability", "AccessDeniedException", times=0))
    run = ask(account)
    assert run.exit_code == 0
    (line,) = (line for line in run.stdout.splitlines() if line.startswith(f"  {UNLOOKED} authorization"))
    assert says(line, "not answered", "bedrock:GetFoundationModelAvailability", "denied")


class Silent:
    """Services that answer everything with one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __call__(self, _service: str) -> "Silent":
        return self

    def __getattr__(self, _method: str) -> Any:
        def raise_it(**_: Any) -> None:
            raise self._error

        return raise_it


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": "User: arn:aws:iam::1:user/eve"}}, "Any"),
        ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "User: arn:aws:iam::1:user/eve"}}, "Any"),
        ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "Any"),
        EndpointConnectionError(endpoint_url="https://bedrock.eu-west-9.amazonaws.com/"),
    ],
    ids=["denied", "denied by EC2", "throttled", "out of reach"],
)
def test_an_account_that_answers_nothing_ends_with_2_in_words_and_writes_nothing(
    ask: Any, tmp_path: Path, error: Exception
) -> None:
    file = tmp_path / "answers.json"
    run = ask(Silent(error), "--answers", str(file))
    assert run.exit_code == 2
    assert run.stdout.count("not answered") == run.stdout.count(f"  {UNLOOKED} ")
    assert "arn:aws:iam" not in run.output
    assert "Traceback" not in run.output
    assert not file.exists()


def test_a_service_out_of_reach_is_tried_once(ask: Any) -> None:
    tried: list[str] = []

    class Lost(Silent):
        def __call__(self, service: str) -> "Lost":
            tried.append(service)
            return self

    ask(Lost(EndpointConnectionError(endpoint_url="https://any.amazonaws.com/")))
    assert tried == ["bedrock", "ec2"]


def test_credentials_that_have_ended_end_it_at_once(ask: Any) -> None:
    run = ask(Silent(ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "Any")))
    assert run.exit_code == 2
    assert says(run.stderr, "credentials", "sign in")
    assert run.stdout == ""


def test_an_environment_is_asked_in_its_own_region(ask: Any) -> None:
    run = ask(Asked(Account()), "local")
    assert says(run.stdout.splitlines()[0], "us-west-2")


def test_the_sandbox_is_started_with_the_answers_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"version": 1, "answers": OTHERWISE}), encoding="utf-8")
    started: list[Options] = []

    def start(options: Options) -> None:
        started.append(options)
        raise RuntimeError("enough")

    monkeypatch.setattr(sandbox_session, "running", start)
    assert runner.invoke(cli.app, ["sandbox", "--answers", str(file)]).exit_code == 1
    assert [options.for_emulator()["answers"] for options in started] == [OTHERWISE]


def test_the_sandbox_takes_no_file_that_is_no_file_of_answers(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    for text, why in (
        ("{", "JSON"),
        ('{"version": 1, "answers": {"unknown-jobs": "told"}}', "unknown-job"),
        ('{"version": 1, "answers": {"unknown-job": "Teapot"}}', "ValidationException"),
        ('{"version": 1, "answers": {"unknown-job": 3}}', "text"),
        ('{"version": 0, "answers": {}}', "version"),
    ):
        file.write_text(text, encoding="utf-8")
        run = runner.invoke(cli.app, ["sandbox", "--answers", str(file)])
        assert run.exit_code == 2
        assert says(run.stderr, str(file), why)
