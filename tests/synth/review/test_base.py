"""The base of a review from a repository's history: commits of all kinds, with the real git and CDK CLI."""

import subprocess
from pathlib import Path

import pytest

from tests.support.messages import says
from tune.review import base
from tune.review.assembly import read
from tune.review.base import BaseMissing, assembly_of, checkout_name, commit_of, errors_in

# What an app leaves for the CDK CLI: one stack, without a library that would take seconds to start.
APP = """\
import json, os, pathlib
out = pathlib.Path(os.environ["CDK_OUTDIR"])
tags = {"bedrock-tuning:app": "bedrock-tuning", "bedrock-tuning:environment": "dev"}
stack = {"type": "aws:cloudformation:stack", "environment": "aws://111122223333/us-east-1", "displayName": "It",
    "properties": {"templateFile": "It.json", "stackName": "bedrock-tuning-dev-Foundation", "tags": tags}}
(out / "It.json").write_text(json.dumps({"Resources": {}}))
(out / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {"It": stack}}))
"""


def git(repository: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@any.example")
    return subprocess.run(
        ["git", *who, *arguments], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.strip()


def committed(repository: Path, **files: str) -> str:
    """Commit the files, and nothing else that was there; return the commit."""
    for path in [each for each in repository.rglob("*") if each.is_file() and ".git" not in each.parts]:
        path.unlink()
    for name, text in {"cdk_json": "{}", **files}.items():
        file = repository / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "any")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    monkeypatch.setattr(base, "ROOT", folder)
    monkeypatch.setenv("BEDROCK_TUNING_CACHE", str(tmp_path / "cache"))
    return folder


def test_a_base_from_before_the_command_is_made_and_kept(repository: Path) -> None:
    commit = committed(repository, app_py=APP, environments__app_toml="")
    (repository / "app.py").write_text("raise SystemExit(1)", encoding="utf-8")
    folder, notes = assembly_of(commit, repository / "environments")
    assert [its.environment for its in read(folder).values()] == ["dev"]
    assert notes == []
    (folder / "kept").touch()
    assert (assembly_of(commit, repository / "environments")[0] / "kept").exists()
    assert git(repository, "worktree", "list").count("\n") == 0


def test_a_base_without_the_environments_is_refused_in_a_line(repository: Path) -> None:
    commit = committed(repository, app_py=APP, config__dev_toml="")
    with pytest.raises(BaseMissing) as refused:
        assembly_of(commit, repository / "environments")
    assert says(refused.value, commit[:12], "environments", "--base")
    assert len(str(refused.value).splitlines()) == 1


def test_a_base_that_does_not_synthesize_is_refused_with_the_end_of_what_it_said(repository: Path) -> None:
    said = "for number in range(99): print(f'line {number}')\nraise SystemExit('the last word')"
    commit = committed(repository, app_py=said, environments__app_toml="")
    with pytest.raises(BaseMissing) as refused:
        assembly_of(commit, repository / "environments")
    assert says(refused.value, commit[:12])
    assert "the last word" in str(refused.value)
    assert len(str(refused.value).splitlines()) <= 13
    assert git(repository, "worktree", "list").count("\n") == 0


def test_other_pins_are_said(repository: Path) -> None:
    files = {"app_py": APP, "environments__app_toml": ""}
    commit = committed(repository, **files, requirements_txt="a==1")
    committed(repository, **files, requirements_txt="a==2")
    (note,) = assembly_of(commit, repository / "environments")[1]
    assert says(note, "requirements.txt", commit[:12])


def test_the_checkout_is_named_by_its_commit_and_its_changes(repository: Path) -> None:
    assert "@" not in checkout_name()
    commit = committed(repository, app_py=APP)
    assert checkout_name().endswith(f"@{commit[:12]}")
    (repository / "app.py").write_text("", encoding="utf-8")
    assert f"@{commit[:12]} with changes" in checkout_name()


def test_a_project_in_a_folder_of_its_repository_is_compared(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"infra__app_py": APP, "infra__environments__app_toml": "", "infra__cdk_json": "{}"}
    commit = committed(repository, **files, infra__requirements_txt="a==1")
    monkeypatch.setattr(base, "ROOT", repository / "infra")
    (folder, notes) = assembly_of(commit, repository / "infra" / "environments")
    assert [its.environment for its in read(folder).values()] == ["dev"]
    assert notes == []
    assert not checkout_name().endswith("with changes")
    (repository / "other").write_text("", encoding="utf-8")
    assert not checkout_name().endswith("with changes")
    (repository / "infra" / "requirements.txt").write_text("a==2", encoding="utf-8")
    assert len(assembly_of(commit, repository / "infra" / "environments")[1]) == 1


@pytest.mark.parametrize("revision", ["--all", "-h", "", "mian", "a..b"])
def test_what_is_no_revision_is_refused_and_is_no_option_of_git(revision: str, repository: Path) -> None:
    committed(repository, app_py=APP)
    with pytest.raises(BaseMissing) as refused:
        commit_of(revision)
    assert says(refused.value, repr(revision))
    assert "fetch" not in str(refused.value)


def test_a_branch_that_was_not_fetched_is_refused_with_the_command(repository: Path, tmp_path: Path) -> None:
    committed(repository, app_py=APP)
    commit = committed(repository, app_py=APP, more_py="")
    git(repository, "branch", "feature/any", "HEAD~1")
    git(tmp_path, "clone", "--quiet", "--single-branch", f"file://{repository}", "clone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "ROOT", tmp_path / "clone")
        with pytest.raises(BaseMissing) as refused:
            commit_of("origin/feature/any")
        command = str(refused.value).split("run git ")[1]
        git(tmp_path / "clone", *command.split())
        assert commit_of("origin/feature/any") == git(repository, "rev-parse", f"{commit}~1")


def test_a_shallow_clone_is_refused_with_the_command(repository: Path, tmp_path: Path) -> None:
    first = committed(repository, app_py=APP)
    git(repository, "branch", "other")
    committed(repository, app_py=APP, more_py="")
    git(repository, "checkout", "--quiet", "other")
    committed(repository, app_py=APP, another_py="")
    address = f"file://{repository}"
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-single-branch", address, "clone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "ROOT", tmp_path / "clone")
        own = git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()
        other = next(each for each in own if each != "other")
        for revision in (f"origin/{other}", first):
            with pytest.raises(BaseMissing) as refused:
                commit_of(revision)
            assert says(refused.value, repr(revision), "git fetch --unshallow", "fetch-depth: 0")
        git(tmp_path / "clone", "fetch", "--quiet", "--unshallow")
        assert commit_of(f"origin/{other}") == commit_of(first) == first


def test_without_a_repository_or_a_commit_in_common_it_says_so(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(repository, app_py=APP)
    git(repository, "checkout", "--quiet", "--orphan", "other")
    committed(repository, app_py=APP, other_py="")
    git(repository, "tag", "own")
    git(repository, "checkout", "--quiet", "--orphan", "third")
    committed(repository, app_py=APP, third_py="")
    with pytest.raises(BaseMissing) as refused:
        commit_of("own")
    assert says(refused.value, "'own'")
    assert "fetch" not in str(refused.value)
    (tmp_path / "alone").mkdir()
    monkeypatch.setattr(base, "ROOT", tmp_path / "alone")
    with pytest.raises(BaseMissing) as refused:
        commit_of("HEAD")
    assert says(refused.value, str(tmp_path / "alone"), "--base")


def test_the_errors_of_a_synthesis_are_shown_wherever_they_stand() -> None:
    warnings = [f"WARNING number {number} has an error in its words" for number in range(30)]
    report = ["ERROR train.jsonl line 321: is not JSON", "   dev/docstrings-Training/TrainingData", "   Rule Any"]
    end = "python app.py: Subprocess exited with error 1"
    assert errors_in("\n".join([*report, "", *warnings, end])).splitlines() == report[:2]
    trace = ["Traceback (most recent call last):", '  File "app.py", line 1', "settings.Any.SomeError: the reason"]
    assert errors_in("\n".join([*trace, *warnings, end])) == trace[-1]
    plain = ["dev/docstrings.toml: data.train.path: does not exist", "dev/docstrings.toml: strange: is no key"]
    assert errors_in("\n".join([*plain, end])).splitlines() == plain


def test_a_message_names_no_folder_of_the_moment(repository: Path) -> None:
    said = "import pathlib, sys\nsys.exit(f'{pathlib.Path.cwd()}/environments/dev.toml: strange: is no key')"
    commit = committed(repository, app_py=said, environments__app_toml="")
    with pytest.raises(BaseMissing) as refused:
        assembly_of(commit, repository / "environments")
    assert str(refused.value).splitlines()[1:] == ["environments/dev.toml: strange: is no key"]
