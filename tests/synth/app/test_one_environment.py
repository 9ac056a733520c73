"""`-c only=dev` or `only=dev/docstrings`: the app makes one environment or model, and says nothing of others."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from settings.folder import STACKS_ARE_NAMED
from tests.conftest import ROOT
from tests.support.messages import says
from tests.synth.cli import without_credentials

# With which it runs an app.
_OF_THE_CLI: Final = {
    "@aws-cdk/core:annotationsInValidationReport": True,
    "@aws-cdk/core:failSynthOnValidationErrors": False,
}


def app(output: Path, **context: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=without_credentials(CDK_CONTEXT_JSON=json.dumps(context), CDK_OUTDIR=str(output)),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("only", "warned"), [("dev", False), ("local", True)])
def test_makes_one_environment_with_its_own_warnings_alone(only: str, warned: bool, tmp_path: Path) -> None:
    run = app(tmp_path, only=only)
    assert run.returncode == 0, run.stderr
    written = {path.name for path in tmp_path.rglob("*.template.json")}
    assert len(written) == 3
    assert all(name.startswith(only) for name in written)
    said = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.metadata.json"))
    assert says(said, "end of life") is warned


@pytest.mark.parametrize("is_left", [False, True])
def test_findings_are_left_to_the_cli_when_it_is_told_which_stacks_to_look_at(is_left: bool, tmp_path: Path) -> None:
    named = {STACKS_ARE_NAMED: "true"} if is_left else {}
    run = app(tmp_path, only="local", **_OF_THE_CLI, **named)
    assert (run.returncode, run.stderr.count("end of life")) == (0, 0 if is_left else 1)
    assert says((tmp_path / "validation-report.json").read_text(encoding="utf-8"), "end of life")


def test_a_wrong_file_of_another_environment_stops_only_who_makes_all_of_them(tmp_path: Path) -> None:
    folder = settings_with_a_typo(tmp_path, "other/typo.toml")
    run = app(tmp_path / "one", environments=str(folder), only="dev")
    assert run.returncode == 0, run.stderr
    assert len(list((tmp_path / "one").rglob("*.template.json"))) == 3
    refused = app(tmp_path / "all", environments=str(folder))
    assert refused.returncode == 1
    assert "typo.toml: training.attemptt: is not a key here" in refused.stderr


def test_a_wrong_file_of_another_model_stops_only_who_makes_the_environment(tmp_path: Path) -> None:
    folder = settings_with_a_typo(tmp_path, "dev/typo.toml")
    run = app(tmp_path / "one", environments=str(folder), only="dev/docstrings")
    assert run.returncode == 0, run.stderr
    assert len(list((tmp_path / "one").rglob("*.template.json"))) == 3
    refused = app(tmp_path / "all", environments=str(folder), only="dev")
    assert refused.returncode == 1
    assert "typo.toml: training.attemptt: is not a key here" in refused.stderr


def settings_with_a_typo(tmp_path: Path, path: str) -> Path:
    """Return a folder with `dev` as it is, and a model with a key that is none."""
    folder = tmp_path / "environments"
    for environment in ("dev", "other"):
        (folder / environment).mkdir(parents=True)
        shutil.copy(ROOT / "environments" / "dev" / "environment.toml", folder / environment)
    text = (ROOT / "environments" / "dev" / "docstrings.toml").read_text(encoding="utf-8")
    text = text.replace('"../../examples/', f'"{ROOT}/examples/')
    (folder / "dev" / "docstrings.toml").write_text(text, encoding="utf-8")
    (folder / path).write_text(text.replace("attempt =", "attemptt ="), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("only", "named"), [("prod", ["prod", "dev, local"]), ("dev/faq", ["faq", "model in dev", "docstrings"])]
)
def test_what_there_is_not_is_told_with_what_there_is(only: str, named: list[str], tmp_path: Path) -> None:
    run = app(tmp_path, only=only)
    assert run.returncode == 1
    assert says(run.stderr.strip(), "context only", *named)
