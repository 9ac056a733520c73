"""GitHub Actions for jobs that deploy: each `run` as it stands; actions do here what they do there, in short."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.conftest import ROOT
from tests.support.github_runs import GitHub

_BASH: Final = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
_EXPRESSION: Final = re.compile(r"\$\{\{ *(.*?) *\}\}")
_TOKEN: Final = re.compile(r"'[^']*'|[A-Za-z_][\w.-]*|&&|\|\||==|!=|!|[()]")
_WORDS: Final = {"&&": " and ", "||": " or ", "!": " not "}
_LINKED: Final = (".venv", "node_modules")
# What make compares, in the order in which it makes them: those of the project itself may be of any time.
_MARKS: Final = (".venv/python", ".venv/deploy", ".venv/dev", "node_modules/.package-lock.json")
_GIT: Final = ("git", "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "gc.auto=0")

Credentials = Callable[[str], Mapping[str, str]]
"""From a role's ARN to the variables of a job that has assumed it; raises NoCredentials."""


class NoCredentials(Exception):
    """A job may not assume the role."""


def checkout(folder: Path, changes: Callable[[Path], None]) -> str:
    """Make a repository with the files of this one, changed, and what is installed here; return its commit."""
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in names:
        if (ROOT / name).is_file() and name not in _LINKED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for name in _LINKED:
        (folder / name).mkdir()
        for each in (ROOT / name).resolve().iterdir():
            if f"{name}/{each.name}" not in _MARKS:
                (folder / name / each.name).symlink_to(each)
    changes(folder)
    # What is installed already is newer than what asks for it, so that nothing is installed here.
    for name in ("Makefile", "requirements.txt", "package.json", "package-lock.json"):
        os.utime(folder / name, (0, 0))
    for name in _MARKS:
        (folder / name).touch()
    subprocess.run([*_GIT, "init", "--quiet", "--initial-branch", "main"], cwd=folder, check=True)
    (folder / ".git" / "info" / "exclude").write_text("\n".join(_LINKED), encoding="utf-8")
    subprocess.run([*_GIT, "add", "--all"], cwd=folder, check=True)
    subprocess.run([*_GIT, "commit", "--quiet", "--message", "All of it"], cwd=folder, check=True)
    head = subprocess.run([*_GIT, "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return head.stdout.strip()


@dataclass
class Ended:
    """A job that ran until a step failed, or to its end; `killed` when its machine was lost."""

    failed: str = ""
    code: int = 0
    log: str = ""
    killed: bool = False
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kill:
    """When the machine of a job is lost: in a step, as soon as something is so.

    variables: What the step's processes get besides.
    """

    step: str
    when: Callable[[str], bool]
    variables: Mapping[str, str] = field(default_factory=dict)


class Jobs:
    """The jobs of a workflow, run one after the other in a checkout, as a run of each commit."""

    def __init__(
        self,
        workflow: Mapping[str, Any],
        checkout: Path,
        folder: Path,
        environment: Mapping[str, str],
        github: GitHub | None = None,
    ) -> None:
        self.artifacts = folder / "artifacts"
        self._github = github
        self._workflow = workflow
        self._checkout = checkout
        self._folder = folder
        self._environment = environment

    def run(
        self, job: str, *, run: str, known: Mapping[str, str], credentials: Credentials, kill: Kill | None = None
    ) -> Ended:
        """Run a job in a run; `known` are the values of expressions."""
        its = self._workflow["jobs"][job]
        values = {"github.run_id": run, **known}
        every = {**self._workflow.get("env", {}), **its.get("env", {})}
        of_job = {name: _value(text, values) for name, text in every.items()} | {"GITHUB_RUN_ID": run}
        values |= {f"env.{name}": value for name, value in of_job.items()}
        ended, keys = Ended(), dict[str, str]()
        for step in its["steps"]:
            if not _is_due(step.get("if", ""), values, has_failed=bool(ended.failed)):
                continue
            given = {name: _value(str(text), values) for name, text in step.get("with", {}).items()}
            if "uses" in step:
                try:
                    keys |= self._use(step["uses"].partition("@")[0], given, run, credentials)
                except NoCredentials:
                    ended.failed, ended.code = step["uses"], 1
                    values["job.status"] = "failure"
                continue
            name = step.get("name", step["run"])
            env = {**of_job, **keys, **{key: _value(text, values) for key, text in step.get("env", {}).items()}}
            its_kill = kill if kill and kill.step == name else None
            code, log, outputs = self._step(step["run"], env, its_kill)
            ended.log += log
            if code is None:
                ended.killed = True
                return ended
            values |= (
                {f"steps.{step['id']}.outputs.{key}": value for key, value in outputs.items()} if "id" in step else {}
            )
            if code and not ended.failed:
                ended.failed, ended.code = name, code
            elif "id" in step:
                values[f"steps.{step['id']}.outcome"] = "success"
            values["job.status"] = "failure" if ended.failed else "success"
        ended.outputs = {name: _value(text, values) for name, text in its.get("outputs", {}).items()}
        return ended

    def _use(self, action: str, given: Mapping[str, str], run: str, credentials: Credentials) -> Mapping[str, str]:
        match action:
            case "actions/upload-artifact":
                here, there = self._checkout / given["path"], self.artifacts / run / given["name"]
                shutil.rmtree(there, ignore_errors=True)
                if here.is_dir():
                    shutil.copytree(here, there)
                else:
                    there.mkdir(parents=True)
                    shutil.copy(here, there)
                if self._github and here.name == "record.json":
                    self._github.keep(given["name"], json.loads(here.read_text(encoding="utf-8")))
            case "actions/download-artifact":
                here = self._checkout / given["path"]
                shutil.rmtree(here, ignore_errors=True)
                shutil.copytree(self.artifacts / given["run-id"] / given["name"], here)
            case "aws-actions/configure-aws-credentials":
                return {**credentials(given["role-to-assume"]), "AWS_REGION": given["aws-region"]}
        return {}

    def _step(self, text: str, env: Mapping[str, str], kill: Kill | None) -> tuple[int | None, str, dict[str, str]]:
        """Return exit code, log and outputs of a step; no code where the machine was lost."""
        script, output, log = (self._folder / name for name in ("step.sh", "output", "log"))
        script.write_text(text, encoding="utf-8")
        output.write_text("", encoding="utf-8")
        around = {name: value for name, value in self._environment.items() if value}
        variables = {**around, **env, **(kill.variables if kill else {}), "GITHUB_OUTPUT": str(output)}
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [*_BASH, str(script)],
                cwd=self._checkout,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            is_lost = False
            while process.poll() is None and not is_lost:
                is_lost = kill is not None and kill.when(log.read_text(encoding="utf-8", errors="replace"))
                time.sleep(0.01)
        said = log.read_text(encoding="utf-8", errors="replace")
        if is_lost or (kill and kill.when(said)):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)
            return None, said, {}
        assert kill is None, f"not killed:\n{said}"
        lines = output.read_text(encoding="utf-8").splitlines()
        return process.returncode, said, {name: value for name, _, value in (line.partition("=") for line in lines)}


def _value(text: str, known: Mapping[str, str]) -> str:
    """Return a text with its expressions replaced: the first of the alternatives that is not empty."""

    def found(match: re.Match[str]) -> str:
        return next((value for each in match[1].split("||") if (value := known.get(each.strip(), ""))), "")

    return _EXPRESSION.sub(found, text)


def _is_due(condition: str, known: Mapping[str, str], *, has_failed: bool) -> bool:
    """Tell whether a step runs; without a function of the status, only where none has failed."""
    if has_failed and "always()" not in condition:
        return False
    return not condition or holds(condition, known, always=True, failure=has_failed)


def holds(condition: str, known: Mapping[str, str], **functions: bool) -> bool:
    """Tell whether a condition holds, by the values of names and of functions without arguments."""

    def word(match: re.Match[str]) -> str:
        its = match[0]
        if its in _WORDS:
            return _WORDS[its]
        return f"known.get({its!r}, '')" if its[0].isalpha() and its not in functions else its

    calls = {name: partial(bool, value) for name, value in functions.items()}
    return bool(eval(_TOKEN.sub(word, " ".join(condition.split())), {"known": known, **calls}))
