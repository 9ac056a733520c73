"""The workflow that a team is given deploys: by its own lines, with tokens of GitHub, from a tools account."""

import json
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox import cdk
from sandbox.options import Options
from sandbox.server import Sandbox
from tests.conftest import ROOT
from tests.e2e import accounts as three
from tests.e2e.account import Account
from tests.e2e.accounts import MODEL, SUBJECT, TOOLS, Accounts, Credentials, bootstrap_role
from tests.e2e.dev_example import answers_as_taught
from tests.e2e.environment_example import EnvironmentExample
from tests.e2e.local_aws import MINUTES
from tests.e2e.patience import until
from tests.e2e.project import FAST_POLLING
from tests.support.github_jobs import Ended, Jobs, Kill, checkout
from tests.support.github_runs import TOKEN, GitHub, serving

pytestmark = pytest.mark.sandbox

_EXAMPLE: Final = EnvironmentExample("dev")
_REGION: Final = _EXAMPLE.settings()["region"]
_TRAINING_MINUTES: Final = 9 * 60
# A little longer than a request waits.
_STEP_MINUTES: Final = 46
_CREDENTIALS_MINUTES: Final = 15
_KILL_HOOK: Final = Path(__file__).parent / "kill_hook"
_PAGE: Final = (ROOT / "docs" / "how-to" / "set-up-pipeline.md").read_text(encoding="utf-8")


def settings_of_page() -> str:
    """Return what the page has a team add to `app.toml`, with the accounts of the sandbox and one environment."""
    (found,) = re.findall(r"```toml\n(.*?)```", _PAGE, re.DOTALL)
    return textwrap.dedent(str(found)).replace("999988887777", TOOLS).replace('["dev", "staging", "prod"]', '["dev"]')


def command_of_page(begins: str) -> list[str]:
    """Return the one command of the page that begins so, by its words."""
    (found,) = (line.strip() for line in _PAGE.splitlines() if line.strip().startswith(begins) and "|" not in line)
    return shlex.split(found)


@pytest.fixture(scope="module")
def accounts() -> Iterator[Accounts]:
    """The three accounts, in which time passes only when a test lets it."""
    minutes = {**MINUTES, "training": float(_TRAINING_MINUTES)}
    with three.start(Options(rate=1, minutes=minutes, quotas={"custom_model_units": 0}), _REGION) as made:
        made.sandbox.control("clock", {"rate": 0})
        yield made


@pytest.fixture(scope="module")
def sandbox(accounts: Accounts) -> Sandbox:
    """That of the three accounts."""
    return accounts.sandbox


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    """GitHub on this machine."""
    with serving() as its:
        yield its


