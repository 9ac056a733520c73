"""One of several model files is wrong: what is refused, what is told all the same, and what helps."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.environment import FOUNDATION, Account, Wanted
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.settings.settings_files import changed, settings_folder, write
from tests.unit.tune.planning import Aws
from tests.unit.tune.test_plan_orphans import tags
from tune import cli

PROD = "prod"
RIGHT = ("faq", "notes")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Environment prod: two right models, and one whose file is wrong."""
    for name in RIGHT:
        write(tmp_path, changed(("name", name)), environment=PROD)
    (tmp_path / PROD / "broken.toml").write_text("training = 1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path.parent)
    return tmp_path


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """The account, with a throughput that no stack holds, and the stacks of model faq."""
    account = Account(settings=quick(units=20))
    assert account.deploy(Wanted(rungs=1)) == "CREATE_COMPLETE"
    account.lifecycle.client.create_provisioned_model_throughput(
        provisionedModelName="lost",
        modelId=Wanted().training_name,
        modelUnits=1,
        tags=[{"key": key, "value": value} for key, value in tags("lost-Serving").items()],
    )
    aws = Aws(account)
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: aws)
    return aws


def run(command: str, folder: Path, *more: str) -> Any:
    return CliRunner().invoke(cli.app, [command, PROD, *more, "--environments", str(folder)])


@pytest.mark.parametrize("command", ["deploy", "plan", "preflight"])
def test_the_command_about_one_right_model_is_named(folder: Path, aws: Aws, command: str) -> None:
    result = run(command, folder)
    assert result.exit_code == 2
    line = result.stderr.splitlines()[-1]
    assert says(line, f"python -m tune {command} prod MODEL --environments {folder.name}", "faq, notes")
    assert "broken" not in line


def test_the_command_is_named_where_a_file_is_not_read(folder: Path, aws: Aws) -> None:
    (folder / PROD / "broken.toml").rename(folder / PROD / "broken.yaml")
    assert says(run("deploy", folder).stderr.splitlines()[-1], "prod MODEL", "faq, notes")


@pytest.mark.parametrize("named", [(), ("broken",)])
def test_no_command_is_named_where_none_helps(folder: Path, aws: Aws, named: tuple[str, ...]) -> None:
    if not named:
        (folder / PROD / "environment.toml").write_text('account = "1"\n', encoding="utf-8")
    result = run("deploy", folder, *named)
    assert result.exit_code == 2
    assert "python -m tune deploy" not in result.output


@pytest.mark.parametrize("named", [(), ("broken",)])
def test_what_bills_is_told_of_an_environment_that_is_not_planned(
    folder: Path, aws: Aws, named: tuple[str, ...]
) -> None:
    result = run("plan", folder, *named)
    assert result.exit_code == 2
    assert says(result.output, "broken.toml: training: ")
    assert says(result.stdout, "Foundation", *(named or (*RIGHT, "broken")))
    assert says(result.stdout, f"stack {FOUNDATION}")
    assert says(result.stdout, "Orphans: 1")
    assert "delete-provisioned-model-throughput --provisioned-model-id lost" in result.stdout
    assert aws.changes == []


def test_nothing_of_an_environment_that_is_not_planned_is_proposed_to_go(folder: Path, aws: Aws) -> None:
    assert "tune destroy" not in run("plan", folder).output


def test_what_is_not_planned_is_in_the_document(folder: Path, aws: Aws) -> None:
    result = run("plan", folder, "--json", "--fail-on-orphans")
    told = json.loads(result.stdout)
    assert result.exit_code == 2
    assert [its["name"] for its in told["orphans"]] == ["lost"]
    assert told["resources"] == []
    assert any(says(note, "Foundation", "broken") for note in told["notes"])


def test_what_bills_is_told_where_the_data_of_a_model_is_refused(folder: Path, aws: Aws) -> None:
    (folder / PROD / "broken.toml").unlink()
    result = run("plan", folder)
    assert result.exit_code == 2
    assert says(result.stdout, "prod/faq", "train.jsonl", "line 1")
    assert says(result.stdout, "Orphans: 1")
    assert "python -m tune plan" not in result.output


def test_an_environment_that_does_not_tell_where_it_is_is_not_looked_at(folder: Path, aws: Aws) -> None:
    settings_folder(folder, PROD, 'region = "us-west-2"\n')
    result = run("plan", folder)
    assert result.exit_code == 2
    assert says(result.output, "environment.toml: account: ")
    assert result.stdout == ""
