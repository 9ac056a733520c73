"""A pipeline's file is written once, and is the team's afterwards."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tune.cli import app
from tune.pipeline.files import text

REVIEW = text("review.yml")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the workflow goes, in a checkout that has none."""
    monkeypatch.setattr("tune.terminal.folders.ROOT", tmp_path)
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


@pytest.mark.parametrize("arguments", [("--force",), ("--print",)])
def test_what_to_write_must_be_said(arguments: tuple[str, ...], file: Path) -> None:
    code, said = github(*arguments)
    assert code == 2
    assert "--review" in said
    assert not file.exists()
