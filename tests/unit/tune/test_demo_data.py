"""Somebody's own file becomes the demo's data, or is refused before anything starts."""

import io
import json
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.support.messages import saying, says
from tests.unit.base_models.base_model_files import OWN_ID, write_base_model
from tests.unit.settings.settings_files import ABSENT, changed
from tests.unit.settings.settings_files import write as write_settings
from tests.unit.tune.dataset.data import SECRET, pair, write
from tune.cli import app
from tune.dataset.files import Unusable
from tune.dataset.reports.refused import DataRefused
from tune.demo.own_data import environment_with
from tune.demo.progress import Progress
from tune.terminal.environments import DeployTarget, find
from tune.terminal.folders import DEFAULT_FOLDER

LOCAL: Final = find(DEFAULT_FOLDER, "local")
# Enough that a tenth of them is enough for validation.
COUNT: Final = 400


@pytest.fixture
def story() -> Progress:
    return Progress(Console(file=io.StringIO(), width=200, force_terminal=False))


def told(story: Progress) -> str:
    assert isinstance(story.console.file, io.StringIO)
    return story.console.file.getvalue()


def message(number: int) -> dict[str, Any]:
    turns = [{"role": "user", "content": f"Question {number}?"}, {"role": "assistant", "content": f"Answer {number}."}]
    return {"messages": turns}


def pairs(count: int = COUNT) -> list[dict[str, Any]]:
    return [{"prompt": f"Question {number}?", "completion": f"Answer {number}."} for number in range(count)]


def files_of(target: DeployTarget) -> dict[str, list[dict[str, Any]]]:
    lines = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in target.folder.parent.glob("*.jsonl")}
    return {split: [json.loads(line) for line in found] for split, found in lines.items()}


def test_prompts_and_completions_are_converted_split_and_trained_on(tmp_path: Path, story: Progress) -> None:
    source = write(tmp_path / "pairs.jsonl", *pairs())
    with environment_with(source, LOCAL, story) as target:
        files = files_of(target)
        assert set(files) == {"train", "validation", "test"}
        assert sum(map(len, files.values())) == COUNT
        assert message(7) in [record for records in files.values() for record in records]
        (model,), (before,) = target.settings, LOCAL.settings
        assert model.data is not None
        assert model.training_id != before.training_id
        assert model.serving == before.serving
    assert not target.folder.exists()
    assert says(told(story), f"{COUNT} records", "messages")


def test_a_file_in_the_base_model_s_format_is_taken_as_it_is(tmp_path: Path, story: Progress) -> None:
    records = [message(number) for number in range(COUNT)]
    source = write(tmp_path / "messages.jsonl", *records)
    with environment_with(source, LOCAL, story) as target:
        found = [json.dumps(record) for records in files_of(target).values() for record in records]
    assert sorted(found) == sorted(map(json.dumps, records))
    assert source.exists()


def test_a_wrong_line_is_named_as_it_stands_in_the_file(tmp_path: Path, story: Progress) -> None:
    records = [message(number) for number in range(COUNT)]
    records[209]["messages"].reverse()
    source = write(tmp_path / "messages.jsonl", *records)
    with pytest.raises(DataRefused) as refused, environment_with(source, LOCAL, story):
        pass
    (file,) = refused.value.files
    assert file.path == source
    assert {finding.line for finding in file.report.findings} == {210}


def test_a_format_that_cannot_be_converted_is_refused(tmp_path: Path, story: Progress) -> None:
    blocks = {"schemaVersion": "bedrock-conversation-2024", "messages": []}
    source = write(tmp_path / "nova.jsonl", blocks)
    with pytest.raises(DataRefused) as refused, environment_with(source, LOCAL, story):
        pass
    ((file,),) = [refused.value.files]
    assert (file.path, [finding.rule for finding in file.report.findings]) == (source, ["other-shape"])


@pytest.fixture
def own(tmp_path: Path) -> DeployTarget:
    """An environment of a team with an app's name and a base model of their own, beside one that is wrong."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "app.toml").write_text('app = "acme"\n')
    write_base_model(folder)
    wanted = changed(("region", "eu-central-1"), ("training.base_model", OWN_ID), ("training.hyper_parameters", ABSENT))
    write_settings(folder, wanted, environment="ours")
    write_settings(folder, changed(), environment="wrong").write_text("training = ")
    return find(folder, "ours")


def test_an_environment_with_a_base_model_of_the_team_is_taken_with_all_that_it_follows_from(
    own: DeployTarget, tmp_path: Path, story: Progress
) -> None:
    source = write(tmp_path / "pairs.jsonl", *pairs(20))
    with environment_with(source, own, story) as target:
        (model,) = target.settings
        assert (model.profile.id, target.app) == (OWN_ID, "acme")


def test_of_little_data_a_model_without_hyper_parameters_is_trained(tmp_path: Path, story: Progress) -> None:
    (tmp_path / "theirs").mkdir()
    write_settings(tmp_path / "theirs", changed(("training.hyper_parameters", ABSENT)))
    source = write(tmp_path / "pairs.jsonl", *pairs(100))
    with environment_with(source, find(tmp_path / "theirs", "dev"), story) as target:
        (model,) = target.settings
        assert model.data is not None
        assert model.data.validation is None


def test_of_little_data_nothing_is_held_back_for_validation(tmp_path: Path, story: Progress) -> None:
    source = write(tmp_path / "pairs.jsonl", *pairs(100))
    with environment_with(source, LOCAL, story) as target:
        files = files_of(target)
        (model,) = target.settings
        assert model.data is not None
        assert model.data.validation is None
    assert set(files) == {"train", "test"}
    assert sum(map(len, files.values())) == 100


def test_too_few_records_are_refused_in_words(tmp_path: Path, story: Progress) -> None:
    source = write(tmp_path / "pairs.jsonl", *pairs(20))
    takes = saying("pairs.jsonl", "train", "records", "Claude 3 Haiku", "32 to 10,000")
    with pytest.raises(Unusable, match=takes), environment_with(source, LOCAL, story):
        pass


def test_the_command_starts_nothing_with_bad_data_and_shows_none_of_it(tmp_path: Path) -> None:
    source = write(tmp_path / "pairs.jsonl", pair(), {"prompt": SECRET})
    result = CliRunner().invoke(app, ["demo", "--data", str(source)])
    assert result.exit_code == 1
    assert "line 2" in result.output
    assert "local AWS " not in result.output
    assert SECRET not in result.output


def test_the_command_says_that_a_file_is_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--data", str(tmp_path / "nothing.jsonl")])
    assert result.exit_code == 2
    assert "nothing.jsonl" in result.output
