"""What `tune destroy` destroys where an environment has several models."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.messages import says
from tests.unit.settings.settings_files import settings_folder
from tests.unit.tune.aws_stand_in import OLD_PREFIX, THEIRS, Bedrock, CloudFormation, Lines, owner_tags, ref
from tests.unit.tune.leftovers import ANCHOR as PROD
from tests.unit.tune.leftovers import Leftovers
from tests.unit.tune.test_destroy import JOB, THROUGHPUT, Scene
from tune import cli
from tune.account.inventory import FoundationStore
from tune.account.location import Location
from tune.deployment.destroy import Teardown, stacks
from tune.deployment.destroy_text import report

BOTH = ref("local", "a", "a-b")
ONE = replace(BOTH.about(["a"]), named="a")
FOUNDATION = "bedrock-tuning-local-Foundation"
A = {kind: f"bedrock-tuning-local-a-{kind}" for kind in ("Training", "Serving")}
A_B = {kind: f"bedrock-tuning-local-a-b-{kind}" for kind in ("Training", "Serving")}
PROMOTIONS = [f"bedrock-tuning-local-{model}-Promotion" for model in ("a", "a-b")]
EVALUATIONS = [f"bedrock-tuning-local-{model}-Evaluation" for model in ("a", "a-b")]
ALL = dict.fromkeys([FOUNDATION, *A.values(), *A_B.values()], "CREATE_COMPLETE")


def test_what_serves_goes_first_of_all_models_and_foundation_last() -> None:
    order = [A["Serving"], A_B["Serving"], A["Training"], A_B["Training"], FOUNDATION]
    scene = Scene(ALL, of=BOTH)
    assert [name for name in stacks(BOTH, "all") if name not in (*PROMOTIONS, *EVALUATIONS)] == order
    assert scene.destruction.run("all") == 0
    assert scene.deleted == order


def test_a_promotion_goes_after_what_serves() -> None:
    scene = Scene(dict.fromkeys([PROMOTIONS[0], A["Serving"]], "CREATE_COMPLETE"), of=ONE)
    assert [its.name for its in scene.destruction.going("default")] == [A["Serving"], PROMOTIONS[0]]
    assert scene.destruction.run("default") == 0
    assert scene.deleted == [A["Serving"], PROMOTIONS[0]]


def test_an_evaluation_goes_after_what_serves_and_before_what_it_evaluates() -> None:
    scene = Scene(dict.fromkeys([EVALUATIONS[0], A["Training"], A["Serving"]], "CREATE_COMPLETE"), of=ONE)
    assert scene.destruction.run("default") == 0
    assert scene.deleted == [A["Serving"], EVALUATIONS[0], A["Training"]]


def test_one_goes_alone() -> None:
    scene = Scene(ALL, of=ONE)
    assert [its.name for its in scene.destruction.going("default")] == [A["Serving"], A["Training"]]
    assert scene.destruction.run("default") == 0
    assert scene.deleted == [A["Serving"], A["Training"]]


@pytest.mark.parametrize("kind", ["Serving", "Training"])
def test_one_that_cannot_go_keeps_none_of_the_others_and_foundation_stays(kind: str) -> None:
    scene = Scene(ALL, of=BOTH)
    scene.cloudformation.undeletable[A[kind]] = "inside its commitment"
    assert scene.destruction.run("all") == 1
    gone = {*ALL} - {*scene.cloudformation.statuses}
    # As long as a model serves, the training that it serves stays.
    assert gone == {*A_B.values()} | ({A["Serving"]} if kind == "Training" else set())
    assert says(scene.said, "inside its commitment")


def test_a_name_of_no_file_no_stack_and_nothing_in_bedrock_is_a_slip_of_the_pen() -> None:
    assert Scene({}, of=replace(BOTH.about(["slip"]), named="slip")).destruction.is_of_nothing()
    standing = {"bedrock-tuning-local-gone-Serving": "CREATE_COMPLETE"}
    assert not Scene(standing, of=replace(BOTH.about(["gone"]), named="gone")).destruction.is_of_nothing()
    assert not Scene({}, of=BOTH).destruction.is_of_nothing()


def test_another_app_s_stack_keeps_nothing_of_the_models() -> None:
    scene = Scene(ALL, of=BOTH)
    scene.cloudformation.apps[A["Serving"]] = THEIRS
    assert scene.destruction.run("all") == 0
    assert [*scene.cloudformation.statuses] == [A["Serving"]]


def test_what_is_counted_and_left_is_that_of_the_model_that_is_named() -> None:
    def throughput(name: str) -> dict[str, Any]:
        return {**THROUGHPUT, "provisionedModelName": name, "provisionedModelArn": name}

    names = ["a-local-01234567", "a-b-local-01234567"]
    job = {**JOB, "jobName": "a-b-local-0123456789ab-1"}
    tags = {name: owner_tags() for name in (*names, "job")}
    bedrock = Bedrock(tags, provisionedModelSummaries=[*map(throughput, names)], modelCustomizationJobSummaries=[job])
    for of, expected in ((ONE, names[:1]), (BOTH, [*names, job["jobName"]])):
        scene = Scene(ALL, bedrock, of=of)
        assert [its.name for its in scene.destruction.serving_and_training()] == expected
        left = scene.destruction.left("default", FoundationStore())
        assert [its.name for its in (*left.billing, *left.running)] == expected


def test_what_a_model_that_is_named_leaves_is_no_bucket_and_no_foundation() -> None:
    model = {"modelArn": "m", "modelName": "a-local-0123456789ab-1", "creationTime": THROUGHPUT["creationTime"]}
    scene = Scene({FOUNDATION: "CREATE_COMPLETE"}, Bedrock({"m": owner_tags()}, modelSummaries=[model]), of=ONE)
    left = scene.destruction.left("default", FoundationStore(("b",), ("k",)))
    assert [(its.what, its.name) for its in left.kept] == [("Custom model", model["modelName"])]
    assert says(report(left, ONE)[-1], "python -m tune purge local a")
    leftovers = Leftovers()
    for of, stored in ((replace(PROD, named="faq"), False), (PROD, True)):
        kept = Teardown(of, leftovers.aws, Lines()).left("default", FoundationStore()).kept
        assert (
            {"Bucket", "Key"} <= {its.what for its in kept}
            if stored
            else {its.what for its in kept} == {"Custom model"}
        )
    whole = Scene({FOUNDATION: "CREATE_COMPLETE"}, of=BOTH)
    told = report(whole.destruction.left("default", FoundationStore()), BOTH)
    assert says("\n".join(told), "python -m tune destroy local --every-model --all")


class TestCommand:
    """Models a and a-b have a file, and gone has only a stack."""

    @pytest.fixture
    def cloudformation(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CloudFormation:
        where = 'account = "000000000000"\nregion = "us-west-2"\n'
        settings_folder(tmp_path, "local", where, {"a": "", "a-b": "training = "})
        scene = Scene({**ALL, "bedrock-tuning-local-gone-Training": "CREATE_COMPLETE"})
        monkeypatch.setattr("tune.account.clients.clients", lambda *_: scene.client)
        monkeypatch.chdir(tmp_path)
        return scene.cloudformation

    def run(self, *options: str, answer: str = "") -> Any:
        return CliRunner().invoke(cli.app, ["destroy", "local", "--environments", ".", *options], input=answer)

    @pytest.mark.parametrize(
        ("options", "stay"),
        [
            (["--every-model", "--all"], []),
            (["--every-model"], ["Foundation"]),
            (["a"], ["Foundation", "b-Training"]),
            (["b", "--serving-only"], ["Foundation", "a-Serving", "a-Training", "b-Training"]),
        ],
    )
    def test_destroys_what_stands_under_the_prefix_of_before(
        self, cloudformation: CloudFormation, options: list[str], stay: list[str]
    ) -> None:
        standing = ["Foundation", "a-Serving", "a-Training", "b-Training"]
        theirs = f"{OLD_PREFIX}dev-Foundation"
        for name in [*cloudformation.statuses]:
            del cloudformation.statuses[name]
        cloudformation.statuses.update({f"{OLD_PREFIX}local-{each}": "CREATE_COMPLETE" for each in standing})
        cloudformation.statuses[theirs] = "CREATE_COMPLETE"
        cloudformation.protected = {f"{OLD_PREFIX}local-Foundation"}
        result = self.run(*options, "--yes")
        assert result.exit_code == 0, result.output
        assert {*cloudformation.statuses} == {theirs, *(f"{OLD_PREFIX}local-{each}" for each in stay)}
        # What is left to destroy is named as it stands.
        assert (f"Stack {OLD_PREFIX}local-Foundation: " in result.output) == (options == ["--every-model"])
        gone = [each for each in standing if each not in stay]
        assert all(f"stack {OLD_PREFIX}local-{each} (CREATE_COMPLETE)" in result.output for each in gone)

    @pytest.mark.parametrize("options", [(), ("--yes",), ("--all", "--yes"), ("--serving-only", "--yes")])
    def test_is_refused_without_a_word_about_every_model(
        self, cloudformation: CloudFormation, options: tuple[str, ...]
    ) -> None:
        result = self.run(*options, answer="y\n")
        assert result.exit_code == 2
        assert says(result.output, "local", "a, a-b, gone", "--every-model")
        assert cloudformation.calls == []

    @pytest.mark.parametrize(
        ("options", "stay"),
        [
            (["--every-model"], {FOUNDATION}),
            (["--every-model", "--all"], set()),
            (["a"], {FOUNDATION, *A_B.values(), "bedrock-tuning-local-gone-Training"}),
            (["a", "--serving-only"], {*ALL, "bedrock-tuning-local-gone-Training"} - {A["Serving"]}),
            (["gone"], {*ALL}),
        ],
    )
    def test_destroys_what_was_named(self, cloudformation: CloudFormation, options: list[str], stay: set[str]) -> None:
        result = self.run(*options, "--yes")
        assert result.exit_code == 0, result.output
        assert {*cloudformation.statuses} == stay

    def test_foundation_is_no_model_s(self, cloudformation: CloudFormation) -> None:
        result = self.run("a", "--all", "--yes")
        assert result.exit_code == 2
        assert says(result.output, "--all", "Foundation")
        assert cloudformation.calls == []

    def test_an_environment_whose_one_model_is_left_is_asked_as_before(self, cloudformation: CloudFormation) -> None:
        for name in (*A_B.values(), "bedrock-tuning-local-gone-Training"):
            del cloudformation.statuses[name]
        Path("local/a-b.toml").unlink()
        assert self.run(answer="y\n").exit_code == 0
        assert {*cloudformation.statuses} == {FOUNDATION}

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (
                ["--all"],
                [A["Serving"], A_B["Serving"], *EVALUATIONS, *PROMOTIONS, A["Training"], A_B["Training"], FOUNDATION],
            ),
            (["a-b"], [A_B["Serving"], EVALUATIONS[1], PROMOTIONS[1], A_B["Training"]]),
        ],
    )
    def test_a_file_that_does_not_tell_where_is_told_with_the_stacks_of_every_model(
        self, cloudformation: CloudFormation, options: list[str], expected: list[str]
    ) -> None:
        Path("local/environment.toml").write_text("account = 1\n", encoding="utf-8")
        result = self.run(*options, "--yes")
        assert result.exit_code == 2
        commands = [line.split() for line in result.output.splitlines() if line.lstrip().startswith("aws ")]
        assert [words[4] for words in commands if words[2] == "delete-stack"] == expected
        assert cloudformation.calls == []


class TestRemovedEnvironment:
    """Only stacks are left of environment local, and the credentials are those of its account."""

    @pytest.fixture
    def cloudformation(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CloudFormation:
        scene = Scene({**ALL, f"{OLD_PREFIX}local-a-Serving": "CREATE_COMPLETE", "bedrock-tuning-dev-Foundation": "X"})
        monkeypatch.setattr(
            "tune.account.ambient.in_region", lambda region: (scene.client, Location("000000000000", region))
        )
        monkeypatch.chdir(tmp_path)
        return scene.cloudformation

    def run(self, *options: str) -> Any:
        return CliRunner().invoke(cli.app, ["destroy", "local", "--environments", ".", *options, "--yes"])

    def test_a_destroy_without_a_region_names_the_command(self, cloudformation: CloudFormation) -> None:
        result = self.run()
        assert result.exit_code == 2
        assert says(result.output, "python -m tune destroy local --every-model --all --environments", "--region")
        assert cloudformation.calls == []

    def test_all_of_it_goes_and_nothing_else(self, cloudformation: CloudFormation) -> None:
        result = self.run("--every-model", "--all", "--region", "us-west-2")
        assert result.exit_code == 0, result.output
        assert {*cloudformation.statuses} == {"bedrock-tuning-dev-Foundation"}
        # A purge has no file that says where to look.
        assert "tune purge" not in result.output

    def test_one_model_of_it_goes_alone(self, cloudformation: CloudFormation) -> None:
        assert self.run("a-b", "--region", "us-west-2").exit_code == 0
        assert not {*A_B.values()} & {*cloudformation.statuses}
        assert {*A.values(), FOUNDATION} < {*cloudformation.statuses}

    def test_an_app_of_another_name_has_none(self, cloudformation: CloudFormation) -> None:
        Path("app.toml").write_text('app = "mine"\n', encoding="utf-8")
        before = {*cloudformation.statuses}
        assert self.run("--every-model", "--all", "--region", "us-west-2").exit_code == 2
        assert {*cloudformation.statuses} == before

    def test_a_name_that_no_environment_has_is_refused(self, cloudformation: CloudFormation) -> None:
        result = CliRunner().invoke(cli.app, ["destroy", "../Local", "--region", "us-west-2", "--yes"])
        assert (result.exit_code, cloudformation.calls) == (2, [])
        assert says(result.output, "'../Local'")


def test_by_a_name_that_nobody_knows_nothing_goes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    statuses: Mapping[str, str] = ALL
    scene = Scene(statuses)
    monkeypatch.setattr("tune.account.clients.clients", lambda *_: scene.client)
    settings_folder(tmp_path, "local", 'account = "000000000000"\nregion = "us-west-2"\n', {"a": ""})
    result = CliRunner().invoke(cli.app, ["destroy", "local", "b", "--yes", "--environments", str(tmp_path)])
    assert says(result.output, "bedrock-tuning-local-b-Serving", "local/environment.toml")
    assert {*scene.cloudformation.statuses} == {*ALL}
