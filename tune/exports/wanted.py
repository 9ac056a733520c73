"""The template of Foundation that a deploy would send."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tune import synthesis
from tune.exports.changes import Body
from tune.terminal.environments import DeployTarget
from tune.terminal.folders import ROOT

_APP: Final = ("--app", "-a")


class NotKnown(Exception):
    """The template cannot be had without the CDK CLI."""


@dataclass(frozen=True)
class StackInAssembly:
    """A stack as the CDK CLI would send it."""

    body: Body
    tags: Mapping[str, str]


def foundation(target: DeployTarget, extra: Sequence[str]) -> Body:
    """Return the template of an assembly that the arguments for the CDK CLI name, else that of the settings.

    Raise NotKnown for another app, and for settings that cannot be synthesized: then the CLI says why.
    """
    app = app_of(extra)
    stack = target.foundation
    return _synthesized(target, stack) if app is None else stack_in(app, stack).body


def stack_in(assembly: str, stack: str) -> StackInAssembly:
    """Return a stack of an assembly, whose path starts at the checkout; raise NotKnown when it has none of the name."""
    for found in _stacks(ROOT / assembly, stack):
        return found
    raise NotKnown(f"--app {assembly} is no assembly with {stack}")


def _synthesized(target: DeployTarget, stack: str) -> Body:
    roots = (ROOT, ROOT / "constructs", ROOT / "lambda")
    with TemporaryDirectory() as folder:
        output = Path(folder) / "template.json"
        done = subprocess.run(
            [sys.executable, "-m", synthesis.__name__, str(target.folder), target.name, stack, str(output)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise NotKnown("the synthesis failed")
        body: Body = json.loads(output.read_text(encoding="utf-8"))
        return body


def app_of(extra: Sequence[str]) -> str | None:
    """Return the app or assembly that arguments for the CDK CLI name, None when they name none."""
    for position, argument in enumerate(extra):
        name, equals, value = argument.partition("=")
        if name in _APP:
            return value if equals else next(iter(extra[position + 1 :]), "")
    return None


def _stacks(assembly: Path, stack: str) -> Iterator[StackInAssembly]:
    """Yield a stack from an assembly and those nested in it."""
    try:
        artifacts: dict[str, Any] = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    except (OSError, ValueError, LookupError):
        return
    for name, its in artifacts.items():
        properties = its.get("properties", {})
        if its["type"] == "cdk:cloud-assembly":
            yield from _stacks(assembly / properties["directoryName"], stack)
        elif its["type"] == "aws:cloudformation:stack" and properties.get("stackName", name) == stack:
            body = json.loads((assembly / properties["templateFile"]).read_text(encoding="utf-8"))
            yield StackInAssembly(body, properties.get("tags", {}))
