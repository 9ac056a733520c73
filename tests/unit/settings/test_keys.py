"""Keys of a settings file: those it needs, those it does not know, those that cannot be shown as they are."""

from pathlib import Path

import pytest

from settings import Environment, Model
from settings.app import App
from settings.messages import _tables
from settings.problems import SettingsTable
from tests.support.messages import says
from tests.unit.settings.settings_files import ABSENT, changed, problems, problems_of, write


@pytest.mark.parametrize(
    ("key", "example"),
    [
        ("account", 'account = "111122223333"'),
        ("region", 'region = "us-east-1"'),
        ("training", "[training]"),
        ("training.base_model", 'base_model = "amazon.nova-2-lite-v1:0:256k"'),
        ("data", "[data]"),
        ("data.train", 'train = { path = "train.jsonl" }'),
        ("serving.provisioned_throughput.model_units", "model_units = 1"),
    ],
)
def test_asks_for_what_is_missing_with_an_example(tmp_path: Path, key: str, example: str) -> None:
    found = problems(tmp_path, (key, ABSENT))
    assert found.keys() == {key}
    assert says(found[key], example)


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("reconcil", ["reconcile?"]),
        ("training.Attempt", ["attempt?"]),
        ("training.hours", ["remove"]),
        ("data.training", ["train, validation, test", "train?"]),
        ("serving.on_demnd", ["on_demand?"]),
        ("serving.provisioned_throughput.units", ["model_units?"]),
    ],
)
def test_refuses_unknown_keys_and_proposes_the_closest(tmp_path: Path, key: str, named: list[str]) -> None:
    found = problems(tmp_path, (key, 1))
    assert set(found) == {key}
    assert says(found[key], *named)


def test_quotes_keys_that_would_break_the_line(tmp_path: Path) -> None:
    assert set(problems(tmp_path, ("a\nb", 1))) == {r"'a\nb'"}


def test_refuses_unknown_keys_of_an_environment(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    environment = path.parent / "environment.toml"
    environment.write_text(f"acount = 1\n{environment.read_text()}")
    assert says(problems_of(path)["acount"], "account?")


@pytest.mark.parametrize(
    ("file", "key", "belongs"),
    [
        ("docstrings.toml", "account", "environment.toml"),
        ("environment.toml", "training", "a model's file"),
    ],
)
def test_says_which_file_a_key_belongs_in(tmp_path: Path, file: str, key: str, belongs: str) -> None:
    path = write(tmp_path, changed())
    wrong = path.parent / file
    wrong.write_text(f"{key} = 1\n{wrong.read_text()}")
    found = problems_of(path)
    assert set(found) == {key}
    assert says(found[key], belongs)


def written_out(table: type[SettingsTable]) -> set[type[SettingsTable]]:
    """Return the tables that stand in a file: those from which no other table is made."""
    return set().union(*map(written_out, table.__subclasses__())) or {table}


def test_knows_the_keys_of_every_table() -> None:
    known = {table for file in (App, Environment, Model) for _, table in _tables(file)}
    # Other files than those of environments are read in the same way; their keys are their own.
    assert known == {table for table in written_out(SettingsTable) if table.__module__.startswith("settings")}
