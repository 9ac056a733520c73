"""By the workflow that a team is given: one environment trains, two serve the very model, an application asks it.

Afterwards by hand: a worse model fails its bake, takes over without one, and goes back. What is held is not deleted.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox import cdk
from sandbox.options import Options
from sandbox.server import ACCOUNT, REGION, Sandbox
from tests.e2e.account import Account
from tests.e2e.accounts import APPLICATION, TOOLS, Accounts
from tests.e2e.application import ACCESS, Session, nobody_else_and_nothing_else_is_allowed
from tests.e2e.local_aws import MINUTES, QUOTAS, RATE, bootstrapped
from tests.e2e.project import Project, Run
from tests.e2e.promoting_pipeline import Pipeline, let_in
from tests.e2e.settings_file import NAME, Settings, record
from tests.support import github
from tests.support.github import REPOSITORY, Comments
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

DEV, STAGING, PROD = "dev", "staging", "prod"
ENVIRONMENTS: Final = (DEV, STAGING, PROD)
FIRST: Final = Settings(DEV)
# Trained to answer otherwise than is asked for.
WORSE: Final = Settings(
    DEV,
    hyper_parameters={"epochCount": 3},
    records=[record(f"What is number {number} called?", f"It is called M-{number}.") for number in range(32)],
)
TAKING: Final = f"""account = "{ACCOUNT}"
region = "{REGION}"

[allow]
train = false
buy = true
bake = true
promote_from = ["{DEV}"]
"""
SHA256: Final = hashlib.sha256(FIRST.data()).hexdigest()
BAKE: Final = """
[serving.bake]
path = "questions.jsonl"
questions = 3
max_output_tokens = 50
"""
PIPELINE: Final = f"""
[pipeline]
repository = "{REPOSITORY}"
account = "{TOOLS}"
region = "{REGION}"
environments = {json.dumps(ENVIRONMENTS)}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Three accounts: from the one of tools is deployed; in that of the application the CDK is bootstrapped too."""
    with bootstrapped(Options(rate=RATE, minutes=MINUTES, quotas=QUOTAS), trusted=TOOLS) as sandbox:
        cdk.bootstrap(sandbox, account=APPLICATION)
        yield sandbox


@pytest.fixture
def comments() -> Iterator[Comments]:
    """GitHub's API on this machine."""
    with github.serving() as served:
        yield served


def settings(folder: Path) -> None:
    """Write three environments, of which one trains."""
    FIRST.write(folder)
    for each in (STAGING, PROD):
        (folder / each).mkdir()
        (folder / each / "environment.toml").write_text(TAKING, encoding="utf-8")
    with (folder / "app.toml").open("a", encoding="utf-8") as app:
        app.write(PIPELINE)


class Promotion:
    """What the environments have, and the project's own commands for them."""

    def __init__(self, project: Project, sandbox: Sandbox, folder: Path) -> None:
        self._project = project
        self.folder = folder
        self.giver, self.staging, self.taker = (Account(sandbox, name) for name in ENVIRONMENTS)

    @property
    def file(self) -> Path:
        return self.folder / PROD / f"{NAME}.toml"

    def tune(self, command: str, *arguments: str, cdk: tuple[str, ...] = (), **variables: str) -> Run:
        options = ("--environments", str(self.folder), *(("--", *cdk) if cdk else ()))
        return self._project.start(sys.executable, "-m", "tune", command, *arguments, *options, **variables).wait()

    def deploy(self, environment: str) -> None:
        run = self.try_to_deploy(environment)
        assert run.code == 0, run.output

    def try_to_deploy(self, environment: str) -> Run:
        return self.tune("deploy", environment, cdk=("--require-approval", "never"))

    def bake(self, text: str) -> None:
        """Let the environment that takes a model bake it, with questions that are pushed into its bucket."""
        self.file.write_text(text + BAKE, encoding="utf-8")
        (self.folder / PROD / "questions.jsonl").write_bytes(FIRST.data())
        run = self.tune("dataset", "push", PROD)
        assert run.code == 0, run.output
        assert f'sha256 = "{SHA256}"' in self.file.read_text(encoding="utf-8")

    def give_access(self, assembly: Path) -> None:
        """Deploy what the application's account has, by its own credentials."""
        cdk_arguments = ("--app", str(assembly), "--require-approval", "never")
        its = {"AWS_ACCESS_KEY_ID": APPLICATION}
        run = self.tune("deploy", PROD, NAME, "--access", APPLICATION, cdk=cdk_arguments, **its)
        assert run.code == 0, run.output

    def promote(self) -> str:
        run = self.tune("promote", DEV, PROD)
        assert run.code == 0, run.output
        return self.file.read_text(encoding="utf-8")

    def model(self, settings: Settings) -> str:
        """Return the ARN of the model that the giving environment has trained."""
        (name,) = (
            job["jobName"]
            for job in self.giver.jobs()
            if self.giver.model(job["jobName"])["hyperParameters"]["epochCount"]
            == str(settings.hyper_parameters["epochCount"])
        )
        return str(self.giver.model(name)["modelArn"])

    def models(self) -> set[str]:
        """Return the ARNs of the models that exist."""
        return {each["modelArn"] for each in self.giver.bedrock.list_custom_models()["modelSummaries"]}

    def measured(self) -> dict[str, Any]:
        """Return what was trained in the account, and which model each environment serves."""
        jobs = self.giver.sandbox.control("meter")["jobs"]
        return {
            "trained": {job["jobName"]: job["trainedTokens"] for job in jobs},
            "served": {
                name: each.throughput()["modelArn"]
                for name, each in zip(ENVIRONMENTS, (self.giver, self.staging, self.taker), strict=True)
            },
        }


