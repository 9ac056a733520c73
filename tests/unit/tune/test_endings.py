"""Commands as processes: interrupted before they have begun, and refused something by the operating system."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stacks import cdk_library
from tests.conftest import ROOT
from tests.support.messages import says
from tests.synth.cli import without_credentials

INTERRUPT = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"


def run(*command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = without_credentials(**variables)
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_an_interrupt_while_a_command_is_imported_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(INTERRUPT, encoding="utf-8")
    ended = run("-m", "tune", "plan", "local", PYTHONPATH=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (130, "")
    assert says(ended.stderr, "Interrupted", "Nothing")
    assert ended.stderr.count("\n") == 1


def test_so_is_one_while_what_a_command_works_with_is_imported(tmp_path: Path) -> None:
    (tmp_path / "boto3.py").write_text(INTERRUPT, encoding="utf-8")
    ended = run("-m", "tune", "plan", "local", PYTHONPATH=str(tmp_path))
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Interrupted.\n")


def test_the_app_says_nothing_of_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "aws_cdk.py").write_text(INTERRUPT, encoding="utf-8")
    ended = run("app.py", PYTHONPATH=str(tmp_path))
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


def test_what_the_system_refuses_to_the_cdks_library_is_told_in_a_line() -> None:
    ended = run("app.py", JSII_RUNTIME_PACKAGE_CACHE_ROOT="/dev/null/nowhere")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert says(line, "ENOTDIR", "TMPDIR")


def test_a_fault_of_the_app_keeps_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "aws_cdk.py").write_text("1 / 0\n", encoding="utf-8")
    assert "ZeroDivisionError" in run("app.py", PYTHONPATH=str(tmp_path)).stderr


@pytest.mark.parametrize(("is_folder", "cache"), [(True, None), (False, "disabled")])
def test_without_a_home_that_can_be_written_to_the_library_does_without_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_folder: bool, cache: str | None
) -> None:
    home = tmp_path / "home"
    if is_folder:
        home.mkdir()
    else:
        home.write_text("no folder")
    monkeypatch.setenv("HOME", str(home))
    for name in ("JSII_RUNTIME_PACKAGE_CACHE", "JSII_RUNTIME_PACKAGE_CACHE_ROOT"):
        monkeypatch.setenv(name, "any")
        monkeypatch.delenv(name)
    cdk_library.prepare()
    assert os.environ.get("JSII_RUNTIME_PACKAGE_CACHE") == cache
