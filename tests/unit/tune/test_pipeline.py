"""A pipeline's file is written once, and is the team's afterwards; an assembly has a digest."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from typer.testing import CliRunner

from tests.support.messages import says
from tune.cli import app
from tune.pipeline.deploy import deploy_workflow
from tune.pipeline.digest import digest_of
from tune.pipeline.files import text

REVIEW = text("review.yml")
PIPELINE: Final = """
[pipeline]
repository = "acme/models"
account = "999988887777"
region = "eu-west-1"
environments = ["dev", "prod"]
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workflow goes, in a checkout that has none."""
    monkeypatch.setattr("tune.terminal.folders.ROOT", tmp_path)
    monkeypatch.setattr("tune.terminal.folders.DEFAULT_FOLDER", tmp_path / "environments")
    return tmp_path / ".github" / "workflows" / "review.yml"


def github(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["pipeline", "github", *arguments])
    return result.exit_code, result.output


def test_it_is_written_and_then_is_the_same_already(file: Path) -> None:
    first = github("--review")
    assert file.read_text(encoding="utf-8") == REVIEW
    written = file.stat().st_mtime_ns
    second = github("--review")
    assert first[0] == second[0] == 0
    assert first[1] != second[1]
    assert file.stat().st_mtime_ns == written


@pytest.mark.parametrize(("force", "code", "then"), [((), 2, "ours"), (("--force",), 0, REVIEW)])
def test_what_a_team_has_changed_is_replaced_only_by_force(
    force: tuple[str, ...], code: int, then: str, file: Path
) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("ours", encoding="utf-8")
    ended, said = github("--review", *force)
    assert (ended, file.read_text(encoding="utf-8")) == (code, then)
    assert ("--force" in said) is (code == 2)


def test_it_is_printed_and_nothing_is_written(file: Path) -> None:
    assert github("--review", "--print") == (0, REVIEW)
    assert not file.exists()


def test_a_project_in_a_folder_of_its_repository_is_refused_what_would_never_run(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr("tune.terminal.folders.ROOT", tmp_path / "infra" / "models")
    code, said = github("--review")
    assert code == 2
    assert says(said, str(tmp_path / ".github" / "workflows"), "working-directory: infra/models", "--print")
    assert not list(tmp_path.rglob("*.yml"))
    assert github("--review", "--print") == (0, REVIEW)
    monkeypatch.setattr("tune.terminal.folders.ROOT", tmp_path)
    assert (github("--review")[0], file.exists()) == (0, True)


@pytest.mark.parametrize("arguments", [("--force",), ("--print",)])
def test_what_to_write_must_be_said(arguments: tuple[str, ...], file: Path) -> None:
    code, said = github(*arguments)
    assert code == 2
    assert "--review" in said
    assert not file.exists()


# --- deploy.yml --------------------------------------------------------------------------------------------------


def settings(folder: Path, app: str = PIPELINE, names: tuple[str, ...] = ("dev", "prod")) -> Path:
    """Write the settings of some environments, and an `app.toml`."""
    for name in names:
        region = "us-west-2" if name == "prod" else "us-east-1"
        (folder / name).mkdir(parents=True)
        place = f'account = "111122223333"\nregion = "{region}"\n'
        (folder / name / "environment.toml").write_text(place, encoding="utf-8")
    (folder / "app.toml").write_text(app, encoding="utf-8")
    return folder


def test_both_files_are_written_for_the_environments_of_the_pipeline(file: Path, tmp_path: Path) -> None:
    folder = settings(tmp_path / "environments")
    assert github("--review", "--deploy")[0] == 0
    assert file.read_text(encoding="utf-8") == REVIEW
    assert file.with_name("deploy.yml").read_text(encoding="utf-8") == deploy_workflow(folder)


@pytest.mark.parametrize(
    ("givers", "expected"),
    [
        ({}, {}),
        ({"prod": ["dev"]}, {"prod": "dev"}),
        ({"staging": ["dev"]}, {"staging": "dev"}),
        ({"staging": ["dev"], "prod": ["dev"]}, {"staging": "dev", "prod": "staging"}),
        ({"staging": ["dev"], "prod": ["staging"]}, {"staging": "dev", "prod": "staging"}),
        ({"staging": ["lab"], "prod": ["dev", "lab"]}, {"prod": "staging"}),
        ({"staging": ["lab"], "prod": ["dev"]}, {"prod": "dev"}),
        ({"dev": ["prod"]}, {}),
    ],
)
def test_a_model_is_proposed_by_the_last_environment_before_that_may_have_it(
    tmp_path: Path, givers: dict[str, list[str]], expected: dict[str, str]
) -> None:
    names = ("dev", "staging", "prod", "lab")
    app = PIPELINE.replace('["dev", "prod"]', '["dev", "staging", "prod"]')
    folder = settings(tmp_path, app, names)
    for name, its in givers.items():
        with (folder / name / "environment.toml").open("a", encoding="utf-8") as file:
            file.write(f"[allow]\npromote_from = {its}\n")
    jobs: dict[str, Any] = yaml.safe_load(deploy_workflow(folder))["jobs"]
    found = {
        name.removeprefix("promote-"): job["environment"] for name, job in jobs.items() if name.startswith("promote-")
    }
    assert found == expected


def test_if_one_file_is_the_teams_the_other_is_not_written_either(file: Path, tmp_path: Path) -> None:
    settings(tmp_path / "environments")
    file.parent.mkdir(parents=True)
    deploy = file.with_name("deploy.yml")
    deploy.write_text("ours", encoding="utf-8")
    code, said = github("--review", "--deploy")
    assert (code, file.exists(), deploy.read_text(encoding="utf-8")) == (2, False, "ours")
    assert says(said, "deploy.yml", "--force")


@pytest.mark.parametrize(
    ("app", "place"),
    [
        ("", "pipeline"),
        (PIPELINE.replace("acme/models", "acme"), "pipeline.repository"),
        (PIPELINE.replace('["dev", "prod"]', '["dev", "dev"]'), "pipeline.environments"),
        (PIPELINE.replace('["dev", "prod"]', "[]"), "pipeline.environments"),
        (PIPELINE.replace("999988887777", "99"), "pipeline.account"),
        (f'{PIPELINE}provider_arn = "x"', "pipeline.provider_arn"),
        (PIPELINE.replace('"prod"', '"staging"'), "staging"),
    ],
)
def test_a_pipeline_that_is_wrong_or_missing_is_refused(app: str, place: str, file: Path, tmp_path: Path) -> None:
    settings(tmp_path / "environments", app)
    code, said = github("--deploy")
    assert code == 2
    assert place in said
    assert not file.parent.exists()


def test_an_environment_without_a_folder_is_refused_with_those_that_there_are(file: Path, tmp_path: Path) -> None:
    settings(tmp_path / "environments", PIPELINE.replace('"prod"', '"staging", "qa"'))
    code, said = github("--deploy")
    assert code == 2
    assert says(said, "app.toml", "pipeline.environments", "'staging', 'qa'", "dev, prod")


# --- digest ------------------------------------------------------------------------------------------------------


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """A small assembly with a file in a folder."""
    folder = tmp_path / "cdk.out"
    (folder / "asset").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    (folder / "asset" / "index.py").write_text("pass", encoding="utf-8")
    return folder


def digest(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["pipeline", "digest", *arguments])


def test_the_same_files_have_the_same_digest_and_it_is_expected(assembly: Path) -> None:
    printed = digest(str(assembly))
    assert (printed.exit_code, printed.stdout.strip()) == (0, digest_of(assembly))
    assert digest(str(assembly), "--expect", printed.stdout.strip()).exit_code == 0


@pytest.mark.parametrize(
    ("file", "content"),
    [("asset/index.py", "pass\n"), ("asset/more.py", "pass"), (".cache/asset.zip", "zip"), ("asset/index.py", None)],
    ids=["changed", "new", "hidden", "gone"],
)
def test_another_file_is_another_digest(assembly: Path, file: str, content: str | None) -> None:
    before = digest_of(assembly)
    path = assembly / file
    if content is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    refused = digest(str(assembly), "--expect", before)
    assert refused.exit_code == 1
    assert before in refused.stderr


def test_a_file_with_another_name_is_another_digest(assembly: Path) -> None:
    before = digest_of(assembly)
    (assembly / "asset" / "index.py").rename(assembly / "asset" / "other.py")
    assert digest_of(assembly) != before


def test_an_empty_expectation_is_not_met(assembly: Path) -> None:
    assert digest(str(assembly), "--expect", "").exit_code == 1


def test_what_is_no_assembly_has_no_digest(tmp_path: Path) -> None:
    assert digest(str(tmp_path)).exit_code == 2