def test_what_one_environment_has_trained_others_serve_and_go_back_to(
    project: Project, sandbox: Sandbox, comments: Comments, tmp_path: Path
) -> None:
    let_in(sandbox, ENVIRONMENTS)
    pipeline = Pipeline(sandbox, comments, tmp_path, settings)
    of = Promotion(project, sandbox, pipeline.settings)

    pipeline.synth()
    pipeline.deploy(DEV)
    pipeline.merge(pipeline.promote(STAGING))
    pipeline.synth()
    pipeline.deploy(STAGING)
    pipeline.merge(pipeline.promote(PROD), ACCESS)
    assembly = pipeline.synth()
    pipeline.deploy(PROD)
    of.give_access(assembly)

    accounts = Accounts(sandbox)
    session = Session(accounts, PROD, NAME)
    first, answered = of.measured(), session.answer()
    (tokens,) = first["trained"].values()
    assert set(first["served"].values()) == {of.model(FIRST)}
    assert session.model_id() == of.taker.throughput()["provisionedModelArn"]
    assert "N-0" in answered
    nobody_else_and_nothing_else_is_allowed(accounts, session)
    stacks = applications_stacks(sandbox)
    assert stacks.keys() == {"CDKToolkit", f"bedrock-tuning-{PROD}-{NAME}-Access"}

    a_worse_one_is_rolled_back_takes_over_unasked_and_goes_back(of, session)
    assert applications_stacks(sandbox) == stacks
    print(json.dumps({**first, "tokens": tokens, "answer": answered}, indent=2))
    nothing_that_is_held_is_deleted_where_it_was_trained(of)


def applications_stacks(sandbox: Sandbox) -> dict[str, object]:
    """Return when each stack of the application's account was changed last, by its name."""
    stacks = sandbox.client("cloudformation", account=APPLICATION).describe_stacks()["Stacks"]
    return {each["StackName"]: each.get("LastUpdatedTime", each["CreationTime"]) for each in stacks}


def a_worse_one_is_rolled_back_takes_over_unasked_and_goes_back(of: Promotion, session: Session) -> None:
    arn, before = session.model_id(), of.file.read_text(encoding="utf-8")
    WORSE.write(of.folder)
    of.deploy(DEV)
    worse = of.promote()
    assert worse != before
    of.bake(worse)
    run = of.try_to_deploy(PROD)
    assert run.code != 0, run.output
    assert says(run.output, "did not pass its bake", "0 of 3"), run.output
    assert "It is called" not in run.output
    assert of.taker.throughput()["modelArn"] == of.model(FIRST)
    assert (session.model_id() == arn, "N-0" in session.answer()) == (True, True)

    of.file.write_text(worse, encoding="utf-8")
    of.deploy(PROD)
    assert of.taker.throughput()["modelArn"] == of.model(WORSE)
    assert (session.model_id() == arn, "M-0" in session.answer()) == (True, True)

    of.bake(before)
    of.deploy(PROD)
    assert of.taker.throughput()["modelArn"] == of.model(FIRST)
    assert (session.model_id() == arn, "N-0" in session.answer()) == (True, True)
    assert [len(each.jobs()) for each in (of.giver, of.staging, of.taker)] == [2, 0, 0]


def nothing_that_is_held_is_deleted_where_it_was_trained(of: Promotion) -> None:
    before = {of.model(FIRST), of.model(WORSE)}
    destroyed = of.tune("destroy", DEV, "--all", "--yes")
    assert destroyed.code == 0, destroyed.output
    assert says(destroyed.output, "Custom model", f"held by {PROD}")
    assert "delete-custom-model " not in destroyed.output
    assert "schedule-key-deletion" not in destroyed.output

    def end(environment: str, *options: str) -> None:
        run = of.tune("destroy", environment, *options, "--yes")
        assert run.code == 0, run.output
        if not options:
            (of.folder / environment / f"{NAME}.toml").unlink()  # it names the key

    # What is no longer served is held all the same.
    end(STAGING)
    end(PROD, "--serving-only")
    purged = of.tune("purge", DEV, "--yes-remove", DEV)
    assert purged.code == 2, purged.output
    assert purged.output.count(f"held by {PROD}") == 2, purged.output
    assert before <= of.models()

    end(PROD)
    purged = of.tune("purge", DEV, "--yes-remove", DEV)
    assert "held by" not in purged.output
    assert not before & of.models(), purged.output
