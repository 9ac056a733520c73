"""A pipeline is set up by the lines of its page alone, and carries a commit from dev to prod by its own lines.

The jobs have tokens of GitHub, and credentials of a tools account for 15 minutes.
"""

import json
import os
import re
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox import cdk
from sandbox.options import Options
from sandbox.server import Sandbox, running
from tests.conftest import ROOT
from tests.e2e import aws_cli
from tests.e2e.account import Account
from tests.e2e.accounts import MODEL, TOOLS, Accounts, Credentials, bootstrap_role
from tests.e2e.dev_example import answers_as_taught
from tests.e2e.environment_example import EnvironmentExample
from tests.e2e.local_aws import MINUTES
from tests.e2e.patience import until
from tests.e2e.project import FAST_POLLING
from tests.support.github_jobs import Ended, Jobs, Kill, checkout
from tests.support.github_runs import GitHub, serving
from tests.support.github_workflow import Run, Runs

pytestmark = pytest.mark.sandbox

_REGION: Final = EnvironmentExample("dev").settings()["region"]
_TRAINING_MINUTES: Final = 9 * 60
# A little longer than a request waits.
_STEP_MINUTES: Final = 46
_CREDENTIALS_MINUTES: Final = 15
_KILL_HOOK: Final = Path(__file__).parent / "kill_hook"
_PAGE: Final = (ROOT / "docs" / "how-to" / "set-up-pipeline.md").read_text(encoding="utf-8")
_ACCOUNTS: Final = {"dev": MODEL, "staging": "333333333333", "prod": "444444444444"}


def blocks(language: str = "") -> list[str]:
    """Return the blocks of code of the page, in a list item or not."""
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", _PAGE, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(text) for _, its, text in found if its == language]


def lines_of_page(begins: str) -> list[str]:
    """Return the lines of the one block that begins so; continued ones in one."""
    (found,) = (each for each in blocks() if each.startswith(begins))
    return re.sub(r" *\\\n\s*", " ", found).splitlines()


@pytest.fixture(scope="module")
def accounts() -> Iterator[Accounts]:
    """Accounts in which nothing was made yet, and in which time passes only when a test lets it."""
    minutes = {**MINUTES, "training": float(_TRAINING_MINUTES)}
    with running(Options(rate=1, minutes=minutes, quotas={}, simulated_sessions=True)) as sandbox:
        sandbox.control("clock", {"rate": 0})
        yield Accounts(sandbox)


@pytest.fixture(scope="module")
def sandbox(accounts: Accounts) -> Sandbox:
    """That of the accounts."""
    return accounts.sandbox


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    """GitHub on this machine."""
    with serving() as its:
        yield its


