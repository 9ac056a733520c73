"""What `make` adds to a command, and what it must not."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from tests.conftest import ROOT
from tune.cli import app


def told(bin_folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make with a Python that tells what it was asked for, as a document."""
    python = bin_folder / "python"
    python.write_text("#!/bin/sh\necho '{\"told\": \"'$*'\"}'\n", encoding="utf-8")
    python.chmod(0o755)
    # Make that runs inside make, as this test does in `make check`, says where it is.
    alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    # -o: nothing is set up for this; what is installed may be shared with another checkout.
    command = ["make", "-o", "setup-deploy", "-o", "setup", f"BIN={bin_folder}", *words]
    return subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)


def commands(parameter: str) -> list[str]:
    """Return the commands that take a parameter: an argument by its name, an option as it is written."""
    every = typer.main.get_command(app)
    assert isinstance(every, TyperGroup)
    found = [name for name, its in every.commands.items() if any(parameter in each.opts for each in its.params)]
    assert len(found) >= 2
    return found


def test_every_target_that_makes_no_file_is_phony_and_every_command_for_an_environment_has_one() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    told = re.findall(r"^([a-z-]+):.*##", text, re.MULTILINE)
    assert set(told) - set(phony.split()) == set()
    assert set(commands("name")) - set(told) == set()


def test_what_is_measured_is_what_the_measured_tests_are_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["coverage"]["run"]["source_pkgs"]
    (folders,) = re.findall(r"^DECIDING := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert packages == [f"bedrock_lifecycle.{name}" for name in folders.split()]
    assert all((ROOT / "tests" / "unit" / name).is_dir() for name in folders.split())


def test_all_that_deploys_to_the_local_aws_is_where_make_looks_for_it() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    deploying = [path for path in files if "mark.sand" + "box" in path.read_text(encoding="utf-8")]
    assert {path.parent.name for path in deploying} == {"e2e"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r'-m "sandbox and not slow" (.*)$', makefile, re.M) == ["tests/e2e"]


@pytest.mark.parametrize("command", [each for each in commands("--json") if each in commands("name")])
def test_a_document_is_the_whole_of_the_standard_output_by_make_too(command: str, tmp_path: Path) -> None:
    document = told(tmp_path, command, "ENV=dev", "ARGS=--json").stdout
    assert json.loads(document) == {"told": f"-m tune {command} dev --json"}


@pytest.mark.parametrize("command", commands("model"))
def test_a_model_is_named_beside_its_environment(command: str, tmp_path: Path) -> None:
    document = told(tmp_path, command, "ENV=dev", "MODEL=docstrings").stdout
    assert json.loads(document)["told"].split()[:5] == ["-m", "tune", command, "dev", "docstrings"]


@pytest.mark.parametrize("command", commands("model"))
def test_a_model_without_an_environment_is_refused(command: str, tmp_path: Path) -> None:
    done = told(tmp_path, command, "MODEL=docstrings")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("command", commands("extra"))
def test_arguments_for_the_cdk_cli_have_a_variable_of_their_own(command: str, tmp_path: Path) -> None:
    variables = ("MODEL=docstrings", "CDK_ARGS=--verbose --app out", "ARGS=--json")
    document = told(tmp_path, command, "ENV=dev", *variables).stdout
    assert json.loads(document) == {"told": f"-m tune {command} dev docstrings --json -- --verbose --app out"}


def test_a_synthesis_takes_arguments_for_the_cdk_cli_too(tmp_path: Path) -> None:
    assert told(tmp_path, "--dry-run", "synth", "CDK_ARGS=--output out").stdout == "cdk synth --quiet --output out\n"
