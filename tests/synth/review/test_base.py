"""The base of a review from a repository's history: commits of all kinds, with the real git and CDK CLI."""

import subprocess
from pathlib import Path

import pytest

from tests.support.messages import says
from tune.review import base
from tune.review.assembly import read
from tune.review.base import BaseMissing, assembly_of, checkout_name

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
