"""The workflow of the project's own checks runs everything that `make test` runs, by its parts."""

import re
import tomllib
from typing import Any, Final

import yaml

from tests.conftest import ROOT

_FILE: Final = ROOT / ".github" / "workflows" / "ci.yml"
WORKFLOW: Final[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
JOBS: Final[dict[str, Any]] = WORKFLOW["jobs"]


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
