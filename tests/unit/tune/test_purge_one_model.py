"""What `tune purge ENV MODEL` removes: the models of one, and nothing that is all models'."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bedrock_lifecycle import contract
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import FOUNDATION, SERVING, TRAINING
from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import OLD_PREFIX, Lines
from tests.unit.tune.leftovers import ANCHOR, TRAINING_ID, WANTED, Leftovers, tags
from tune import cli
from tune.purge.find import Finder
from tune.purge.remove import Removal

ONE = replace(ANCHOR, named="faq")
# Another model of the environment, for what its name has in common with the one that is named.
OTHERS = ("faq-eu", "eu-faq", "faq-prod-eu", "other")


@pytest.fixture
def leftovers() -> Leftovers:
    """What two trainings of faq have left, and one of each of the others."""
    leftovers = Leftovers()
    for name in OTHERS:
        leftovers.model(f"{name}-prod-{TRAINING_ID}-1", trained_by(name))
    leftovers.changes.clear()
    return leftovers


def trained_by(model: str) -> Mapping[str, str]:
    stack = f"bedrock-tuning-prod-{model}-Training"
    return tags(stack, "prod", **{contract.TAG_TRAINING_ID: TRAINING_ID})


def test_removes_its_models_and_keeps_those_of_the_others_the_buckets_and_the_key(leftovers: Leftovers) -> None:
    ours = leftovers.ours()
    kept = Finder(leftovers.aws, ONE).kept()
    assert sorted(model.name for model in kept.models) == sorted(ours["models"])
    assert Removal(leftovers.aws, ONE, Lines(), sleep=lambda _: None).run(kept) == []
    assert leftovers.changes == ["DeleteCustomModel"] * 2
    assert leftovers.left() == {**ours, "models": []}
    assert sorted(leftovers.everything()["models"]) == sorted(f"{name}-prod-{TRAINING_ID}-1" for name in OTHERS)


def test_what_another_app_s_stacks_have_made_is_that_app_s(leftovers: Leftovers) -> None:
    leftovers.stack(FOUNDATION)
    finder = Finder(leftovers.aws, replace(ONE, app="team2"))
    assert any(says(obstacle, FOUNDATION, "another app") for obstacle in finder.obstacles(finder.kept()))
    finder = Finder(leftovers.aws, ONE)
    assert not any(says(obstacle, "another app") for obstacle in finder.obstacles(finder.kept()))


@pytest.mark.parametrize("name", OTHERS)
def test_models_whose_names_are_alike_are_told_apart(leftovers: Leftovers, name: str) -> None:
    kept = Finder(leftovers.aws, replace(ANCHOR.about([name]), named=name)).kept()
    assert [model.name for model in kept.models] == [f"{name}-prod-{TRAINING_ID}-1"]
    assert (kept.buckets, kept.keys) == ((), ())


def test_all_of_them_go_with_the_environment(leftovers: Leftovers) -> None:
    kept = Finder(leftovers.aws, ANCHOR).kept()
    assert len(kept.models) == len(OTHERS) + 2
    assert Removal(leftovers.aws, ANCHOR, Lines(), sleep=lambda _: None).run(kept) == []
    assert leftovers.everything()["models"] == {}


@pytest.mark.parametrize(
    ("stack", "is_in_the_way"),
    [
        (TRAINING, True),
        (SERVING, True),
        (FOUNDATION, False),
        ("bedrock-tuning-prod-faq-eu-Training", False),
    ],
)
def test_only_its_own_stacks_stand_in_the_way(leftovers: Leftovers, stack: str, is_in_the_way: bool) -> None:
    leftovers.account.cloudformation.deploy(stack, {})
    finder = Finder(leftovers.aws, ONE)
    obstacles = finder.obstacles(finder.kept())
    assert len(obstacles) == is_in_the_way
    assert all(says(each, stack, "python -m tune destroy prod faq") and "--all" not in each for each in obstacles)


@pytest.mark.parametrize(("model", "is_in_the_way"), [("faq", True), ("faq-eu", False), ("faq-prod-eu", False)])
def test_only_its_own_training_stands_in_the_way(leftovers: Leftovers, model: str, is_in_the_way: bool) -> None:
    its = trained_by(model)
    leftovers.bedrock.create_model_customization_job(
        jobName=f"{model}-prod-{TRAINING_ID}-7",
        customModelName=f"{model}-prod-{TRAINING_ID}-7",
        roleArn="arn:aws:iam::111122223333:role/tuning",
        baseModelIdentifier="anthropic.claude-3-haiku-20240307-v1:0:200k",
        trainingDataConfig={"s3Uri": f"s3://tuning-data/train/{WANTED.sha256}.jsonl"},
        outputDataConfig={"s3Uri": "s3://tuning-data/output/"},
        hyperParameters={"epochCount": "1"},
        jobTags=[{"key": key, "value": value} for key, value in its.items()],
    )
    finder = Finder(leftovers.aws, ONE)
    assert len(finder.obstacles(finder.kept())) == is_in_the_way


@pytest.mark.parametrize(
    ("place", "named", "told"),
    [
        ("prod/other.toml", "faq", ["prod/other.toml", "serving.model_arn"]),
        ("staging/any.toml", "faq", ["staging/any.toml", "serving.model_arn"]),
        # Its own file says what was served.
        ("prod/faq.toml", "faq", None),
        # All of the environment goes with it.
        ("prod/other.toml", None, None),
    ],
)
def test_a_settings_file_that_serves_the_model_stands_in_the_way(
    leftovers: Leftovers, tmp_path: Path, place: str, named: str | None, told: list[str] | None
) -> None:
    arn = leftovers.everything()["models"][leftovers.ours()["models"][0]]
    environment, _, file = place.partition("/")
    settings_folder(tmp_path, environment, "", {file.removesuffix(".toml"): f'[serving]\nmodel_arn = "{arn}"\n'})
    finder = Finder(leftovers.aws, replace(ANCHOR, folder=tmp_path, named=named))
    obstacles = finder.obstacles(finder.kept())
    assert [says(each, *told) for each in obstacles] == [True] if told else obstacles == []


class TestCommand:
    """Arguments in, exit codes out."""

    @pytest.fixture
    def kept(self, leftovers: Leftovers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Leftovers:
        where = f'account = "{ACCOUNT}"\nregion = "{REGION}"\n'
        settings_folder(tmp_path, "prod", where, {"faq": "", "faq-eu": ""})
        monkeypatch.setattr("tune.account.clients.clients", lambda *_: leftovers.aws)
        monkeypatch.chdir(tmp_path)
        return leftovers

    def run(self, *arguments: str, answer: str = "") -> Any:
        return CliRunner().invoke(cli.app, ["purge", "prod", "--environments", ".", *arguments], input=answer)

    @pytest.mark.parametrize(
        ("options", "answer"), [((), "prod\n"), ((), "faq-eu\n"), (("--yes-remove", "prod"), "faq\n")]
    )
    def test_removes_nothing_until_the_model_is_named(
        self, kept: Leftovers, options: tuple[str, ...], answer: str
    ) -> None:
        assert self.run("faq", *options, answer=answer).exit_code == 2
        assert kept.changes == []

    @pytest.mark.parametrize(("options", "answer"), [((), "faq\n"), (("--yes-remove", "faq"), "")])
    def test_removes_when_the_model_is_named(self, kept: Leftovers, options: tuple[str, ...], answer: str) -> None:
        result = self.run("faq", *options, answer=answer)
        assert result.exit_code == 0, result.output
        assert kept.left() == {**kept.ours(), "models": []}
        assert not says(result.output, "Bucket")

    @pytest.mark.parametrize(
        ("kind", "arguments"), [("Foundation", ()), ("faq-Serving", ()), ("faq-Serving", ("faq",))]
    )
    def test_a_stack_under_the_prefix_of_before_stands_in_the_way(
        self, kept: Leftovers, kind: str, arguments: tuple[str, ...]
    ) -> None:
        stack = f"{OLD_PREFIX}prod-{kind}"
        kept.account.cloudformation.deploy(stack, {})
        result = self.run(*arguments, "--yes-remove", arguments[0] if arguments else "prod")
        assert (result.exit_code, kept.changes) == (2, [])
        assert says(result.output, stack)

    def test_the_stack_of_a_model_without_a_file_stands_in_the_way_of_the_environment(self, kept: Leftovers) -> None:
        stack = "bedrock-tuning-prod-other-Training"
        kept.account.cloudformation.deploy(stack, {})
        result = self.run("--yes-remove", "prod")
        assert result.exit_code == 2
        assert says(result.output, stack, "python -m tune destroy prod", "--every-model --all")
        assert kept.changes == []
