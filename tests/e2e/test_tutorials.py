"""The tutorials, followed to the letter by somebody who types what they say and answers what is asked."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from sandbox.options import Options
from sandbox.server import ACCOUNT, Sandbox, running
from tests.docs.lessons import Block, blocks
from tests.e2e.local_aws import MINUTES, RATE
from tests.e2e.project import FAST, ROOT
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.sandbox

AWS_CLI: Final = "awscli==1.46.3"
PLACEHOLDER: Final = "111122223333"
REGION: Final = "us-east-1"
ANSWERS: Final = {
    r"\(y/n\)|\[y/N\]": "y",
    **{rf"Type the environment's name [^:]*\({name}\):": name for name in ("dev", "prod")},
}
NOT_A_READERS: Final = ("CI", "VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")
APPROVAL: Final = "Do you wish to deploy these changes"

FIRST, SECOND, REVIEW, PROMOTION = "first-model", "second-model", "review", "from-dev-to-prod"
# Steps by their numbers: the first lesson trains again and removes everything, the second removes one model, the last
# removes an environment.
AGAIN, REMOVE, REMOVE_ONE, REMOVE_PROD = 6, 7, 4, 5
# The blocks that train, by page, step and place in the step. No other trains.
TRAINS: Final = [(FIRST, 4, 1), (FIRST, AGAIN, 1), (SECOND, 3, 1)]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """An account in which nothing was bootstrapped yet."""
    with running(Options(rate=RATE, minutes=MINUTES)) as sandbox:
        yield sandbox


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, for which what `make setup-deploy` installs is there already."""
    folder = tmp_path / "bedrock-tuning"
    installed = (".venv", "node_modules")
    others = shutil.ignore_patterns(*installed, ".git", "build", "cdk.out", "__pycache__", ".*_cache", ".hypothesis")
    shutil.copytree(ROOT, folder, ignore=others)
    # What make compares: newer than the copy's Makefile and pins, in the order in which it makes them.
    marks = (".venv/python", ".venv/deploy", ".venv/dev", "node_modules/.package-lock.json")
    for name in installed:
        (folder / name).mkdir()
        for each in (ROOT / name).resolve().iterdir():
            if f"{name}/{each.name}" not in marks:
                (folder / name / each.name).symlink_to(each)
    for mark in marks:
        (folder / mark).touch()
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the AWS CLI, as a reader has it installed."""
    uv = Path(sys.executable).with_name("uv")
    folder = tmp_path / "programs"
    folder.mkdir()
    outside = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    variables = {**outside, "UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(folder)}
    install = [str(uv), "tool", "install", "--quiet", "--python", sys.executable, AWS_CLI]
    subprocess.run(install, check=True, env=variables, cwd="/")
    return folder


@pytest.fixture
def terminal(sandbox: Sandbox, checkout: Path, programs: Path) -> Iterator[Terminal]:
    """A terminal in the checkout, with AWS credentials in its environment and nothing of the tests' own checkout."""
    ours = {name: value for name, value in os.environ.items() if name not in NOT_A_READERS}
    elsewhere = [each for each in os.environ["PATH"].split(os.pathsep) if not Path(each).is_relative_to(ROOT)]
    path = os.pathsep.join((str(programs), *elsewhere))
    terminal = Terminal(checkout, {**ours, **sandbox.environment(), "PATH": path, **FAST}, ANSWERS)
    yield terminal
    terminal.end()