class Team:
    """A team that follows the page in a repository of its own."""

    def __init__(self, accounts: Accounts, folder: Path) -> None:
        self._accounts = accounts
        self._folder = folder
        self.checkout = folder / "checkout"
        self.commit = checkout(self.checkout, self._write_settings)
        path = os.pathsep.join((str(aws_cli.install(folder / "programs")), os.environ["PATH"]))
        variables = {
            "PATH": path,
            "NODE_OPTIONS": f"--require {FAST_POLLING}",
            "NODE_COMPILE_CACHE": str(folder / "compiled"),
            "CDK_OUTPUT": "",
        }
        self.environment = cdk.environment(accounts.sandbox, variables)
        install, self._in_each_terminal = lines_of_page("make setup-deploy\nexport")
        self.type(install)

    def let_in(self, pool: ThreadPoolExecutor) -> None:
        """Follow the page in each account, as its administrator."""

        def run(line: str, environment: str, **variables: str) -> None:
            its = _ACCOUNTS[environment]
            own = (
                _placed(line, its)
                .replace("only=dev", f"only={environment}")
                .replace("policy dev", f"policy {environment}")
            )
            self.type(own, account=its, **variables)

        bootstrap, *others = lines_of_page("cdk bootstrap")
        # What is synthesized for the first serves the others: a bootstrap only looks at it.
        first, *rest = _ACCOUNTS
        synthesized = str(self._folder / first)
        run(bootstrap, first, CDK_OUTPUT=synthesized)
        list(pool.map(lambda environment: run(bootstrap, environment, CDK_APP=synthesized), rest))
        for environment in _ACCOUNTS:
            for line in others:
                run(line, environment)

    def give_access(self) -> dict[str, str]:
        """Deploy what gives access, as the administrator of the tools account; return the role for each environment."""
        (line,) = lines_of_page("cdk deploy PipelineAccess")
        outputs = self._folder / "outputs.json"
        how = f" --require-approval never --outputs-file {outputs}"
        self.type(line + how, account=TOOLS, CDK_OUTPUT=str(self._folder / "tools"))
        found = json.loads(outputs.read_text(encoding="utf-8"))["PipelineAccess"]
        roles = {name: arn for name in _ACCOUNTS for key, arn in found.items() if f"Access{name}Arn" in key}
        assert len(roles) == len(found) == len(_ACCOUNTS)
        return roles

    def write_workflow(self) -> dict[Any, Any]:
        """Write the workflow, and return what GitHub reads."""
        (line,) = lines_of_page("python -m tune pipeline github --deploy\n")
        self.type(line)
        text = (self.checkout / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
        workflow: dict[Any, Any] = yaml.safe_load(text)
        return workflow

    def type(self, line: str, *, account: str = "", **variables: str) -> None:
        """Run a line of the page in the repository, without credentials or with those of an account's administrator."""
        keys = {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": account and "test"}
        environment = {**self.environment, **keys, **variables}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{self._in_each_terminal}\n{line}"],
            cwd=self.checkout,
            env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    def _write_settings(self, folder: Path) -> None:
        """Make the folders of the environments, of which only dev has a model, and write what the page says."""
        environments = folder / "environments"
        for each in (environments / "local").iterdir():
            each.unlink()
        place = environments / "dev" / "environment.toml"
        text = place.read_text(encoding="utf-8")
        for name, account in _ACCOUNTS.items():
            (environments / name).mkdir(exist_ok=True)
            its = environments / name / place.name
            its.write_text(_placed(text, account), encoding="utf-8")
        (settings,) = blocks("toml")
        with (environments / "app.toml").open("a", encoding="utf-8") as app:
            app.write(_placed(settings))


def _placed(text: str, account: str = "") -> str:
    """Return words of the page with the accounts of the sandbox."""
    return text.replace("999988887777", TOOLS).replace("111122223333", account)


class Pipeline:
    """What a team has set up, and GitHub runs."""

    def __init__(self, accounts: Accounts, github: GitHub, folder: Path) -> None:
        self._accounts = accounts
        self._folder = folder
        self.given: list[Credentials] = []
        team = Team(accounts, folder)
        with ThreadPoolExecutor() as pool:
            letting_in = pool.submit(team.let_in, pool)
            giving = pool.submit(team.give_access)
            letting_in.result()
            self.roles = giving.result()
        workflow = team.write_workflow()
        variables = {**team.environment, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", **github.variables}
        self.jobs = Jobs(workflow, team.checkout, folder, variables, github)
        self.runs = Runs(
            workflow, self.jobs, github, commit=team.commit, roles=self.roles, credentials=self._credentials
        )

    @property
    def assembly(self) -> Path:
        """What the run of the push keeps."""
        return self.jobs.artifacts / "1" / "assembly"

    def kill_after(self, operation: str) -> Kill:
        """Return how a machine is lost when an operation of AWS has taken effect, and before anybody knows."""
        folder = self._folder / "kills"
        folder.mkdir(exist_ok=True)
        (folder / operation).touch()
        killed = folder / f"{operation}.killed"
        killed.unlink(missing_ok=True)
        hook = {"PYTHONPATH": str(_KILL_HOOK), "KILL_AFTER": str(folder), "_LAMBDA_FUNCTION_ARN": "none"}
        return Kill("Deploy", lambda _: killed.exists(), hook)

    def go_on(self, environment: str, kill: Kill | None = None) -> tuple[Run, Ended]:
        """Let the schedule continue what is in progress in an environment, and nothing else."""
        (run,) = self.runs.tick(kill)
        (job,) = (each for each in run.ended if each.startswith("deploy-"))
        assert job == f"deploy-{environment}"
        assert run.ended[job].killed is (kill is not None), run.ended[job].log
        return run, run.ended[job]

    def _credentials(self, environment: str, role: str) -> Mapping[str, str]:
        token = self._accounts.token(subject=f"repo:acme/models:environment:{environment}")
        its = self._accounts.credentials_by_web_identity(role, _CREDENTIALS_MINUTES, token=token)
        self.given.append(its)
        return its.variables


@pytest.fixture(scope="module")
def pipeline(accounts: Accounts, github: GitHub, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The pipeline of a new repository."""
    return Pipeline(accounts, github, tmp_path_factory.mktemp("pipeline"))


def refused(accounts: Accounts, who: Credentials, service: str, call: str, **arguments: Any) -> str:
    """Return the code with which a call is refused, nothing if it is not."""
    try:
        getattr(accounts.client(service, who, _REGION), call)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def saying(text: str) -> Kill:
    """Return how a machine is lost when the deployment says something."""
    return Kill("Deploy", lambda log: text in log)


def test_the_pipelines_role_may_assume_the_bootstrap_roles_and_nothing_else(
    accounts: Accounts, pipeline: Pipeline
) -> None:
    job = accounts.credentials_by_web_identity(pipeline.roles["dev"])
    kinds = ("deploy", "file-publishing", "lookup", "cfn-exec", "image-publishing")

    def assume(arn: str) -> str:
        return refused(accounts, job, "sts", "assume_role", RoleArn=arn, RoleSessionName="job")

    answers = {kind: assume(bootstrap_role(kind, region=_REGION)) for kind in kinds}
    assert answers == {
        **dict.fromkeys(("deploy", "file-publishing", "lookup"), ""),
        **dict.fromkeys(("cfn-exec", "image-publishing"), "AccessDenied"),
    }
    trusting = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TOOLS}:root"}, "Action": "sts:AssumeRole"}
    assert assume(accounts.make_role(MODEL, "open", trusting)) == "AccessDenied"
    calls = {
        "bedrock": "list_custom_models",
        "cloudformation": "describe_stacks",
        "iam": "list_roles",
        "s3": "list_buckets",
        "ssm": "describe_parameters",
    }
    for service, call in calls.items():
        assert refused(accounts, job, service, call) in ("AccessDenied", "AccessDeniedException"), service


@pytest.mark.parametrize("subject", ["repo:acme/models:environment:prod", "repo:acme/models:ref:refs/heads/main"])
def test_a_job_of_another_environment_or_of_none_gets_no_role(
    accounts: Accounts, pipeline: Pipeline, subject: str
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        accounts.credentials_by_web_identity(pipeline.roles["dev"], token=accounts.token(subject=subject))


def test_a_commit_is_carried_from_dev_to_prod_by_jobs_that_are_killed_anywhere(
    accounts: Accounts, pipeline: Pipeline
) -> None:
    """Dev by jobs of which ten are lost; staging and prod behind an approval, each asked for once."""
    dev = Account(accounts.sandbox, "dev", name="docstrings", region=_REGION)
    runtime = accounts.sandbox.client("bedrock-runtime", _REGION)
    creating = saying("creating CloudFormation changeset")

    first = pipeline.runs.push(creating)
    assert (first.ended["deploy-dev"].killed, first.waiting) == (True, [])
    pipeline.go_on("dev", pipeline.kill_after("DescribeChangeSet"))
    pipeline.go_on("dev", pipeline.kill_after("ExecuteChangeSet"))
    until(lambda: is_complete(dev, "Foundation"))
    assert_a_changed_assembly_is_refused(pipeline)
    pipeline.go_on("dev", creating)
    pipeline.go_on("dev", pipeline.kill_after("DescribeChangeSet"))
    pipeline.go_on("dev", pipeline.kill_after("ExecuteChangeSet"))
    until(lambda: bool(dev.jobs()))
    pipeline.go_on("dev", pipeline.kill_after("DescribeStacks"))

    turns = 0
    while not is_complete(dev, "Training"):
        if turns == 5:
            run, done = pipeline.go_on("dev")
            assert (done.failed, done.outputs, run.waiting) == ("", {"state": "goes_on"}, []), done.log
            assert "::notice::" in done.log
        turn_the_clock(accounts, dev)
        turns += 1
    assert turns * _STEP_MINUTES >= _TRAINING_MINUTES
    assert refused(accounts, pipeline.given[0], "sts", "get_caller_identity") == "ExpiredToken"

    pipeline.go_on("dev", creating)
    pipeline.go_on("dev", pipeline.kill_after("DescribeChangeSet"))
    pipeline.go_on("dev", pipeline.kill_after("ExecuteChangeSet"))
    wait_for(accounts, dev, "Serving")
    run, done = pipeline.go_on("dev")

    assert (done.failed, done.outputs) == ("", {"state": "done"}), done.log
    assert [job["status"] for job in dev.jobs()] == ["Completed"]
    assert [each["deleted"] for each in dev.deployments()] == [False]
    assert {(its.type, its.status) for its in dev.requests()} == {("Create", "SUCCESS")}
    assert answers_as_taught(runtime, dev.deployment()["customModelDeploymentArn"])
    night = pipeline.runs.night(only="dev").ended["nightly"]
    assert night.failed == "", night.log

    for environment in ("staging", "prod"):
        run = carry_on(accounts, pipeline, run, environment)
    assert (run.waiting, pipeline.runs.tick()) == ([], [])


def carry_on(accounts: Accounts, pipeline: Pipeline, run: Run, environment: str) -> Run:
    """Approve an environment, see the schedule carry it to its end without asking again, and return the last run."""
    there = accounts.sandbox.client("cloudformation", _REGION, account=_ACCOUNTS[environment])

    def foundation() -> list[str]:
        stacks = there.describe_stacks()["Stacks"]
        return [each["StackStatus"] for each in stacks if each["StackName"].endswith("-Foundation")]

    assert (run.waiting, foundation()) == ([f"approve-{environment}"], [])
    assert pipeline.runs.tick() == []
    assert foundation() == []
    run.approve(f"{environment}-approval")
    begun = run.ended[f"deploy-{environment}"]
    assert (begun.failed, begun.outputs, run.waiting) == ("", {"state": "goes_on"}, []), begun.log
    until(lambda: foundation() == ["CREATE_COMPLETE"])
    run, done = pipeline.go_on(environment)
    assert (done.failed, done.outputs) == ("", {"state": "done"}), done.log
    return run


def assert_a_changed_assembly_is_refused(pipeline: Pipeline) -> None:
    """Change a file between two deploys of one assembly: it is refused before the job has credentials."""
    (template,) = pipeline.assembly.rglob("*devFoundation*.template.json")
    before, given = template.read_bytes(), len(pipeline.given)
    template.write_bytes(before.replace(b"Fine-tuning", b"Fine-Tuning", 1))
    try:
        _, done = pipeline.go_on("dev")
    finally:
        template.write_bytes(before)
    assert (done.failed, done.code) == ("Check the digest", 1), done.log
    assert len(pipeline.given) == given


def is_complete(account: Account, stack: str) -> bool:
    """Tell whether a stack exists and nothing goes on there."""
    return account.stack_status(stack) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def wait_for(accounts: Accounts, account: Account, stack: str) -> None:
    """Let time pass until a stack is complete."""
    while not is_complete(account, stack):
        turn_the_clock(accounts, account)


def turn_the_clock(accounts: Accounts, account: Account) -> None:
    """Let a request that waits come to its end."""

    def waiting() -> set[str]:
        return {its.execution_arn for its in account.requests(statusFilter="RUNNING") if its.waits}

    def is_settled() -> bool:
        return all(not str(account.stack_status(each)).endswith("_IN_PROGRESS") for each in ("Training", "Serving"))

    until(lambda: bool(waiting()) or is_settled())
    if now := waiting():
        accounts.let_pass(_STEP_MINUTES)
        until(lambda: not now & waiting())
