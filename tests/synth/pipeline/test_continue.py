"""The schedule of the workflow that deploys: which environment it continues, with which assembly."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from settings import EnvironmentLocation
from tests.support.github_jobs import Ended, Jobs
from tests.support.github_runs import DIGEST, MINE, TOKEN, GitHub, commit, serving
from tune.pipeline.deploy import workflow

pytestmark = pytest.mark.slow

OWN: Final = 7
ENVIRONMENTS: Final = [
    EnvironmentLocation(name=name, account="111122223333", region="us-east-1") for name in ("dev", "prod")
]
# The run of a pushed tag `main`, of a pull request whose head is `main`, and of another file.
FORGED: Final = {
    "a tag": {"head_sha": MINE},
    "a tag of a commit that shares nothing": {"head_sha": "f" * 40},
    "a pull request": {"event": "pull_request", "head_sha": commit(3)},
    "another workflow": {"path": ".github/workflows/mine.yml"},
    "another workflow with a name that begins so": {"path": ".github/workflows/deploy.yml.yml"},
}
BELIEVED: Final = {
    "a push": {"event": "push", "head_sha": commit(1)},
    "the schedule": {"event": "schedule"},
    "by hand": {"event": "workflow_dispatch", "path": ".github/workflows/deploy.yml@refs/heads/main"},
}
UNKNOWN: Final = {
    "a line more": {"run": "1\ntries=9"},
    "no run": {"run": ""},
    "a branch": {"commit": "main"},
    "no digest": {"digest": "d1"},
    "a state": {"state": "began"},
    "code": {"tries": "a[$(id)]"},
}


@pytest.fixture
def github() -> Iterator[GitHub]:
    """GitHub on this machine, where only the run of the job is in progress."""
    if missing := [name for name in ("bash", "curl", "jq", "unzip") if shutil.which(name) is None]:
        pytest.skip(f"not run: there is no {', '.join(missing)}")
    with serving() as its:
        its.running = {"in_progress": [OWN]}
        its.commits = [commit(1), commit(2), commit(3)]
        yield its


def found(github: GitHub, folder: Path, environment: str = "") -> Ended:
    """Run the job, on the schedule or for an environment."""
    text = yaml.safe_load(workflow(ENVIRONMENTS))
    checkout = folder / "checkout"
    checkout.mkdir()
    variables = {"PATH": "/usr/bin:/bin", "GITHUB_RUN_ID": str(OWN), **github.variables, **text["env"]}
    known = {"github.token": TOKEN, "inputs.environment": environment}
    done = Jobs(text, checkout, folder, variables).run("continue", run=str(OWN), known=known, credentials=lambda _: {})
    assert TOKEN not in done.log
    return done


def continued(github: GitHub, folder: Path) -> list[str]:
    """Return the environments that the schedule continues."""
    done = found(github, folder)
    assert done.failed == "", done.log
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


@pytest.mark.parametrize("of", FORGED.values(), ids=FORGED.keys())
def test_a_record_of_a_run_that_only_calls_itself_main_does_not_count(
    github: GitHub, tmp_path: Path, of: dict[str, Any]
) -> None:
    github.record("prod", "done", at=1)
    github.record("prod", "begun", at=2, says={"commit": MINE}, **of)
    assert continued(github, tmp_path) == []


@pytest.mark.parametrize("of", BELIEVED.values(), ids=BELIEVED.keys())
def test_a_record_of_a_run_of_main_counts(github: GitHub, tmp_path: Path, of: dict[str, Any]) -> None:
    github.record("prod", "goes_on", at=2, **of)
    assert continued(github, tmp_path) == ["prod"]


def test_a_true_record_is_found_behind_pages_of_others(github: GitHub, tmp_path: Path) -> None:
    github.page = 2
    github.record("prod", "goes_on", at=1)
    for at in range(2, 7):
        github.record("prod", "done", at=at, owner=2)
    assert continued(github, tmp_path) == ["prod"]


@pytest.mark.parametrize("says", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_record_that_says_anything_else_ends_the_job(github: GitHub, tmp_path: Path, says: dict[str, str]) -> None:
    github.record("prod", "begun", at=1, says=says)
    done = found(github, tmp_path, "prod")
    assert (done.failed, set(done.outputs.values())) == ("Find", {""})
    assert "::error::" in done.log


@pytest.mark.parametrize("status", ["queued", "pending", "in_progress"])
def test_while_another_run_is_not_done_nothing_is_continued(github: GitHub, tmp_path: Path, status: str) -> None:
    github.record("dev", "goes_on", at=1)
    github.running = {"in_progress": [OWN], status: [OWN + 1]}
    assert continued(github, tmp_path) == []


def test_a_run_for_an_environment_takes_the_assembly_that_was_begun_there(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=3)
    github.record("prod", "begun", at=2)
    done = found(github, tmp_path, "dev")
    assert done.outputs == {"run": "3", "commit": commit(3), "digest": DIGEST, "tries": "0"}
    assert github.dispatched == []


def test_a_run_for_an_environment_in_which_nothing_is_in_progress_finds_nothing(github: GitHub, tmp_path: Path) -> None:
    github.record("dev", "goes_on", at=3)
    github.record("prod", "done", at=2)
    assert found(github, tmp_path, "prod").outputs == dict.fromkeys(("run", "commit", "digest", "tries"), "")