class Pipeline:
    """A team's repository, whose pipeline has been set up."""

    def __init__(self, accounts: Accounts, github: GitHub, folder: Path) -> None:
        self._accounts = accounts
        self._folder = folder
        self.checkout = folder / "checkout"
        self.given: list[Credentials] = []
        self.commit = checkout(self.checkout, self._begin)
        self._environment = cdk.environment(
            accounts.sandbox,
            {
                "NODE_OPTIONS": f"--require {FAST_POLLING}",
                "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "",
                "CDK_OUTPUT": "",
                **github.variables,
            },
        )
        self.role = self._give_access()
        self.tune(*command_of_page("python -m tune pipeline github --deploy")[3:])
        text = (self.checkout / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
        self._jobs = Jobs(yaml.safe_load(text), self.checkout, folder, self._environment)
        self.digest = ""

    @property
    def assembly(self) -> Path:
        """What the run `1` keeps."""
        return self._jobs.artifacts / "1" / "assembly"

    def tune(self, *arguments: str) -> str:
        return self._run([sys.executable, "-m", "tune", *arguments])

    def synth(self) -> None:
        done = self._jobs.run("synth", run="1", known={}, credentials=self._no_credentials)
        assert done.failed == "", done.log
        self.digest = done.outputs["digest"]

    def deploy(self, kill: Kill | None = None) -> Ended:
        """Run the job for dev with the assembly of run 1."""
        known = {
            "github.sha": self.commit,
            "github.token": TOKEN,
            "needs.synth.outputs.digest": self.digest,
            "vars.DEPLOY_ROLE": self.role,
        }
        return self._jobs.run("deploy-dev", run="1", known=known, credentials=self._credentials, kill=kill)

    def look_at_night(self) -> Ended:
        """Run the job that looks for orphans and drift."""
        known = {"matrix.environment": "dev", "matrix.region": _REGION, "vars.DEPLOY_ROLE": self.role}
        return self._jobs.run("nightly", run="2", known=known, credentials=self._credentials)

    def killed_after(self, operation: str) -> None:
        """Lose the machine when an operation of AWS has taken effect, and before anybody knows."""
        folder = self._folder / "kills"
        folder.mkdir(exist_ok=True)
        (folder / operation).touch()
        killed = folder / f"{operation}.killed"
        hook = {"PYTHONPATH": str(_KILL_HOOK), "KILL_AFTER": str(folder), "_LAMBDA_FUNCTION_ARN": "none"}
        self._killed(Kill("Deploy", lambda _: killed.exists(), hook))
        killed.unlink()

    def killed_when_it_says(self, text: str) -> None:
        self._killed(Kill("Deploy", lambda log: text in log))

    def record(self) -> dict[str, str]:
        """Return what the schedule reads."""
        path = self._jobs.artifacts / "1" / "deploy-dev" / "record.json"
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def _killed(self, kill: Kill) -> None:
        done = self.deploy(kill)
        assert done.killed, done.log
        its = {"state": "begun", "run": "1", "commit": self.commit, "digest": self.digest, "tries": ""}
        assert self.record() == its

    def _begin(self, folder: Path) -> None:
        """Change the files as the page says it."""
        for each in (folder / "environments" / "local").iterdir():
            each.unlink()
        place = folder / "environments" / "dev" / "environment.toml"
        place.write_text(place.read_text(encoding="utf-8").replace("111122223333", MODEL), encoding="utf-8")
        with (folder / "environments" / "app.toml").open("a", encoding="utf-8") as app:
            app.write(settings_of_page())

    def _give_access(self) -> str:
        """Deploy what gives access, as the root of the tools account; return the ARN of the role for dev."""
        outputs = self._folder / "outputs.json"
        command = command_of_page("cdk deploy PipelineAccess")
        how = ("--require-approval", "never", "--outputs-file", str(outputs))
        root = {"AWS_ACCESS_KEY_ID": TOOLS, "AWS_SECRET_ACCESS_KEY": "test"}
        self._run([cdk.CDK, *command[1:], *how], root)
        ((key, arn),) = json.loads(outputs.read_text(encoding="utf-8"))["PipelineAccess"].items()
        assert "dev" in key
        return str(arn)

    def _credentials(self, role: str) -> Mapping[str, str]:
        token = self._accounts.token(subject=SUBJECT)
        its = self._accounts.credentials_by_web_identity(role, _CREDENTIALS_MINUTES, token=token)
        self.given.append(its)
        return its.variables

    def _no_credentials(self, role: str) -> Mapping[str, str]:
        raise AssertionError(role)

    def _run(self, command: list[str], variables: Mapping[str, str] | None = None) -> str:
        environment = {**self._environment, **(variables or {})}
        done = subprocess.run(
            command,
            cwd=self.checkout,
            env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def pipeline(accounts: Accounts, github: GitHub, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The pipeline of a new repository, whose first assembly exists."""
    its = Pipeline(accounts, github, tmp_path_factory.mktemp("pipeline"))
    lookup = json.loads(its.tune("policy", "dev", "--lookup-role"))
    name = bootstrap_role("lookup", region=_REGION).rpartition("/")[2]
    iam = accounts.sandbox.client("iam")
    iam.put_role_policy(RoleName=name, PolicyName="beyond", PolicyDocument=json.dumps(lookup))
    its.synth()
    return its


def refused(accounts: Accounts, who: Credentials, service: str, call: str, **arguments: Any) -> str:
    """Return the code with which a call is refused, nothing if it is not."""
    try:
        getattr(accounts.client(service, who, _REGION), call)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_the_pipelines_role_may_assume_the_bootstrap_roles_and_nothing_else(
    accounts: Accounts, pipeline: Pipeline
) -> None:
    job = accounts.credentials_by_web_identity(pipeline.role)
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
        accounts.credentials_by_web_identity(pipeline.role, token=accounts.token(subject=subject))


def test_an_assembly_that_has_changed_is_refused_before_the_job_has_credentials(pipeline: Pipeline) -> None:
    (template,) = pipeline.assembly.rglob("*Foundation*.template.json")
    before, given = template.read_bytes(), len(pipeline.given)
    template.write_bytes(before.replace(b"Fine-tuning", b"Fine-Tuning", 1))
    try:
        done = pipeline.deploy()
    finally:
        template.write_bytes(before)
    assert (done.failed, done.code) == ("Check the digest", 1), done.log
    assert pipeline.digest in done.log
    assert len(pipeline.given) == given


def test_jobs_that_are_killed_anywhere_carry_a_training_of_nine_hours_to_an_answer(
    accounts: Accounts, pipeline: Pipeline
) -> None:
    account = Account(accounts.sandbox, "dev", name="docstrings", region=_REGION)
    runtime = accounts.sandbox.client("bedrock-runtime", _REGION)

    def is_complete(stack: str) -> bool:
        return account.stack_status(stack) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")

    pipeline.killed_when_it_says("creating CloudFormation changeset")
    pipeline.killed_after("DescribeChangeSet")
    pipeline.killed_after("ExecuteChangeSet")
    until(lambda: is_complete("Foundation"))
    pipeline.killed_when_it_says("creating CloudFormation changeset")
    pipeline.killed_after("DescribeChangeSet")
    pipeline.killed_after("ExecuteChangeSet")
    until(lambda: bool(account.jobs()))
    pipeline.killed_after("DescribeStacks")

    turns = 0
    while not is_complete("Training"):
        if turns % 4 == 1:
            done = pipeline.deploy()
            assert (done.failed, done.outputs) == ("", {"state": "goes_on"}), done.log
            assert "::notice::" in done.log
            assert pipeline.record()["state"] == "goes_on"
        turn_the_clock(accounts, account)
        turns += 1
    assert turns * _STEP_MINUTES >= _TRAINING_MINUTES
    assert refused(accounts, pipeline.given[0], "sts", "get_caller_identity") == "ExpiredToken"

    pipeline.killed_when_it_says("creating CloudFormation changeset")
    pipeline.killed_after("DescribeChangeSet")
    pipeline.killed_after("ExecuteChangeSet")
    while not is_complete("Serving"):
        turn_the_clock(accounts, account)
    last = pipeline.deploy()

    assert (last.failed, last.outputs) == ("", {"state": "done"}), last.log
    assert pipeline.record()["state"] == "done"
    assert [job["status"] for job in account.jobs()] == ["Completed"]
    assert [each["deleted"] for each in account.deployments()] == [False]
    assert {(its.type, its.status) for its in account.requests()} == {("Create", "SUCCESS")}
    assert answers_as_taught(runtime, account.deployment()["customModelDeploymentArn"])
    night = pipeline.look_at_night()
    assert night.failed == "", night.log


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
