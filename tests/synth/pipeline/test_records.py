"""A job that deploys: what it records of each ending, and that it brings no older commit over a newer one."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from settings import EnvironmentLocation
from tests.support.github_jobs import Ended, Jobs, NoCredentials
from tests.support.github_runs import MINE, TOKEN, GitHub, commit, serving
from tune.pipeline.deploy import workflow

pytestmark = pytest.mark.slow

JOB: Final = "deploy-prod"
C1, C2, C3 = (commit(number) for number in (1, 2, 3))
WORKFLOW: Final = yaml.safe_load(
    workflow([EnvironmentLocation(name=name, account="111122223333", region="us-east-1") for name in ("dev", "prod")])
)
READER: Final = "arn:aws:iam::111122223333:role/reader"
# In place of the command line: a deploy ends with the code of the file, a report with that of its model, everything
# else with 0.
PYTHON: Final = """#!/bin/sh
case "$*" in
  *" deploy "*) exit "$(cat code)" ;;
  *" report prod faq "*) echo page > reports/faq.html; echo "what was measured, as $ROLE" ;;
  *" report prod bare "*) echo "nothing was evaluated" >&2; exit 1 ;;
  *" report prod denied "*) echo "$ROLE may not read" >&2; exit 2 ;;
esac
"""


@pytest.fixture
def github() -> Iterator[GitHub]:
    """GitHub on this machine, with three commits on `main`."""
    if missing := [name for name in ("bash", "curl", "jq", "unzip", "make") if shutil.which(name) is None]:
        pytest.skip(f"not run: there is no {', '.join(missing)}")
    with serving() as its:
        its.commits = [C1, C2, C3]
        yield its


class Prod:
    """The job for prod in a checkout in which a deploy ends as it is told to."""

    def __init__(self, github: GitHub, folder: Path) -> None:
        self._checkout = folder / "checkout"
        python = self._checkout / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON, encoding="utf-8")
        python.chmod(0o755)
        (self._checkout / "Makefile").write_text("setup-deploy:\n", encoding="utf-8")
        settings = self._checkout / "environments" / "prod"
        settings.mkdir(parents=True)
        for name in ("environment", "faq", "bare", "denied"):
            (settings / f"{name}.toml").touch()
        self.summary = folder / "summary.md"
        self.summary.touch()
        around = {"PATH": "/usr/bin:/bin", "GITHUB_STEP_SUMMARY": str(self.summary), **github.variables}
        self._jobs = Jobs(WORKFLOW, self._checkout, folder, around)
        for run in ("1", "2"):
            (self._jobs.artifacts / run / "assembly").mkdir(parents=True)
        self.given = 0
        self._github = github

    def set_up_fails(self) -> None:
        """Let nothing be installed from now on."""
        (self._checkout / "Makefile").write_text("setup-deploy:\n\t@exit 1\n", encoding="utf-8")

    def deploy(
        self,
        code: int,
        *,
        commit: str = C1,
        tries: str = "",
        is_refused: bool = False,
        continues: str = "",
        reader: str = "",
    ) -> Ended:
        """Run the job of run 1, which may continue an environment; its credentials may be refused."""
        (self._checkout / "code").write_text(str(code), encoding="utf-8")
        known = {"github.token": TOKEN, "github.sha": commit, "needs.continue.outputs.tries": tries}
        known |= {"inputs.environment": continues, "vars.REPORT_ROLE": reader}

        def credentials(role: str) -> Mapping[str, str]:
            if is_refused:
                raise NoCredentials
            self.given += 1
            return {"ROLE": role}

        done = self._jobs.run(JOB, run="1", known=known, credentials=credentials)
        assert TOKEN not in done.log
        return done

    @property
    def reports(self) -> list[str]:
        """The reports that are kept."""
        kept = self._jobs.artifacts / "1" / "reports-prod"
        return sorted(each.name for each in kept.iterdir()) if kept.is_dir() else []

    @property
    def record(self) -> dict[str, str]:
        """What the schedule reads, nothing where none was written."""
        path = self._jobs.artifacts / "1" / JOB / "record.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


@pytest.fixture
def prod(github: GitHub, tmp_path: Path) -> Prod:
    """The job for prod."""
    return Prod(github, tmp_path)


@pytest.mark.parametrize(
    ("code", "state", "tries", "job"),
    [
        (0, "done", "0", 0),
        (1, "failed", "0", 1),
        (2, "unknown", "1", 2),
        (3, "goes_on", "0", 0),
        (137, "failed", "0", 137),
    ],
)
def test_each_ending_is_recorded_and_only_what_failed_or_is_unknown_is_red(
    prod: Prod, code: int, state: str, tries: str, job: int
) -> None:
    done = prod.deploy(code)
    assert (prod.record["state"], prod.record["tries"], prod.record["commit"]) == (state, tries, C1)
    assert (done.code, done.outputs["state"]) == (job, state)


@pytest.mark.parametrize(("code", "state"), [(0, "done"), (4, "failed")])
def test_what_was_measured_is_kept_with_the_run_and_decides_nothing(prod: Prod, code: int, state: str) -> None:
    done = prod.deploy(code, reader=READER)
    assert (done.code, prod.record["state"]) == (code, state)
    assert prod.summary.read_text(encoding="utf-8") == f"what was measured, as {READER}\n"
    assert prod.reports == ["faq.html"]
    assert f"::notice::No report of denied: {READER} may not read" in done.log
    assert "No report of bare" not in done.log


@pytest.mark.parametrize(("code", "reader"), [(3, READER), (0, "")], ids=["it goes on", "no role"])
def test_without_a_role_and_before_the_end_nothing_is_reported(prod: Prod, code: int, reader: str) -> None:
    prod.deploy(code, reader=reader)
    assert prod.reports == []
    assert prod.summary.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("is_refused", [False, True], ids=["AWS does not answer", "no credentials"])
def test_where_nobody_knows_what_goes_on_the_schedule_looks_again_four_times(prod: Prod, is_refused: bool) -> None:
    tries, states = "", []
    for _ in range(5):
        assert prod.deploy(2, tries=tries, is_refused=is_refused).failed
        tries = prod.record["tries"]
        states.append(prod.record["state"])
    assert states == [*["unknown"] * 4, "failed"]


def test_a_run_that_continues_and_comes_to_nothing_is_counted_too(prod: Prod) -> None:
    prod.set_up_fails()
    tries, states = "", []
    for _ in range(5):
        assert prod.deploy(0, tries=tries, continues="prod").failed == "make setup-deploy"
        tries = prod.record["tries"]
        states.append(prod.record["state"])
    assert (states, prod.record["commit"]) == ([*["unknown"] * 4, "failed"], C1)


@pytest.mark.parametrize("continues", ["", "dev"])
def test_a_first_run_that_comes_to_nothing_leaves_no_record(prod: Prod, continues: str) -> None:
    prod.set_up_fails()
    assert prod.deploy(0, continues=continues).failed == "make setup-deploy"
    assert prod.record == {}


@pytest.mark.parametrize("commit", [C1, "gone"])
def test_a_run_that_continues_leaves_the_record_of_what_may_be_newer(prod: Prod, github: GitHub, commit: str) -> None:
    github.record("prod", "goes_on", at=2)
    assert prod.deploy(0, commit=commit, continues="prod").failed == "Refuse an older commit"
    assert prod.record == {}


def test_an_answer_begins_the_count_anew(prod: Prod) -> None:
    prod.deploy(3, tries="4")
    assert (prod.record["state"], prod.record["tries"]) == ("goes_on", "0")


@pytest.mark.parametrize("state", ["begun", "goes_on", "done", "failed"])
def test_a_commit_that_was_approved_late_is_not_brought_over_a_newer_one(
    prod: Prod, github: GitHub, state: str
) -> None:
    github.record("prod", state, at=2)
    done = prod.deploy(0)
    assert (done.failed, done.code) == ("Refuse an older commit", 1)
    assert C2 in done.log
    assert (prod.record, prod.given) == ({}, 0)


@pytest.mark.parametrize("commit", [C2, C3])
def test_the_same_commit_and_a_newer_one_are_deployed(prod: Prod, github: GitHub, commit: str) -> None:
    github.record("prod", "goes_on", at=2)
    assert prod.deploy(0, commit=commit).failed == ""
    assert (prod.record["commit"], prod.given) == (commit, 1)


@pytest.mark.parametrize(
    ("environment", "more"),
    [("dev", {}), ("prod", {"branch": "mine"}), ("prod", {"owner": 2}), ("prod", {"expired": True})],
    ids=["another environment", "another branch", "a fork", "expired"],
)
def test_what_came_elsewhere_does_not_count(prod: Prod, github: GitHub, environment: str, more: dict[str, Any]) -> None:
    github.record(environment, "done", at=2, **more)
    assert prod.deploy(0).failed == ""


@pytest.mark.parametrize(
    "of", [{"event": "pull_request"}, {"head_sha": MINE}], ids=["a pull request", "a tag of another commit"]
)
def test_a_record_of_a_run_that_only_calls_itself_main_hides_none_of_main(
    prod: Prod, github: GitHub, of: dict[str, Any]
) -> None:
    github.record("prod", "done", at=2)
    github.record("prod", "done", at=3, says={"commit": MINE}, **of)
    assert (prod.deploy(0).failed, prod.given) == ("Refuse an older commit", 0)


def test_the_last_record_is_compared(prod: Prod, github: GitHub) -> None:
    github.record("prod", "done", at=3)
    github.record("prod", "done", at=1)
    assert prod.deploy(0, commit=C2).failed == "Refuse an older commit"


def test_without_an_answer_of_github_nothing_is_deployed(prod: Prod, github: GitHub) -> None:
    github.record("prod", "done", at=2)
    assert prod.deploy(0, commit="gone").failed == "Refuse an older commit"
    assert prod.given == 0
