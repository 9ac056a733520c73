"""The schedule of the workflow that deploys: which environment it continues, with which assembly."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from settings import EnvironmentLocation
from tests.support.github_jobs import Ended, Jobs
from tests.support.github_runs import DIGEST, TOKEN, GitHub, serving
from tune.pipeline.deploy import workflow

pytestmark = pytest.mark.slow

OWN: Final = 7
ENVIRONMENTS: Final = [
    EnvironmentLocation(name=name, account="111122223333", region="us-east-1") for name in ("dev", "prod")
]


@pytest.fixture
def github() -> Iterator[GitHub]:
    """GitHub on this machine, where only the run of the job is in progress."""
    if missing := [name for name in ("bash", "curl", "jq", "unzip") if shutil.which(name) is None]:
        pytest.skip(f"not run: there is no {', '.join(missing)}")
    with serving() as its:
        its.running = {"in_progress": [OWN]}
        yield its


def found(github: GitHub, folder: Path, environment: str = "") -> Ended:
    """Run the job, on the schedule or for an environment."""
    text = yaml.safe_load(workflow(ENVIRONMENTS))
    checkout = folder / "checkout"
    checkout.mkdir()
    variables = {"PATH": "/usr/bin:/bin", "GITHUB_RUN_ID": str(OWN), **github.variables, **text["env"]}
    known = {"github.token": TOKEN, "inputs.environment": environment}
    done = Jobs(text, checkout, folder, variables).run("continue", run=str(OWN), known=known, credentials=lambda _: {})
    assert done.failed == "", done.log
    assert TOKEN not in done.log
    return done


def continued(github: GitHub, folder: Path) -> list[str]:
    """Return the environments that the schedule continues."""
    found(github, folder)
    assert {each["ref"] for each in github.dispatched} <= {"main"}
    return [each["inputs"]["environment"] for each in github.dispatched]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("begun", ["dev"]),
        ("goes_on", ["dev"]),
        ("unknown", ["dev"]),
        ("done", []),
        ("failed", []),
        ("cancelled", []),
    ],
)
def test_what_was_begun_and_what_goes_on_is_continued(
    github: GitHub, tmp_path: Path, state: str, expected: list[str]
) -> None:
    github.record("dev", state, at=1)
    assert continued(github, tmp_path) == expected


def test_each_environment_is_continued_by_itself(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=2)
    github.record("prod", "begun", at=1)
    assert continued(github, tmp_path) == ["dev", "prod"]


def test_the_last_record_counts(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "done", at=2)
    github.record("dev", "goes_on", at=1)
    assert continued(github, tmp_path) == []


@pytest.mark.parametrize("more", [{"branch": "mine"}, {"owner": 2}, {"expired": True}], ids=str)
def test_a_record_of_another_branch_of_a_fork_or_that_has_expired_does_not_count(
    github: GitHub, tmp_path: Path, more: dict[str, Any]
) -> None:
    github.record("dev", "goes_on", at=2, **more)
    github.record("prod", "goes_on", at=1)
    assert continued(github, tmp_path) == ["prod"]


@pytest.mark.parametrize("status", ["queued", "pending", "in_progress"])
def test_while_another_run_is_not_done_nothing_is_continued(github: GitHub, tmp_path: Path, status: str) -> None:
    github.record("dev", "goes_on", at=1)
    github.running = {"in_progress": [OWN], status: [OWN + 1]}
    assert continued(github, tmp_path) == []


def test_a_run_for_an_environment_takes_the_assembly_that_was_begun_there(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=3)
    github.record("prod", "begun", at=2)
    done = found(github, tmp_path, "dev")
    assert done.outputs == {"run": "3", "commit": "c3", "digest": DIGEST, "tries": "0"}
    assert github.dispatched == []


def test_a_run_for_an_environment_in_which_nothing_is_in_progress_finds_nothing(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=3)
    github.record("prod", "done", at=2)
    assert found(github, tmp_path, "prod").outputs == dict.fromkeys(("run", "commit", "digest", "tries"), "")
