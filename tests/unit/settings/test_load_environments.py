"""A folder of environments and models, and files that are not even TOML."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from settings import SettingsError, load_environment, load_environments, load_model
from tests.support.messages import says
from tests.support.profiles import fine_tuning
from tests.unit.settings.settings_files import ABSENT, HAIKU, changed, load_file, problems_of, refused, write

ROOT = Path(__file__).parents[3]


def test_returns_environments_and_models_sorted_by_name(tmp_path: Path) -> None:
    for name in ("prod", "dev", "local", "a-b", "ab"):
        write(tmp_path, changed(), environment=name)
    write(tmp_path, changed(("name", "a")), environment="dev")
    (tmp_path / "notes.md").write_text("not a settings file")
    (tmp_path / ".hidden").mkdir()
    found = {each.environment.name: [model.name for model in each.models] for each in load_environments(tmp_path)}
    assert found == {name: ["docstrings"] for name in ("a-b", "ab", "local", "prod")} | {"dev": ["a", "docstrings"]}
    assert list(found) == ["a-b", "ab", "dev", "local", "prod"]


def test_an_environment_may_have_no_model_yet(tmp_path: Path) -> None:
    write(tmp_path, changed()).unlink()
    (only,) = load_environments(tmp_path)
    assert (only.environment.name, only.models) == ("dev", ())


def test_loads_the_environments_of_this_project() -> None:
    environments = {each.environment.name: each for each in load_environments(ROOT / "environments")}
    assert set(environments) >= {"dev", "local"}
    assert environments["local"].environment.account == "0" * 12
    models = [model for each in environments.values() for model in each.models]
    assert {fine_tuning(model.profile).data.format for model in models} >= {"messages", "converse"}


@pytest.mark.parametrize("name", [".", "missing"])
def test_asks_for_an_environment_when_there_is_none(tmp_path: Path, name: str) -> None:
    (line,) = refused(tmp_path / name)
    assert line.startswith(f"{tmp_path / name}: folder: ")
    assert says(line, "add", "environment.toml")


def test_reports_the_problems_of_all_files(tmp_path: Path) -> None:
    write(tmp_path, changed())
    write(tmp_path, changed(("name", "x-"), ("account", "1")), environment="one")
    write(tmp_path, changed(("region", "mars")), environment="two")
    assert [line.split(": ")[:2] for line in refused(tmp_path)] == [
        [f"{tmp_path / 'one' / 'environment.toml'}", "account"],
        [f"{tmp_path / 'one' / 'x-.toml'}", "file name"],
        [f"{tmp_path / 'two' / 'docstrings.toml'}", "training.base_model"],
    ]


def test_refuses_files_that_nobody_would_miss(tmp_path: Path) -> None:
    write(tmp_path, changed())
    (tmp_path / "prod.toml").write_text("")
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging" / "faq.toml").write_text("")
    old, without = refused(tmp_path)
    assert says(old, f"{tmp_path / 'prod.toml'}: file: ", tmp_path / "<environment>" / "prod.toml")
    assert says(without, f"{tmp_path / 'staging' / 'environment.toml'}: file: ", "add it")


UNREAD = [
    ("dev/sub/faq.toml", "dev/faq.toml"),
    ("team/prod/environment.toml", "team/environment.toml"),
    ("base_models/own/one.toml", "base_models/one.toml"),
    ("dev/faq.TOML", "dev/faq.toml"),
    ("base_models/one.Toml", "base_models/one.toml"),
    ("dev/faq.yaml", "dev/faq.toml"),
    ("dev/faq.YML", "dev/faq.toml"),
    ("dev/faq.json", "dev/faq.toml"),
    ("prod.yaml", "<environment>/prod.toml"),
    ("prod.TOML", "<environment>/prod.toml"),
    ("prod.json", "<environment>/prod.toml"),
    ("app.yml", "app.toml"),
]


@pytest.mark.parametrize(("name", "instead"), UNREAD)
def test_refuses_what_looks_like_settings_where_it_is_not_read(tmp_path: Path, name: str, instead: str) -> None:
    write(tmp_path, changed())
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"training": {}}')
    (line,) = refused(tmp_path)
    assert says(line, f"{path}: file: ", tmp_path / instead)
    with pytest.raises(SettingsError) if name.startswith("dev/") else nullcontext():
        load_environment(tmp_path, "dev")
    assert load_model(tmp_path, "dev", "docstrings").name == "docstrings"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("dev/notes.md", "training = 1"),
        ("dev/data/records.yaml", "training: 1"),
        ("dev/train.json", '{"messages": []}\n{"training": []}\n'),
        ("dev/raw.json", '[{"training": 1}]'),
        ("dev/faq.toml.off", "training = 1"),
        ("dev/.cache/x.toml", "training = 1"),
        (".git/x.toml", "training = 1"),
    ],
)
def test_takes_what_is_no_settings_file_for_no_mistake(tmp_path: Path, name: str, text: str) -> None:
    write(tmp_path, changed())
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert len(load_environments(tmp_path)) == 1


def test_an_app_has_a_name_in_one_line(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    assert load_file(path).environment.app == "bedrock-tuning"
    (tmp_path / "app.toml").write_text('app = "acme-search"\n')
    assert load_file(path).environment.app == "acme-search"
    (tmp_path / "app.toml").write_text('app = "acme search"\n')
    (line,) = refused(tmp_path)
    assert says(line, f"{tmp_path / 'app.toml'}: app: ", "'acme search'", "1 to 40")


SHARED = [
    (("b-c", "a"), ("c", "a-b"), "a-b-c-"),  # in Bedrock, whose names begin with the model's
    (("a", "b-c"), ("a-b", "c"), "a-b-c-"),  # in CloudFormation, whose stacks' names begin with the environment's
    (("a", "faq"), ("a", "FAQ"), "a-faq-"),  # where capitals count for nothing, as in some file systems
]


@pytest.mark.parametrize(("one", "other", "named"), SHARED)
def test_refuses_models_whose_names_could_not_be_told_apart(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], named: str
) -> None:
    for environment, model in (one, other):
        write(tmp_path, changed(("name", model)), environment=environment)
    assert any(says(line, "file name", named) for line in refused(tmp_path))
    if one[0] != other[0]:
        write(tmp_path, changed(("name", other[1]), ("account", "999999999999")), environment=other[0])
        assert len(load_environments(tmp_path)) == 2


@pytest.mark.parametrize(("one", "other"), [(("dev", "docs"), ("dev", "Docs")), *(pair[:2] for pair in SHARED)])
def test_two_names_that_could_not_be_told_apart_are_told_once(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str]
) -> None:
    for environment, model in (one, other):
        write(tmp_path, changed(("name", model)), environment=environment)
    assert len(refused(tmp_path)) == 1


def test_of_three_names_that_could_not_be_told_apart_each_other_one_is_told(tmp_path: Path) -> None:
    for model in ("docs", "Docs", "DOCS"):
        write(tmp_path, changed(("name", model)))
    assert [line.partition(": ")[0] for line in refused(tmp_path)] == [
        str(tmp_path / "dev" / f"{model}.toml") for model in ("Docs", "docs")
    ]


@pytest.mark.parametrize("text", ["account = ", "allow = true", "allow = { buy = true }"])
def test_a_wrong_environment_makes_nothing_of_its_models_wrong(tmp_path: Path, text: str) -> None:
    arn = f"arn:aws:bedrock:us-west-2:111122223333:custom-model/{HAIKU}/abcdefghijkl"
    write(tmp_path, changed())
    given = changed(("name", "given"), ("training", ABSENT), ("data", ABSENT), ("serving.model_arn", arn))
    write(tmp_path, changed(("notifications.topic_arn", "arn:aws:sns:eu-west-1:111122223333:t"), document=given))
    (tmp_path / "dev" / "environment.toml").write_text(text)
    assert {line.partition(": ")[0] for line in refused(tmp_path)} == {str(tmp_path / "dev" / "environment.toml")}


def test_what_is_wrong_with_a_table_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, changed(("allow", True)))
    (line,) = refused(tmp_path)
    assert says(line, "environment.toml: allow:", "true", "[allow]")


@pytest.mark.parametrize("asked", ["b", "a-b"])
def test_refuses_environments_whose_prefixes_make_one_stack_of_both(tmp_path: Path, asked: str) -> None:
    write(tmp_path, changed(("name", "one")), environment="a-b")
    write(tmp_path, changed(("name", "two"), ("stack_prefix", "bedrock-tuning-a-")), environment="b")
    (line,) = refused(tmp_path)
    assert says(line, "stack_prefix", "bedrock-tuning-a-b-Foundation", "environment.toml")
    with pytest.raises(SettingsError, match=rf"{asked}/environment\.toml: stack_prefix: "):
        load_environment(tmp_path, asked)
    write(tmp_path, changed(("name", "two"), ("stack_prefix", "bedrock-tuning-a")), environment="b")
    assert len(load_environments(tmp_path)) == 2


@pytest.mark.parametrize(("one", "other", "named"), SHARED)
@pytest.mark.parametrize("turned", [False, True])
def test_one_model_is_refused_a_name_that_another_makes_too(
    tmp_path: Path, one: tuple[str, str], other: tuple[str, str], named: str, turned: bool
) -> None:
    mine, theirs = (other, one) if turned else (one, other)
    write(tmp_path, changed(("name", mine[1])), environment=mine[0])
    write(tmp_path, changed(("name", theirs[1]), ("training.attempt", 0)), environment=theirs[0])
    with pytest.raises(SettingsError, match=f"{mine[1]}.toml: file name: makes names that start with {named}"):
        load_model(tmp_path, *mine)
    with pytest.raises(SettingsError, match=named):
        load_environment(tmp_path, mine[0])


def test_one_environment_is_stopped_by_nothing_that_is_wrong_with_another(tmp_path: Path) -> None:
    write(tmp_path, changed())
    write(tmp_path, changed(("training.attemptt", 2), ("account", "1")), environment="typo")
    write(tmp_path, changed(("data.train.path", "gone.jsonl")), environment="no-data")
    write(tmp_path, changed(), environment="broken").write_text("name = ")
    assert load_environment(tmp_path, "dev").environment.name == "dev"
    assert len(refused(tmp_path)) > 2
    with pytest.raises(SettingsError, match=r"typo/environment\.toml: account: "):
        load_environment(tmp_path, "typo")


def test_one_model_is_stopped_by_nothing_that_is_wrong_with_another(tmp_path: Path) -> None:
    write(tmp_path, changed())
    write(tmp_path, changed(("name", "wrong"), ("training.attempt", 0)))
    assert load_model(tmp_path, "dev", "docstrings").name == "docstrings"
    for load in (lambda: load_environment(tmp_path, "dev"), lambda: load_model(tmp_path, "dev", "wrong")):
        with pytest.raises(SettingsError, match=r"wrong\.toml: training\.attempt: "):
            load()


def test_a_model_in_a_wrong_environment_is_refused_for_both(tmp_path: Path) -> None:
    path = write(tmp_path, changed(("account", ABSENT), ("training.attempt", 0)))
    assert set(problems_of(path)) == {"account", "training.attempt"}


@pytest.mark.parametrize("key", ["CostCentre", "other"])
def test_a_models_tags_take_the_place_of_its_environments(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, changed())
    environment = path.parent / "environment.toml"
    environment.write_text(environment.read_text() + f'tags = {{ {key} = "theirs", owner = "platform" }}\n')
    expected = {"CostCentre": "1234", "owner": "platform", **({"other": "theirs"} if key == "other" else {})}
    assert load_file(path).all_tags == expected


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
    path = write(tmp_path, changed())
    path.write_bytes(content)
    found = problems_of(path)
    assert set(found) == {place}
    assert says(found[place], *named)


def test_refuses_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    path.unlink()
    path.mkdir()
    assert says(problems_of(path)["file"], "Is a directory")


def test_takes_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, changed())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(load_environments(tmp_path)) == 1


def test_refuses_numbers_that_no_field_can_take(tmp_path: Path) -> None:
    path = write(tmp_path, changed(("training.attempt", ABSURD)))
    path.write_text(path.read_text().replace(f'"{ABSURD}"', ABSURD))
    assert says(problems_of(path)["training.attempt"], "whole", "1 to 99")


ABSURD = "1e99999999999999999999"
