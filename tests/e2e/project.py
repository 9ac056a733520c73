"""The project's app and the real CDK CLI, against a sandbox."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from sandbox import cdk
from sandbox.server import Sandbox
from stacks import node_options
from tests.e2e import synthesis
from tests.e2e.settings_file import Settings

ROOT: Final = Path(__file__).resolve().parents[2]
FAST_POLLING: Final = Path(__file__).resolve().parent / "fast_polling.cjs"
# Variables with which the CDK CLI and the app take less time: short pauses, and few threads, which an app that finds
# options of Node.js in its environment does not ask for itself.
FAST: Final = {"NODE_OPTIONS": f"--require {FAST_POLLING} {node_options.VALUE}"}
# Also without the CDK's own validator of templates, a third of a synthesis: the tutorials run it, and
# `tests/synth/app/test_template_validation.py` reads what it says.
QUICK: Final = {**FAST, "CDK_VALIDATION": "false"}
# Far beyond what any command here takes: a CLI that hangs fails its test, and not the whole run.
_TIMEOUT_SECONDS: Final = 420
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Run:
    """A command that has ended."""

    code: int
    output: str


class Running:
    """A command that goes on in a process group of its own."""

    def __init__(
        self, command: list[str], environment: Mapping[str, str], log: Path, errors: Path | None = None
    ) -> None:
        """Start it; `errors` keeps what is not its standard output apart. Default: both in one, as on a terminal."""
        self._log = log
        with log.open("wb") as output, (errors or log).open("ab") as apart:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=apart if errors else subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has printed until now."""
        return _COLOURS.sub("", self._log.read_text(encoding="utf-8", errors="replace"))

    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """End the command and all that it started, without any chance to clean up."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)

    def wait(self) -> Run:
        """Return how it ended."""
        try:
            code = self._process.wait(timeout=_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"not ended after {_TIMEOUT_SECONDS} s:\n{self.output}") from None
        return Run(code, self.output)


class Assembly:
    """What a synthesis made: deployed without running the app again."""

    def __init__(self, project: "Project", folder: Path) -> None:
        self._project = project
        self.folder = folder

    def start_deploy(self, *stacks_and_options: str) -> Running:
        """Start `cdk deploy` and return at once."""
        return self._start("deploy", *stacks_and_options, "--require-approval", "never", "--progress", "events")

    def deploy(self, *stacks_and_options: str) -> Run:
        """Run `cdk deploy` to its end."""
        return self.start_deploy(*stacks_and_options).wait()

    def destroy(self, *stacks: str) -> Run:
        """Run `cdk destroy` to its end."""
        return self._start("destroy", *stacks, "--force").wait()

    def diff(self, *stacks_and_options: str) -> Run:
        """Run `cdk diff` to its end."""
        return self._start("diff", *stacks_and_options).wait()

    def _start(self, command: str, *arguments: str) -> Running:
        return self._project.start(cdk.CDK, command, *arguments, "--app", str(self.folder))


class Written(Protocol):
    """Settings of one environment that can be written into a folder."""

    def write(self, folder: Path) -> None: ...


class Project:
    """The project in a checkout, with settings files of its own."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self._folder = folder
        self._count = 0
        self._started: list[Running] = []

    def write(self, *settings: Written) -> Path:
        """Write a folder of settings files."""
        folder = self.fresh("environments")
        for each in settings:
            each.write(folder)
        return folder

    def synthesize(self, *settings: Settings) -> Assembly:
        """Synthesize some environments at once."""
        output = self.fresh("assembly")
        synthesis.synthesize(self.write(*settings), output)
        return Assembly(self, output)

    def synthesize_by_cli(self, *settings: Settings, app: str | None = None) -> Assembly:
        """Run `cdk synth`; `app` is the command of another app than the project's."""
        output = self.fresh("assembly")
        other = ("--app", app) if app else ()
        environments = f"environments={self.write(*settings)}"
        arguments = ("synth", "--quiet", "--context", environments, "--output", str(output), *other)
        run = self.start(cdk.CDK, *arguments).wait()
        assert run.code == 0, run.output
        return Assembly(self, output)

    def copy(self, assembly: Assembly) -> Assembly:
        """Return a copy of an assembly, to be edited before it is deployed."""
        return Assembly(self, shutil.copytree(assembly.folder, self.fresh("assembly")))

    def document(self, *command: str) -> dict[str, Any]:
        """Run a command to its end, and return the JSON document that is the whole of its standard output."""
        errors = self.fresh("errors")
        run = self._begin(command, errors).wait()
        assert run.code == 0, run.output + errors.read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(run.output)
        return told

    def start(self, *command: str, **variables: str) -> Running:
        """Start a command that reaches the sandbox and nothing else; a variable that is empty is left out."""
        return self._begin(command, variables=variables)

    def _begin(
        self, command: Sequence[str], errors: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> Running:
        # Where nothing else is synthesized meanwhile: the CDK CLI takes an option from the variable of that name.
        own = {**QUICK, "CDK_OUTPUT": str(self.fresh("cdk.out"))}
        given = {**cdk.environment(self.sandbox, own), **(variables or {})}
        environment = {name: value for name, value in given.items() if value}
        self._started.append(Running(list(command), environment, self.fresh("log"), errors))
        return self._started[-1]

    def end(self) -> None:
        """End what a failed test has left running."""
        for each in self._started:
            if not each.ended():
                each.kill()

    def fresh(self, kind: str) -> Path:
        """Return a path where nothing is yet."""
        self._count += 1
        return self._folder / f"{self._count}-{kind}"
