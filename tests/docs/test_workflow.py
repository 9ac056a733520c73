"""The own workflow runs all of `make test`, by its parts; the one for a team asks for no more than it needs."""

import re
import tomllib
from typing import Any, Final

import yaml

from settings import EnvironmentLocation
from tests.conftest import ROOT
from tune.pipeline.deploy import workflow
from tune.pipeline.files import text

_FILE: Final = ROOT / ".github" / "workflows" / "ci.yml"
WORKFLOW: Final[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
JOBS: Final[dict[str, Any]] = WORKFLOW["jobs"]
REVIEW: Final[dict[Any, Any]] = yaml.safe_load(text("review.yml"))
DEPLOY: Final[dict[Any, Any]] = yaml.safe_load(
    workflow(
        [
            EnvironmentLocation(name=name, account="111122223333", region=region)
            for name, region in (("dev", "us-east-1"), ("staging", "us-east-1"), ("prod", "us-west-2"))
        ],
        {"staging": ["dev"], "prod": ["dev"]},
    )
)
DEPLOY_JOBS: Final[dict[str, Any]] = DEPLOY["jobs"]
PROMOTES: Final = {name: job for name, job in DEPLOY_JOBS.items() if name.startswith("promote-")}
DEPLOYS: Final = {name: job for name, job in DEPLOY_JOBS.items() if name.startswith("deploy-")}
INSTALL: Final = {"setup", "build/checkov"}
STEPS: Final = [step for job in REVIEW["jobs"].values() for step in job["steps"]]


def runs(job: str) -> list[str]:
    return [step["run"] for step in JOBS[job]["steps"] if "run" in step]


def test_its_jobs_together_are_make_test() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^test:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    lines = [line.split() for line in recipe.splitlines()]
    assert all(line[0].removeprefix("@") == "$(MAKE)" for line in lines)
    targets = [word for line in lines for word in line[1:] if re.search(rf"^{word}:", makefile, re.MULTILINE)]
    parts = [each for each in targets if each not in INSTALL]
    asked = [word for job in JOBS for line in runs(job) for word in line.removeprefix("make ").split()]
    assert sorted(asked) == sorted(parts)


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


# --- deploy.yml --------------------------------------------------------------------------------------------------


def steps_of(job: str, action: str) -> list[dict[str, Any]]:
    """Return what the steps of a job give to an action."""
    return [its.get("with", {}) for its in DEPLOY_JOBS[job]["steps"] if its.get("uses", "").startswith(f"{action}@")]


def test_a_deployment_begins_on_main_by_schedule_or_by_hand_and_never_for_a_pull_request() -> None:
    triggers = DEPLOY[True]
    assert triggers.keys() == {"push", "schedule", "workflow_dispatch"}
    assert triggers["push"] == {"branches": ["main"]}
    conditions = " ".join(job["if"] for job in DEPLOY_JOBS.values())
    for schedule in triggers["schedule"]:
        assert f"github.event.schedule == '{schedule['cron']}'" in conditions


def test_each_job_of_a_deployment_may_do_what_it_needs() -> None:
    deploys = {"actions": "read", "contents": "read", "id-token": "write"}
    proposes = {"contents": "write", "id-token": "write", "pull-requests": "write"}
    assert DEPLOY["permissions"] == {"contents": "read"}
    assert {name: job["permissions"] for name, job in DEPLOY_JOBS.items()} == {
        "synth": {"contents": "read"},
        "continue": {"actions": "write", "contents": "read"},
        "deploy-dev": deploys,
        "promote-staging": proposes,
        "approve-staging": {},
        "deploy-staging": deploys,
        "promote-prod": proposes,
        "approve-prod": {},
        "deploy-prod": deploys,
        "nightly": {"contents": "read", "id-token": "write"},
    }
    with_credentials = [name for name in DEPLOY_JOBS if steps_of(name, "aws-actions/configure-aws-credentials")]
    assert sorted(with_credentials) == sorted([*DEPLOYS, *PROMOTES, "nightly"])


def test_no_expression_becomes_code_and_the_token_stays_where_github_is_asked() -> None:
    steps = [(name, its) for name, job in DEPLOY_JOBS.items() for its in job["steps"]]
    assert [its["run"] for _, its in steps if "${{" in its.get("run", "")] == []
    assert "${{" not in str(DEPLOY["env"])
    with_token = [(name, its.get("name", its.get("uses"))) for name, its in steps if "github.token" in str(its)]
    asks = ("Refuse an older commit", "actions/download-artifact@v7")
    expected = [("continue", "Find"), *((name, step) for name in DEPLOYS for step in asks)]
    assert sorted(with_token) == sorted([*expected, *((name, "Promote") for name in PROMOTES)])
    assert all(
        each["persist-credentials"] is False for name in DEPLOY_JOBS for each in steps_of(name, "actions/checkout")
    )


def test_environments_come_one_after_the_other_each_with_its_own_approval_and_tokens() -> None:
    assert {name: job["needs"] for name, job in DEPLOY_JOBS.items() if "needs" in job} == {
        "deploy-dev": ["synth", "continue"],
        "promote-staging": ["continue", "deploy-dev"],
        "approve-staging": ["continue", "deploy-dev"],
        "deploy-staging": ["synth", "continue", "approve-staging"],
        "promote-prod": ["continue", "deploy-staging"],
        "approve-prod": ["continue", "deploy-staging"],
        "deploy-prod": ["synth", "continue", "approve-prod"],
    }
    assert {name: job["environment"] for name, job in DEPLOY_JOBS.items() if "environment" in job} == {
        **{f"deploy-{name}": name for name in ("dev", "staging", "prod")},
        **{f"approve-{name}": f"{name}-approval" for name in ("staging", "prod")},
        "promote-staging": "dev",
        "promote-prod": "staging",
        "nightly": "${{ matrix.environment }}",
    }
    for name, before in (
        *(("approve-staging", "deploy-dev"), ("approve-prod", "deploy-staging")),
        *(("promote-staging", "deploy-dev"), ("promote-prod", "deploy-staging")),
    ):
        assert DEPLOY_JOBS[name]["if"] == f"${{{{ !cancelled() && needs.{before}.outputs.state == 'done' }}}}"
        if name.startswith("approve-"):
            assert "${{ needs.continue.outputs.commit || github.sha }}" in DEPLOY_JOBS[name]["name"]


def test_one_job_at_a_time_is_at_an_environment_and_none_is_ended_for_another() -> None:
    expected = {
        **{name: {"group": name, "cancel-in-progress": False, "queue": "max"} for name in DEPLOYS},
        **{name: {"group": name, "cancel-in-progress": False} for name in PROMOTES},
    }
    assert {name: job["concurrency"] for name, job in DEPLOY_JOBS.items() if "concurrency" in job} == expected


def test_what_asks_aws_ends_as_a_failure_before_the_job_is_canceled() -> None:
    for job in (DEPLOY_JOBS[name] for name in DEPLOYS):
        asks = [
            its
            for its in job["steps"]
            if its.get("name") in ("Deploy", "Report") or "aws-actions/" in its.get("uses", "")
        ]
        assert len(asks) == 4
        assert sum(its["timeout-minutes"] for its in asks) <= job["timeout-minutes"] - 5


def test_every_job_deploys_the_assembly_that_was_synthesized_once_and_checks_it_before_it_has_credentials() -> None:
    synthesizing = [name for name, job in DEPLOY_JOBS.items() if "cdk synth" in str(job)]
    assert synthesizing == ["synth"]
    (kept,) = steps_of("synth", "actions/upload-artifact")
    for job in DEPLOYS:
        (taken,) = steps_of(job, "actions/download-artifact")
        assert (taken["name"], taken["run-id"]) == (kept["name"], "${{ env.RUN }}")
        texts = [its.get("run", its.get("uses", "")) for its in DEPLOY_JOBS[job]["steps"]]
        order = [
            next(number for number, text in enumerate(texts) if part in text)
            for part in (
                "newer commit",
                "download-artifact",
                "--expect",
                "begun",
                "configure-aws-credentials",
                "--detach",
            )
        ]
        assert order == sorted(order)


def test_what_is_proposed_is_asked_of_the_environment_that_gives_it_and_read_from_main() -> None:
    for name, giver in (("promote-staging", "dev"), ("promote-prod", "staging")):
        (taken,) = steps_of(name, "actions/checkout")
        assert (taken["ref"], taken["fetch-depth"]) == ("main", 0)
        (its,) = steps_of(name, "aws-actions/configure-aws-credentials")
        assert its == {"role-to-assume": "${{ vars.DEPLOY_ROLE }}", "aws-region": "us-east-1"}
        assert f"tune promote {giver} {name.removeprefix('promote-')} " in str(DEPLOY_JOBS[name]["steps"])


def test_a_deployment_takes_the_actions_that_the_other_workflows_take() -> None:
    known = {step["uses"] for step in STEPS if "uses" in step}
    used = {step["uses"] for job in DEPLOY_JOBS.values() for step in job["steps"] if "uses" in step}
    assert used - known == {"actions/download-artifact@v7"}


def test_every_night_each_environment_is_looked_at() -> None:
    (matrix,) = DEPLOY_JOBS["nightly"]["strategy"]["matrix"].values()
    assert matrix == [
        {"environment": "dev", "region": "us-east-1"},
        {"environment": "staging", "region": "us-east-1"},
        {"environment": "prod", "region": "us-west-2"},
    ]
    assert DEPLOY["env"]["ENVIRONMENTS"] == "dev staging prod"
