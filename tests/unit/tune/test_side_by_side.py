"""`tune deploy` of several models: Foundation first, then a CDK CLI for each, with an outcome of its own."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.messages import says
from tests.unit.settings.settings_files import changed, write
from tests.unit.tune.aws_stand_in import Bedrock, CloudFormation, Lines
from tune.deployment import cdk_cli
from tune.deployment.cdk_cli import CdkCli
from tune.deployment.deploy import NAMED, StackDeployment
from tune.deployment.model_deployment import NOBODY_TO_ASK
from tune.terminal.environments import find

# Writes down what it is asked, and then does what its first stack is to do.
PROGRAM = """#!{python}
import json, os, sys, time
with open("{log}", "a") as log:
    log.write(json.dumps([os.getpid(), *sys.argv[1:]]) + "\\n")
does = json.loads(os.environ["DOES"]).get(sys.argv[2], {{}})
sys.stdout.write(does.get("says", ""))
sys.stdout.flush()
time.sleep(does.get("sleeps", 0))
sys.exit(does.get("code", 0))
"""
A, A_B = "dev/a-Training", "dev/a-b-Training"
STACK = "bedrock-tuning-dev-{}"


class Scene:
    """Environment dev with models a and a-b, and a CDK CLI that plays."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("a", "a-b"):
            write(folder, changed(("name", name)))
        self._log, program = folder / "log", folder / "cdk"
        program.write_text(PROGRAM.format(python=sys.executable, log=self._log), encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr(cdk_cli, "CDK", program)
        self.folder = folder
        self.screen = Lines()
        self.cloudformation = CloudFormation({})
        self.bedrock = Bedrock({})
        self.does: dict[str, dict[str, Any]] = {}

    def deployment(self, model: str | None = None) -> StackDeployment:
        target = find(self.folder, "dev", model)
        clients: dict[str, Any] = {"cloudformation": self.cloudformation, "bedrock": self.bedrock}
        cdk = CdkCli(self.screen, {"DOES": json.dumps(self.does)}, target.assembly)
        return StackDeployment(target, clients.__getitem__, cdk, self.screen, look_every_seconds=0)

    @property
    def runs(self) -> list[list[Any]]:
        """Each run: its process, and its arguments. Those side by side are in the order of their stacks."""
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        first, *others = [json.loads(line) for line in lines] or [[]]
        return [first, *sorted(others, key=lambda its: its[2])]

    @property
    def said(self) -> list[str]:
        return "".join(f"{each}\n" for each in self.screen.said).split("\n")


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(tmp_path, monkeypatch)


def test_foundation_is_deployed_first_and_then_each_model_from_the_same_assembly(scene: Scene) -> None:
    assert scene.deployment().run(["--require-approval", "never"]) == 0
    target = find(scene.folder, "dev")
    own = ["--exclusively", "--progress", "events"]
    given = ["--require-approval", "never"]
    assert [arguments for _, *arguments in scene.runs] == [
        ["deploy", "dev/Foundation", *own, *target.context_of_it, *NAMED, *given],
        *(
            ["deploy", f"dev/{name}-Training", f"dev/{name}-Serving", *own, "--app", str(target.assembly), *given]
            for name in ("a", "a-b")
        ),
    ]


@pytest.mark.parametrize(
    ("given", "of_models"),
    [
        (["--output", "there", "-v"], ["--app", "there", "-v"]),
        (["-v", "-o", "there"], ["--app", "there", "-v"]),
        (["--output=there"], ["--app", "there"]),
        (["-v"], ["--app", "{assembly}", "-v"]),
        (["--app", "there", "-v"], ["--app", "there", "-v"]),
        (["-a=there"], ["-a=there"]),
    ],
)
def test_models_are_synthesized_nowhere_again(scene: Scene, given: list[str], of_models: list[str]) -> None:
    assert scene.deployment().run(given) == 0
    foundation, *models = scene.runs
    assert foundation[-len(given) :] == given
    expected = [each.format(assembly=find(scene.folder, "dev").assembly) for each in of_models]
    assert [arguments[arguments.index("events") + 1 :] for arguments in models] == [expected] * 2


def test_one_model_that_is_named_is_deployed_with_foundation_in_one_run(scene: Scene) -> None:
    assert scene.deployment("a").run() == 0
    ((_, *arguments),) = scene.runs
    assert arguments[:4] == ["deploy", "dev/Foundation", "dev/a-Training", "dev/a-Serving"]
    assert arguments[-4:] == ["-c", "only=dev/a", *NAMED]


@pytest.mark.parametrize(
    # A code of the CDK CLI's that means something else here is a failure all the same.
    ("codes", "ended"),
    [({}, 0), ({A: 3}, 1), ({A_B: 4}, 1), ({A: 3, A_B: 2}, 1), ({A: 137, A_B: 1}, 1)],
)
def test_each_model_has_an_outcome_of_its_own(scene: Scene, codes: dict[str, int], ended: int) -> None:
    scene.does = {stack: {"code": code} for stack, code in codes.items()}
    assert scene.deployment().run() == ended
    for name, stack in (("a", A), ("a-b", A_B)):
        (told,) = (line for line in scene.said if line.startswith(f"Model {name} of environment dev: "))
        assert ("not deployed" in told) is (stack in codes)


def test_where_foundation_fails_nothing_else_is_begun(scene: Scene) -> None:
    scene.does = {"dev/Foundation": {"code": 4, "says": f"{NOBODY_TO_ASK}\n"}}
    assert scene.deployment().run() == 1
    assert len(scene.runs) == 1
    assert any(says(line, "--require-approval never", "ENV=dev") for line in scene.said)
    assert not any(line.startswith("Model ") for line in scene.said)


def test_the_output_of_each_has_its_model_before_every_line(scene: Scene) -> None:
    scene.does = {
        "dev/Foundation": {"says": "foundation\n"},
        A: {"says": "one\ntwo\nhalf a line"},
        A_B: {"says": "three\n", "code": 2},
    }
    assert scene.deployment().run() == 1
    lines = [line for line in scene.said if line and not line.startswith(("status", "Model"))]
    lines = [line for line in lines if "billed once" not in line]
    assert lines[0] == "foundation"
    assert [line for line in lines if line.startswith("a | ")] == ["a | one", "a | two", "a | half a line"]
    assert [line for line in lines if line.startswith("a-b | ")][:1] == ["a-b | three"]


def test_what_one_cli_said_is_told_of_its_own_model(scene: Scene) -> None:
    scene.does = {A: {"says": f"{NOBODY_TO_ASK}\n", "code": 1}, A_B: {"code": 1}}
    assert scene.deployment().run() == 1
    assert len([line for line in scene.said if "--require-approval never" in line]) == 1


class Interrupting(Bedrock):
    """Is looked at until both models are being deployed; then somebody presses Ctrl-C."""

    scene: Scene

    def get_model_customization_job(self, *, jobIdentifier: str) -> Any:  # noqa: N803 - the API's name
        if len(self.scene.runs) == 3:
            raise KeyboardInterrupt
        return super().get_model_customization_job(jobIdentifier=jobIdentifier)


def test_an_interrupt_ends_every_run(scene: Scene) -> None:
    scene.bedrock = Interrupting({})
    scene.bedrock.scene = scene
    scene.does = {A: {"sleeps": 60}, A_B: {"sleeps": 60}}
    with pytest.raises(KeyboardInterrupt):
        scene.deployment().run()
    for process, *_ in scene.runs:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_an_interrupt_leaves_is_told_of_every_model(scene: Scene) -> None:
    deployment = scene.deployment()
    names = [STACK.format("a-Training"), STACK.format("a-b-Serving")]
    scene.cloudformation.statuses.update(dict.fromkeys(names, "CREATE_IN_PROGRESS"))
    assert says(deployment.goes_on(), *names, "same command")


def test_a_failure_is_told_of_the_stacks_of_its_own_model(scene: Scene) -> None:
    scene.does = {A: {"code": 1}}
    deployment = scene.deployment()
    scene.cloudformation.statuses.update(
        {STACK.format("a-Training"): "REVIEW_IN_PROGRESS", STACK.format("a-b-Training"): "REVIEW_IN_PROGRESS"}
    )
    assert deployment.run() == 1
    option = f" --environments {scene.folder}"
    assert any(says(line, STACK.format("a-Training"), f"python -m tune destroy dev a{option}") for line in scene.said)
    assert not any(STACK.format("a-b-Training") in line for line in scene.said)


def test_stacks_of_a_model_without_a_file_are_told_with_the_command_that_removes_them(scene: Scene) -> None:
    gone = STACK.format("gone-Serving")
    scene.cloudformation.statuses[gone] = "CREATE_COMPLETE"
    assert scene.deployment().run() == 0
    (told,) = (line for line in scene.said if "gone" in line)
    assert says(told, "dev/gone.toml", f"python -m tune destroy dev gone --environments {scene.folder}")
    scene.screen.said.clear()
    # Before anything is bought, also where another model is named: a file that was renamed leaves a bill behind.
    assert scene.deployment("a").run() == 0
    assert any("dev/gone.toml" in line for line in scene.said)


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling"])
def test_who_deploys_need_not_be_allowed_to_list_all_stacks(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    pages = scene.cloudformation.get_paginator

    def refused(operation: str) -> Any:
        if operation == "describe_stacks":
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeStacks")
        return pages(operation)

    monkeypatch.setattr(scene.cloudformation, "get_paginator", refused)
    if code == "AccessDenied":
        assert scene.deployment().run() == 0
    else:
        with pytest.raises(ClientError, match=code):
            scene.deployment().run()


def test_a_serving_stack_that_one_model_no_longer_asks_for_is_told_of_it(scene: Scene) -> None:
    file = scene.folder / "dev" / "a-b.toml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith('"serving"')), encoding="utf-8")
    scene.cloudformation.statuses.update(
        {STACK.format("a-Serving"): "CREATE_COMPLETE", STACK.format("a-b-Serving"): "CREATE_COMPLETE"}
    )
    assert scene.deployment().run() == 0
    assert [stacks[2:4] for stacks in scene.runs[1:]] == [["dev/a-Training", "dev/a-Serving"], [A_B, "--exclusively"]]
    (told,) = (line for line in scene.said if "--serving-only" in line and "a-b" in line)
    assert says(told, STACK.format("a-b-Serving"), "dev/a-b.toml", "python -m tune destroy dev a-b")
