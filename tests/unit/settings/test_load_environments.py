"""A folder of settings files, and files that are not even TOML."""

from pathlib import Path

import pytest

from settings import SettingsError, load_environments, load_one_environment
from tests.support.messages import says
from tests.unit.settings.settings_files import changed, problems_of, write

ROOT = Path(__file__).parents[3]


def refused(folder: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_environments(folder)
    return str(caught.value).splitlines()


def test_returns_the_environments_sorted_by_name(tmp_path: Path) -> None:
    for name in ("prod", "dev", "local", "a-b", "ab"):
        write(tmp_path, changed(), environment=name)
    (tmp_path / "notes.md").write_text("not a settings file")
    names = [environment.environment for environment in load_environments(tmp_path)]
    assert names == ["a-b", "ab", "dev", "local", "prod"]


def test_loads_the_environments_of_this_project() -> None:
    environments = {environment.environment: environment for environment in load_environments(ROOT / "environments")}
    assert set(environments) >= {"dev", "local"}
    assert environments["local"].account == "0" * 12
    assert {e.profile.data.format for e in environments.values()} >= {"messages", "converse"}


@pytest.mark.parametrize("name", [".", "missing"])
def test_asks_for_a_file_when_there_is_none(tmp_path: Path, name: str) -> None:
    (line,) = refused(tmp_path / name)
    assert line.startswith(f"{tmp_path / name}: folder: ")
    assert says(line, "add")


def test_reports_the_problems_of_all_files(tmp_path: Path) -> None:
    write(tmp_path, changed())
    write(tmp_path, changed(("name", "-"), ("account", "1")), environment="one")
    write(tmp_path, changed(("region", "mars")), environment="two")
    assert [line.partition("'")[0] for line in refused(tmp_path)] == [
        f"{tmp_path / 'one.toml'}: name: ",
        f"{tmp_path / 'one.toml'}: account: ",
        f"{tmp_path / 'two.toml'}: region: ",
    ]


def test_refuses_files_whose_names_bedrock_could_not_tell_apart(tmp_path: Path) -> None:
    write(tmp_path, changed(("name", "a")), environment="b-c")
    write(tmp_path, changed(("name", "a-b")), environment="c")
    (line,) = refused(tmp_path)
    assert line.startswith(f"{tmp_path / 'c.toml'}: name: ")
    assert says(line, "a-b-c-", "b-c.toml")
    write(tmp_path, changed(("name", "a-b"), ("account", "999999999999")), environment="c")
    assert len(load_environments(tmp_path)) == 2


def test_one_environment_is_stopped_by_nothing_that_is_wrong_with_another(tmp_path: Path) -> None:
    write(tmp_path, changed())
    write(tmp_path, changed(("training.attemptt", 2), ("account", "1")), environment="typo")
    write(tmp_path, changed(("data.train.path", "gone.jsonl")), environment="no-data")
    (tmp_path / "broken.toml").write_text("name = ")
    assert load_one_environment(tmp_path, "dev").environment == "dev"
    assert len(refused(tmp_path)) > 2
    with pytest.raises(SettingsError, match=r"typo\.toml: account: "):
        load_one_environment(tmp_path, "typo")


@pytest.mark.parametrize(("one", "other"), [("b-c", "c"), ("c", "b-c")])
def test_one_environment_is_refused_a_name_that_another_makes_too(tmp_path: Path, one: str, other: str) -> None:
    names = {"b-c": "a", "c": "a-b"}
    write(tmp_path, changed(("name", names[one])), environment=one)
    write(tmp_path, changed(("name", names[other]), ("training.attempt", 0)), environment=other)
    with pytest.raises(SettingsError, match="makes names in Bedrock that start with a-b-c-"):
        load_one_environment(tmp_path, one)


@pytest.mark.parametrize(
    ("content", "place", "named"),
    [
        (b'name = "a"\nname = "b"\n', "line 2, column 11", ["TOML", "Cannot overwrite a value"]),
        (b"name\n", "line 1, column 5", ["TOML"]),
        (b'name = "a"\naccount = 000000000000\n', "line 2, column 12", ["TOML", 'account = "']),
        (b"[x]\n  region=us-east-1 # here\n", "line 2, column 10", ["TOML", 'region = "']),
        (b'name = "a"\ntags = [\n1,\n', "line 3", ["TOML"]),
        (b"\n\nname = 'caf\xe9'\n", "line 3", ["UTF-8", "save"]),
        (b"\xff\xfen\x00", "line 1", ["UTF-8"]),
        (b"x = " + b"[" * 100_000, "file", ["large"]),
        (b"x = " + b"9" * 5_000, "file", ["large"]),
    ],
)
def test_names_the_line_of_what_is_not_toml(tmp_path: Path, content: bytes, place: str, named: list[str]) -> None:
    path = tmp_path / "dev.toml"
    path.write_bytes(content)
    found = problems_of(path)
    assert set(found) == {place}
    assert says(found[place], *named)


def test_refuses_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "dev.toml").mkdir()
    assert says(problems_of(tmp_path / "dev.toml")["file"], "Is a directory")


def test_takes_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(load_environments(tmp_path)) == 1


def test_refuses_numbers_that_no_field_can_take(tmp_path: Path) -> None:
    path = write(tmp_path, changed(("training.attempt", ABSURD)))
    path.write_text(path.read_text().replace(f'"{ABSURD}"', ABSURD))
    assert says(problems_of(path)["training.attempt"], "whole", "1 to 99")


ABSURD = "1e99999999999999999999"
