"""Which resources a change adds, updates, replaces and removes, as the CDK's own library for diffs tells it."""

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from tune.deployment.cdk_cli import environment
from tune.exports.replacement import Replacement, Replaces
from tune.exports.replacement import replacement as looked_up
from tune.terminal.folders import ROOT
from tune.terminal.problems import CannotBeDone

_SCRIPT: Final = Path(__file__).with_name("structure.cjs")
Given = Mapping[str, Any] | str
"""A template, or the name of the file that has it: the library reads that itself, which is quicker."""
Templates = tuple[Given, Given]
_REPLACES: Final[Mapping[str, Replaces]] = {
    "WILL_REPLACE": "yes",
    "MAY_REPLACE": "maybe",
    "WILL_UPDATE": "no",
    "NO_CHANGE": "maybe",
}
_PACKAGE: Final = ROOT / "node_modules" / "@aws-cdk" / "cloudformation-diff"


class DiffMissing(CannotBeDone):
    """What compares templates is not installed, or failed."""


@dataclass(frozen=True)
class ResourceChange:
    """What becomes of a resource, and by which of its properties.

    impact: The library's word for it: WILL_UPDATE, WILL_REPLACE, MAY_REPLACE, WILL_DESTROY …
    properties: The same of each property that changes; NO_CHANGE of one that the library does not know.
    """

    logical_id: str
    type: str
    impact: str
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_replaced(self) -> bool:
        return self.impact in ("WILL_REPLACE", "MAY_REPLACE")

    @property
    def is_removed(self) -> bool:
        return self.impact in ("WILL_DESTROY", "WILL_ORPHAN")

    @property
    def verb(self) -> str:
        """What is done to it, in a word."""
        if self.is_replaced:
            return "replaced"
        return {"WILL_CREATE": "added", "WILL_IMPORT": "added"}.get(
            self.impact, "removed" if self.is_removed else "updated"
        )


class Library:
    """The library, in a process of its own: it takes most of a second to load, in which others can read assemblies."""

    def __init__(self) -> None:
        self._process = _started() if _PACKAGE.is_dir() else None
        self._waiter = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.kill()
        self._waiter.shutdown()
        if self._process:
            self._process.__exit__(None, None, None)

    def ask(self, pairs: Sequence[Templates]) -> "Future[list[list[ResourceChange]]]":
        """Ask once what changes in each pair of templates.

        The answer raises DiffMissing when the library is not installed, or cannot read a template.
        """
        return self._waiter.submit(self._changes, pairs)

    def _changes(self, pairs: Sequence[Templates]) -> list[list[ResourceChange]]:
        if not pairs:
            return []
        if not self._process:
            raise DiffMissing("what compares templates is not installed: run make setup-deploy")
        told, errors = self._process.communicate(json.dumps(pairs))
        if self._process.returncode:
            reason = next((line for line in errors.splitlines() if "Error" in line), "no reason was told")
            raise DiffMissing(f"templates could not be compared: {reason}")
        return changes_of(told)


def changes_of(answer: str) -> list[list[ResourceChange]]:
    """Return what the script answered, without what is no change or only serves the CDK."""
    return [[_change(each) for each in pair if _is_ours(each)] for pair in json.loads(answer)]


def replacement(found: Iterable[ResourceChange]) -> Replacement:
    """Return which properties replace a resource: of those that change as the library says, which it has looked up.

    Of the rest as the database says that it looked into; to load that takes a while.
    """
    known = {(its.type, name): _REPLACES[impact] for its in found for name, impact in its.properties.items()}
    return lambda kind, name: known.get((kind, name)) or looked_up(kind, name)


def changes(pairs: Sequence[Templates]) -> list[list[ResourceChange]]:
    """Return what changes in each pair of templates; raise DiffMissing as the library's answer does."""
    with Library() as library:
        return library.ask(pairs).result()


def _started() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["node", str(_SCRIPT)],
        cwd=ROOT,
        env=environment(os.environ) | {"NODE_PATH": str(ROOT / "node_modules")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _change(told: Mapping[str, Any]) -> ResourceChange:
    kind = str(told["after"] or told["before"])
    return ResourceChange(told["id"], kind, told["impact"], told["properties"])


def _is_ours(told: Mapping[str, Any]) -> bool:
    # Of a custom resource the library knows no property, and calls each change of one none.
    is_change = told["impact"] != "NO_CHANGE" or bool(told["properties"])
    return "AWS::CDK::Metadata" not in (told["before"], told["after"]) and is_change
