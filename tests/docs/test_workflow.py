"""The own workflow runs all of `make test`, by its parts; the one for a team asks for no more than it needs."""

import re
import tomllib
from typing import Any, Final

import yaml

from tests.conftest import ROOT
from tune.pipeline.files import text

_FILE: Final = ROOT / ".github" / "workflows" / "ci.yml"
WORKFLOW: Final[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
JOBS: Final[dict[str, Any]] = WORKFLOW["jobs"]
REVIEW: Final[dict[Any, Any]] = yaml.safe_load(text("review.yml"))
STEPS: Final = [step for job in REVIEW["jobs"].values() for step in job["steps"]]


def runs(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_its_jobs_together_are_make_test() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    parts = re.search(r"^test: ([^#]+)", makefile, re.MULTILINE)
    assert parts
    asked = [word for job in JOBS for line in runs(job) for word in line.removeprefix("make ").split()]
    assert sorted(asked) == sorted(parts[1].split())


def test_the_quick_checks_run_with_every_python_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons = JOBS["check"]["strategy"]["matrix"]["python"]
    assert f">={pythons[0]}" == project["requires-python"]
    assert pythons == [f"3.{minor}" for minor in range(11, 11 + len(pythons))]


def test_it_may_only_read() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in JOBS.values())


def test_the_hooks_before_a_commit_are_read_by_pre_commit() -> None:
    from pre_commit.clientlib import load_config

    (repository,) = load_config(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == ["ruff-check", "ruff-format", "pages"]


def test_a_review_runs_for_pull_requests_and_may_read_them_and_comment() -> None:
    assert REVIEW[True] == "pull_request"  # YAML 1.1 reads `on` as true
    assert REVIEW["permissions"] == {"contents": "read"}
    permissions = {name: job["permissions"] for name, job in REVIEW["jobs"].items()}
    assert permissions == {
        "review": {"contents": "read", "pull-requests": "write"},
        "live": {"contents": "read", "id-token": "write"},
    }


def test_a_review_has_credentials_only_where_a_team_names_a_role_and_never_for_a_fork() -> None:
    jobs = [name for name, job in REVIEW["jobs"].items() if "aws-actions" in str(job) or "id-token" in str(job)]
    assert jobs == ["live"]
    conditions = {its.strip() for its in REVIEW["jobs"]["live"]["if"].split("&&")}
    assert conditions == {
        "vars.REVIEW_ROLE != ''",
        "github.event.pull_request.head.repo.full_name == github.repository",
    }


def test_nothing_from_a_pull_request_becomes_code() -> None:
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_the_token_stays_out_of_the_checkout_and_of_every_step_but_one() -> None:
    checkouts = [step for step in STEPS if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"] for step in checkouts] == [{"fetch-depth": 0, "persist-credentials": False}] * 2
    assert [step["name"] for step in STEPS if "github.token" in str(step)] == ["Comment"]


def test_a_review_takes_the_actions_that_the_own_checks_take() -> None:
    used = {step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step}
    also = {"actions/upload-artifact@v6", "aws-actions/configure-aws-credentials@v5"}
    assert {step["uses"] for step in STEPS if "uses" in step} == used | also
