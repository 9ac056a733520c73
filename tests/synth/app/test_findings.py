"""What a synthesis warns of is printed once by a command of the CDK CLI that concerns the stack, and by no other."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from bedrock_tuning.checks.base_model import TODAY
from tests.conftest import ROOT
from tests.support.messages import says
from tests.synth.cli import CDK, without_credentials

# A day on which the base model of this environment has ended.
_DAY: Final = f"{TODAY}=2026-11-23"
_FOUNDATION: Final = "local/Foundation"
_TRAINING: Final = "local/docstrings-Training"
_WARNING: Final = "reached its end of life"
# The roles of an organization, of which none is named.
_NO_ROLE: Final = "organization.roles names no role"


def cdk(*arguments: str, output: Path, environments: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the CDK CLI on the environment; without credentials it goes as far as the synthesis and its findings."""
    folder = ("-c", f"environments={environments}") if environments else ()
    return subprocess.run(
        [CDK, *arguments, "-c", "only=local", "-c", _DAY, *folder, "--output", str(output)],
        cwd=ROOT,
        env=without_credentials(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "times"),
    [
        (("bootstrap",), 0),
        (("deploy", _FOUNDATION), 0),
        (("deploy", "local/*"), 1),
        (("synth", "--quiet"), 1),
        (("synth", "--quiet", _FOUNDATION, "--exclusively"), 0),
        (("synth", "--quiet", _TRAINING, "--exclusively"), 1),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else None,
)
def test_a_warning_is_printed_once_and_only_about_a_stack_that_is_asked_for(
    command: Sequence[str], times: int, tmp_path: Path
) -> None:
    run = cdk(*command, output=tmp_path)
    assert list(tmp_path.rglob("*.template.json")), run.stdout
    assert run.stdout.count(_WARNING) == times, run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("stacks", [(), (_FOUNDATION, "--exclusively")], ids=["every stack", "Foundation"])
def test_an_error_about_an_environment_ends_a_synthesis_and_is_printed_once(
    stacks: Sequence[str], tmp_path: Path
) -> None:
    run = cdk("synth", "--quiet", *stacks, output=tmp_path / "out", environments=without_roles(tmp_path))
    assert run.returncode == 1
    assert run.stdout.count(_NO_ROLE) == 1, run.stdout
    assert says(run.stdout, _NO_ROLE, "Foundation/ServiceRole")


def without_roles(folder: Path) -> Path:
    """Return a folder of settings whose environment is to make no role, and names none."""
    environments = folder / "environments"
    (environments / "local").mkdir(parents=True)
    for path in (ROOT / "environments" / "local").iterdir():
        text = path.read_text(encoding="utf-8").replace('"../../examples/', f'"{ROOT}/examples/')
        (environments / "local" / path.name).write_text(text, encoding="utf-8")
    with (environments / "local" / "environment.toml").open("a", encoding="utf-8") as file:
        file.write("\n[organization.roles]\n")
    return environments
