"""The environment and the models that a command names: what is read of their files, and what is not."""

import re
from pathlib import Path

import pytest

from settings import SettingsError
from tests.support.messages import saying
from tests.unit.settings.settings_files import changed, settings_folder, write
from tune.terminal.environments import UnknownEnvironment, find, find_ref

WHERE = 'account = "111122223333"\nregion = "us-west-2"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Environment dev with models a and a-b."""
    for name in ("a", "a-b"):
        write(tmp_path, changed(("name", name)))
    return tmp_path


def model_file(folder: Path, name: str) -> Path:
    return folder / "dev" / f"{name}.toml"


def test_an_environment_is_about_all_of_its_models_and_a_model_about_itself(folder: Path) -> None:
    assert [(its.models, its.named) for its in (find(folder, "dev"), find_ref(folder, "dev"))] == [
        (("a", "a-b"), None)
    ] * 2
    assert [(its.models, its.named) for its in (find(folder, "dev", "a"), find_ref(folder, "dev", "a"))] == [
        (("a",), "a")
    ] * 2
    assert [its.name for its in find(folder, "dev", "a-b").settings] == ["a-b"]


@pytest.mark.parametrize("model", [None, "a"])
def test_an_unknown_environment_is_told_with_those_there_are(folder: Path, model: str | None) -> None:
    for look in (find, find_ref):
        with pytest.raises(UnknownEnvironment, match=saying("'prod'", "dev")):
            look(folder, "prod", model)


@pytest.mark.parametrize("model", ["b", "a-", "environment", "../dev/a"])
def test_an_unknown_model_is_told_with_those_there_are(folder: Path, model: str) -> None:
    with pytest.raises(UnknownEnvironment, match=saying(repr(model), "dev", "a, a-b")):
        find(folder, "dev", model)


def test_a_model_without_a_file_may_have_stacks_all_the_same(folder: Path) -> None:
    gone = find_ref(folder, "dev", "gone")
    assert gone.stacks("Training", "Serving") == ["bedrock-tuning-dev-gone-Training", "bedrock-tuning-dev-gone-Serving"]


def test_a_wrong_file_beside_the_one_that_is_named_is_no_matter_of_it(folder: Path) -> None:
    model_file(folder, "a").write_text("training = ", encoding="utf-8")
    settings_folder(folder, "prod", "account = ", {"c": "serving = "})
    assert find(folder, "dev", "a-b").models == ("a-b",)
    for model in (None, "a"):
        with pytest.raises(SettingsError) as refused:
            find(folder, "dev", model)
        assert {problem.file for problem in refused.value.problems} == {str(model_file(folder, "a"))}


def test_where_an_environment_is_holds_while_the_rest_is_wrong(folder: Path) -> None:
    settings_folder(folder, "dev", f'{WHERE}stack_prefix = "mine-"\nalow = 1\n', {"a": "training = "})
    assert find_ref(folder, "dev").stacks("Foundation", "Serving") == [
        "mine-dev-Foundation",
        "mine-dev-a-Serving",
        "mine-dev-a-b-Serving",
    ]
    settings_folder(folder, "dev", WHERE.replace('"111122223333"', "1"))
    for model in (None, "a", "gone"):
        with pytest.raises(SettingsError, match=saying("environment.toml", "account", 1)):
            find_ref(folder, "dev", model)


def test_whose_the_stacks_are_is_read_of_the_folder(folder: Path) -> None:
    assert {its.app for its in (find(folder, "dev"), find_ref(folder, "dev", "gone"))} == {"bedrock-tuning"}
    (folder / "app.toml").write_text('app = "mine"\n', encoding="utf-8")
    assert {its.app for its in (find(folder, "dev"), find_ref(folder, "dev", "gone"))} == {"mine"}
    (folder / "app.toml").write_text("app = 1\n", encoding="utf-8")
    for look in (find, find_ref):
        with pytest.raises(SettingsError, match=saying("app.toml", "app")):
            look(folder, "dev")


def test_a_stack_is_named_to_the_cdk_cli_to_the_letter_and_by_no_pattern(folder: Path) -> None:
    ids = find(folder, "dev").stack_ids
    kinds = ("a-Training", "a-Serving", "a-b-Training", "a-b-Serving")
    assert ids == ["dev/Foundation", *(f"dev/{kind}" for kind in kinds)]
    assert find(folder, "dev", "a").stack_ids == ids[:3]
    assert [each for each in ids if not re.fullmatch(r"dev/[A-Za-z0-9-]+", each)] == []


def test_a_command_of_ours_is_given_what_makes_it_about_the_same(folder: Path) -> None:
    option = f" --environments {folder.resolve()}"
    whole, one = find_ref(folder, "dev"), find_ref(folder, "dev", "a")
    assert (whole.arguments, whole.arguments_of("a-b")) == (f"dev{option}", f"dev a-b{option}")
    assert (one.arguments, one.arguments_of("a")) == (f"dev a{option}",) * 2
    assert (whole.everything, one.everything) == (" --every-model --all", " --all")
    assert (find(folder, "dev").context_of_it, find(folder, "dev", "a").context_of_it) == (
        ("-c", f"environments={folder.resolve()}", "-c", "only=dev"),
        ("-c", f"environments={folder.resolve()}", "-c", "only=dev/a"),
    )


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("a-dev-0123456789ab-1", "a"),
        ("a-dev-0123456789ab-99", "a"),
        ("a-dev-01234567", "a"),
        ("a-b-dev-0123456789ab-1", "a-b"),
        ("a-dev-b-dev-0123456789ab-1", "a-dev-b"),
        ("a-dev-b-dev-01234567", "a-dev-b"),
        ("a-dev-b", None),
        ("a-dev-0123456789ab-100", None),
        ("a-prod-0123456789ab-1", None),
    ],
)
def test_what_is_in_bedrock_is_one_model_s_and_no_other_s(folder: Path, name: str, model: str | None) -> None:
    refs = [find_ref(folder, "dev", each) for each in ("a", "a-b", "a-dev-b")]
    assert [its.named for its in refs if its.is_about(name)] == ([model] if model else [])
