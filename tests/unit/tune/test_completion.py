"""What the Tab key completes, and that it is cheap."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from settings import folder
from tests.conftest import ROOT
from tests.unit.settings.settings_files import settings_folder
from tune.cli import app
from tune.terminal.completion import environment_names, model_names, script


class Context:
    def __init__(self, **params: object) -> None:
        self.params = params


def test_the_names_are_those_that_the_settings_have(tmp_path: Path) -> None:
    settings_folder(tmp_path, "dev", "", {"docstrings": "", "faq": ""})
    settings_folder(tmp_path, "prod", "", {"faq": ""})
    (tmp_path / "no-environment").mkdir()
    assert environment_names(Context(folder=tmp_path), "") == folder.environment_names(tmp_path) == ["dev", "prod"]
    found = model_names(Context(folder=tmp_path, name="dev"), "")
    assert found == folder.model_names(tmp_path, "dev") == ["docstrings", "faq"]
    assert environment_names(Context(folder=tmp_path), "p") == ["prod"]
    assert model_names(Context(folder=tmp_path, environment="dev"), "d") == ["docstrings"]


@pytest.mark.parametrize("params", [{}, {"name": None}, {"name": "nope"}])
def test_without_an_environment_there_is_no_model(params: dict[str, object]) -> None:
    assert model_names(Context(**params), "") == []


def completed(line: str, *, imports: str = "") -> list[str]:
    """Press the Tab key at the end of a line, in a shell of its own."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    words = line.split(" ")
    array = " ".join(f"'{word}'" for word in words)
    code = (
        f"{script('bash')}\nCOMP_WORDS=({array})\nCOMP_CWORD={len(words) - 1}\n"
        '_tune_completion\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [bash, "--norc", "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": imports},
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = ("aws_cdk", "boto3", "jsii", "settings")
    assert [name for name in heavy if f" {name}\n" in done.stderr] == []
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tune pl", ["plan"]),
        ("tune dataset ch", ["check"]),
        ("tune deploy ", ["dev", "local"]),
        ("tune deploy dev d", ["docstrings"]),
        ("tune dataset check --environment l", ["local"]),
        ("tune plan dev --j", ["--json"]),
    ],
)
def test_bash_completes(line: str, expected: list[str]) -> None:
    assert completed(line) == expected


def test_completion_imports_no_library() -> None:
    assert completed("tune deploy ", imports="1") == ["dev", "local"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_prints_what_a_shell_reads(shell: str) -> None:
    result = CliRunner().invoke(app, ["completion", shell])
    assert result.exit_code == 0
    assert result.output == script(shell)
    path = shutil.which(shell)
    if path:
        done = subprocess.run([path, "-n"], input=result.output, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_an_unknown_shell_is_a_usage_error() -> None:
    assert CliRunner().invoke(app, ["completion", "tcsh"]).exit_code == 2