class Reader:
    """Somebody who follows the pages, and what came of it."""

    def __init__(self, terminal: Terminal, sandbox: Sandbox) -> None:
        self._terminal = terminal
        self._sandbox = sandbox
        self.trained: list[tuple[str, int, int]] = []
        self.outputs: dict[str, str] = {}

    def follow(self, given: Iterable[Block]) -> None:
        """Run every command of some blocks."""
        for block in given:
            before = len(self._jobs())
            for command in block.commands:
                run = self._terminal.run(command.replace(PLACEHOLDER, ACCOUNT))
                assert run.code == 0, f"{block}: {command}: {run.code}\n{run.output}"
                self.outputs[command.split(" | ")[-1]] = run.output
            new = self._jobs()[before:]
            assert [its["status"] for its in new] == ["Completed"] * len(new)
            self.trained += [(block.page, block.step, block.number)] * len(new)

    def served(self, environment: str = "dev") -> dict[str, str]:
        """Return the ARN under which each model answers; see that the active deployments are those of all models."""
        found = self._client("ssm").get_parameters_by_path(Path="/bedrock-tuning", Recursive=True)["Parameters"]
        deployments = self._client("bedrock").list_custom_model_deployments()["modelDeploymentSummaries"]
        active = {its["customModelDeploymentArn"] for its in deployments if its["status"] == "Active"}
        served = {its["Name"]: its["Value"] for its in found if its["Name"].endswith("/model-id")}
        assert set(served.values()) == active
        here = f"/bedrock-tuning/{environment}/"
        return {name.split("/")[-2]: its for name, its in served.items() if name.startswith(here)}

    def model(self, deployment: str) -> str:
        """Return the ARN of the model that answers under an ARN."""
        found = self._client("bedrock").get_custom_model_deployment(customModelDeploymentIdentifier=deployment)
        return str(found["modelArn"])

    def left(self) -> dict[str, list[str]]:
        """Return what the account still has of the project."""
        meter = self._sandbox.control("meter")
        stacks = self._client("cloudformation").describe_stacks()["Stacks"]
        models = self._client("bedrock").list_custom_models()["modelSummaries"]
        buckets = self._client("s3").list_buckets()["Buckets"]
        return {
            "by the hour": [each["provisionedModelName"] for each in meter["throughputs"]],
            "serving": [each["modelDeploymentName"] for each in meter["deployments"] if not each["deleted"]],
            "stacks": [each["StackName"] for each in stacks if each["StackName"] != "CDKToolkit"],
            "models": [each["modelName"] for each in models],
            "buckets": [each["Name"] for each in buckets if not each["Name"].startswith("cdk-")],
        }

    def _jobs(self) -> list[dict[str, Any]]:
        jobs: list[dict[str, Any]] = self._sandbox.control("meter")["jobs"]
        return jobs

    def _client(self, service: str) -> Any:
        return self._sandbox.client(service, REGION)


def test_the_tutorials_do_what_they_say(checkout: Path, terminal: Terminal, sandbox: Sandbox) -> None:
    """In one account and one checkout, as a reader who goes on from one page to the next and removes all at the end."""
    reader = Reader(terminal, sandbox)
    settings, *first = blocks(FIRST)
    again, removal = in_step(first, AGAIN), in_step(first, REMOVE)
    second = blocks(SECOND)
    remove_one = in_step(second, REMOVE_ONE)

    write(settings, checkout / "environments" / "dev" / "environment.toml")
    reader.follow(without(first, again + removal))
    assert reader.outputs["make deploy ENV=dev"].count(APPROVAL) == 2
    (answer,) = (output for command, output in reader.outputs.items() if " converse " in command)
    assert json.loads(answer)["output"]["message"]["content"][0]["text"]
    served = reader.served()
    # The CDK's validator has passed what this lesson deploys, and takes half of each synthesis.
    assert terminal.run("export CDK_VALIDATION=false").code == 0
    reader.follow(again)
    assert reader.served() == served

    reader.follow(without(second, remove_one))
    assert reader.served().keys() == {"docstrings", "longer"}
    assert reader.served().items() > served.items()
    reader.follow(remove_one)
    assert reader.served() == served

    reader.follow(blocks(REVIEW))
    (said,) = (output for command, output in reader.outputs.items() if "tune review" in command)
    assert re.search(
        r"may train +dev/docstrings-Training\b.*94,100\s+tokens.*moves +dev/docstrings-Serving", said, re.DOTALL
    )
    assert reader.served() == served

    promotion = blocks(PROMOTION)
    remove_prod = in_step(promotion, REMOVE_PROD)
    reader.follow(without(promotion, remove_prod))
    (there,) = reader.served("prod").values()
    assert there != served["docstrings"]
    assert reader.model(there) == reader.model(served["docstrings"])
    reader.follow(remove_prod)
    assert reader.served() == served

    reader.follow(removal)
    assert reader.trained == TRAINS
    assert {what: its for what, its in reader.left().items() if its} == {}


def in_step(given: Iterable[Block], step: int) -> list[Block]:
    found = [each for each in given if each.step == step]
    assert found, f"no step {step}"
    return found


def without(given: Iterable[Block], others: Sequence[Block]) -> list[Block]:
    return [each for each in given if each not in others]


def write(block: Block, path: Path) -> None:
    """Set in a settings file what a block of TOML says."""
    assert block.language == "toml"
    text = path.read_text(encoding="utf-8")
    for line in block.text.replace(PLACEHOLDER, ACCOUNT).splitlines():
        text, count = re.subn(rf"^{line.split()[0]} = \"[^\"]*\"", line, text, flags=re.MULTILINE)
        assert count == 1, line
    path.write_text(text, encoding="utf-8")
