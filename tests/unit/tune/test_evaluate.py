"""`tune evaluate`: the Evaluation stack alone, what it ends with, and what it shows."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.evaluation.stored.summary import Summary, TargetAnswers
from settings import load_environment
from tests.support.messages import says
from tests.unit.settings.evaluation_files import written
from tests.unit.settings.settings_files import DOCUMENT, write
from tests.unit.tune.aws_stand_in import CloudFormation
from tests.unit.tune.test_cli import Account
from tests.unit.tune.test_deploy import refusal
from tune import cli
from tune.evaluation.facts import EvaluationFacts

ID: Final = "56af50fa73e1"
FOUND: Final = EvaluationFacts(
    id=ID,
    training="docstrings-dev-0123456789ab-1",
    state="complete",
    max_tokens=3_000_000,
    gate=GateVerdict(evaluation=ID, verdict="passed", told="1 of 1 requirements passed"),
)

UNANSWERED: Final = Summary(
    evaluation=ID,
    is_complete=True,
    made="2026-11-30T06:00:00+00:00",
    test_sha256="a" * 64,
    records=100,
    of=100,
    targets=(
        TargetAnswers(
            name="tuned",
            model=FOUND.training,
            answered=90,
            unanswered=10,
            input_tokens=1,
            output_tokens=1,
            errors={"ThrottlingException": 10},
        ),
    ),
    scores={},
)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands of the CDK CLI in an account that deploys whatever it is asked."""
    asked: list[list[str]] = []
    account = Account("111122223333", CloudFormation({}))
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: account)
    monkeypatch.setattr("tune.evaluation.observe.EvaluationObserver.look", lambda *_: iter([FOUND]))

    def run(_self: Any, arguments: list[str], _tick: Any = None) -> int:
        asked.append(arguments)
        return 0

    monkeypatch.setattr("tune.deployment.cdk_cli.CdkCli.run", run)
    return asked


def settings(folder: Path) -> None:
    (folder / "dev").mkdir()
    written(folder)


def evaluate(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(cli.app, ["evaluate", "dev", "docstrings", "--environments", str(folder), *options])


def failing(monkeypatch: pytest.MonkeyPatch, *reasons: str) -> None:
    monkeypatch.setattr("tune.deployment.cdk_cli.CdkCli.run", lambda *_: 1)
    monkeypatch.setattr("tune.account.stack_states.failures_since", lambda *_: list(reasons))


def test_it_deploys_foundation_and_the_evaluation_alone_and_shows_what_was_found(
    commands: list[list[str]], tmp_path: Path
) -> None:
    settings(tmp_path)
    result = evaluate(tmp_path, "--", "--require-approval", "never")
    assert result.exit_code == 0
    ((_deploy, *ids),) = commands
    assert ids[:3] == ["dev/Foundation", "dev/docstrings-Evaluation", "--exclusively"]
    assert ids[-2:] == ["--require-approval", "never"]
    assert says(result.output, ID, "complete", "gate passed")


def test_json_is_one_document(commands: list[list[str]], tmp_path: Path) -> None:
    settings(tmp_path)
    told = json.loads(evaluate(tmp_path, "--json").stdout)
    assert (told["environment"], told["model"]) == ("dev", "docstrings")
    assert (told["evaluation"]["id"], told["evaluation"]["gate"]["verdict"]) == (ID, "passed")
    assert len(commands) == 1


@pytest.mark.usefixtures("commands")
def test_a_refusal_of_the_gate_ends_with_4_and_its_numbers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings(tmp_path)
    failing(monkeypatch, refusal("failed"))
    result = evaluate(tmp_path)
    assert result.exit_code == 4


@pytest.mark.usefixtures("commands")
def test_a_failure_ends_with_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings(tmp_path)
    failing(monkeypatch, "no such role")
    assert evaluate(tmp_path).exit_code == 1


@pytest.mark.usefixtures("commands")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_run_without_enough_answers_is_told_with_their_number_by_kind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...]
) -> None:
    settings(tmp_path)
    failing(monkeypatch, "evaluation any failed: 10 of 100 records have no answer")
    asked: list[str] = []

    def failed(_self: Any, evaluation: str) -> EvaluationFacts:
        asked.append(evaluation)
        return replace(FOUND, state="failed", gate=None, numbers=UNANSWERED, numbers_at="s3://any/failed.json")

    monkeypatch.setattr("tune.evaluation.observe.EvaluationObserver.failed", failed)
    result = evaluate(tmp_path, *options)
    assert result.exit_code == 1
    (model,) = load_environment(tmp_path, "dev").models
    assert model.evaluation_inputs is not None
    assert asked == [model.evaluation_inputs.id]
    assert all(each in result.stdout for each in ("ThrottlingException", "s3://any/failed.json"))


@pytest.mark.usefixtures("commands")
def test_an_evaluation_that_goes_on_ends_with_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings(tmp_path)
    failing(monkeypatch, f"evaluation run {ID}-1 is still under way and continues in the background; to resume")
    assert evaluate(tmp_path).exit_code == 3


def test_a_model_without_an_evaluation_is_refused_with_what_to_add(commands: list[list[str]], tmp_path: Path) -> None:
    write(tmp_path, DOCUMENT)
    result = evaluate(tmp_path)
    assert result.exit_code == 2
    assert says(result.output, "dev/docstrings.toml", "[evaluation]")
    assert commands == []
