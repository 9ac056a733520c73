"""One environment trains, another serves the very model: nothing is trained twice, nothing deletes what is held."""

import hashlib
import sys
from pathlib import Path
from typing import Final

import pytest

from sandbox.server import ACCOUNT, REGION, Sandbox
from tests.e2e.account import Account
from tests.e2e.project import Project, Run
from tests.e2e.settings_file import NAME, Settings, record, stack_of
from tests.support.messages import says

pytestmark = pytest.mark.sandbox

GIVER: Final = "giver"
TAKER: Final = "taker"
FIRST: Final = Settings(GIVER)
# Trained to answer otherwise than is asked for.
WORSE: Final = Settings(
    GIVER,
    hyper_parameters={"epochCount": 3},
    records=[record(f"What is number {number} called?", f"It is called M-{number}.") for number in range(32)],
)
TAKING: Final = f"""account = "{ACCOUNT}"
region = "{REGION}"

[allow]
train = false
buy = true
bake = true
promote_from = ["{GIVER}"]
"""
SHA256: Final = hashlib.sha256(FIRST.data()).hexdigest()
BAKE: Final = f"""
[serving.bake]
sha256 = "{SHA256}"
questions = 3
max_output_tokens = 50
"""


class Promotion:
    """Both environments in one folder, and the project's own commands for them."""

    def __init__(self, project: Project, sandbox: Sandbox) -> None:
        self._project = project
        self.folder = project.write(FIRST)
        (self.folder / TAKER).mkdir()
        (self.folder / TAKER / "environment.toml").write_text(TAKING, encoding="utf-8")
        self.giver, self.taker = Account(sandbox, GIVER), Account(sandbox, TAKER)

    @property
    def file(self) -> Path:
        return self.folder / TAKER / f"{NAME}.toml"

    def tune(self, command: str, *arguments: str) -> Run:
        options = ("--environments", str(self.folder))
        return self._project.start(sys.executable, "-m", "tune", command, *arguments, *options).wait()

    def deploy(self, environment: str) -> None:
        run = self.try_to_deploy(environment)
        assert run.code == 0, run.output

    def try_to_deploy(self, environment: str) -> Run:
        options = ("--environments", str(self.folder), "--", "--require-approval", "never")
        return self._project.start(sys.executable, "-m", "tune", "deploy", environment, *options).wait()

    def put_questions(self) -> None:
        """Store what the model is asked in the bucket of the environment that takes it."""
        exports = self.taker.sandbox.client("cloudformation", REGION).list_exports()["Exports"]
        (bucket,) = (
            each["Value"]
            for each in exports
            if stack_of(TAKER, "Foundation") in each["ExportingStackId"] and "RefDataStoreBucket" in each["Name"]
        )
        self.taker.s3.put_object(Bucket=bucket, Key=f"test/{SHA256}.jsonl", Body=FIRST.data())

    def promote(self) -> str:
        run = self.tune("promote", GIVER, TAKER)
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


def test_what_one_environment_has_trained_another_serves_and_goes_back_to(project: Project, sandbox: Sandbox) -> None:
    of = Promotion(project, sandbox)
    of.deploy(GIVER)
    first = of.promote()
    of.deploy(TAKER)
    assert of.taker.throughput()["modelArn"] == of.giver.throughput()["modelArn"] == of.model(FIRST)
    arn = of.taker.throughput()["provisionedModelArn"]

    a_worse_model_is_rolled_back(of, first)
    of.file.write_text(first + BAKE, encoding="utf-8")
    of.deploy(TAKER)
    assert of.taker.throughput()["modelArn"] == of.model(FIRST)
    assert of.taker.throughput()["provisionedModelArn"] == arn
    assert (len(of.giver.jobs()), len(of.taker.jobs())) == (2, 0)

    nothing_that_is_held_is_deleted_where_it_was_trained(of)


def a_worse_model_is_rolled_back(of: Promotion, first: str) -> None:
    of.put_questions()
    WORSE.write(of.folder)
    of.deploy(GIVER)
    worse = of.promote()
    assert worse != first
    of.file.write_text(worse + BAKE, encoding="utf-8")
    run = of.try_to_deploy(TAKER)
    assert run.code != 0, run.output
    assert says(run.output, "did not pass its bake", "0 of 3"), run.output
    assert "It is called" not in run.output
    assert of.taker.throughput()["modelArn"] == of.model(FIRST)


def nothing_that_is_held_is_deleted_where_it_was_trained(of: Promotion) -> None:
    before = {of.model(FIRST), of.model(WORSE)}
    destroyed = of.tune("destroy", GIVER, "--all", "--yes")
    assert destroyed.code == 0, destroyed.output
    assert says(destroyed.output, "Custom model", f"held by {TAKER}")
    assert "delete-custom-model " not in destroyed.output
    assert "schedule-key-deletion" not in destroyed.output

    # What is no longer served is held all the same.
    served = of.tune("destroy", TAKER, "--serving-only", "--yes")
    assert served.code == 0, served.output
    purged = of.tune("purge", GIVER, "--yes-remove", GIVER)
    assert purged.code == 2, purged.output
    assert purged.output.count(f"held by {TAKER}") == 2, purged.output
    assert before <= of.models()

    ended = of.tune("destroy", TAKER, "--yes")
    assert ended.code == 0, ended.output
    of.file.unlink()  # it names the key
    purged = of.tune("purge", GIVER, "--yes-remove", GIVER)
    assert f"held by {TAKER}" not in purged.output
    assert not before & of.models(), purged.output
