"""Which resources a change adds, updates, replaces and removes, as the CDK's own library for diffs tells it."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tune.deployment.cdk_cli import environment
from tune.terminal.folders import ROOT
from tune.terminal.problems import CannotBeDone

_SCRIPT: Final = Path(__file__).with_name("structure.cjs")
_PACKAGE: Final = ROOT / "node_modules" / "@aws-cdk" / "cloudformation-diff"


class DiffMissing(CannotBeDone):
    """What compares templates is not installed, or failed."""


@dataclass(frozen=True)
class Change:
    """What becomes of a resource. `impact` is the library's: WILL_UPDATE, WILL_REPLACE, MAY_REPLACE, WILL_DESTROY …"""

    logical_id: str
    type: str
    impact: str
    properties: tuple[str, ...] = ()

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


def changes(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> list[list[Change]]:
    """Return what changes in each pair of templates.

    Raises DiffMissing when the library is not installed, or cannot read a template.
    """
    if not pairs:
        return []
    if not _PACKAGE.is_dir():
        raise DiffMissing("what compares templates is not installed: run make setup-deploy")
    done = subprocess.run(
        ["node", str(_SCRIPT)],
        input=json.dumps(pairs),
        cwd=ROOT,
        env=environment(os.environ) | {"NODE_PATH": str(ROOT / "node_modules")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = next((line for line in done.stderr.splitlines() if "Error" in line), "no reason was told")
        raise DiffMissing(f"templates could not be compared: {reason}")
    return [[_change(each) for each in pair if _is_ours(each)] for pair in json.loads(done.stdout)]


def _change(told: Mapping[str, Any]) -> Change:
    kind = str(told["after"] or told["before"])
    return Change(told["id"], kind, told["impact"], tuple(told["properties"]))


def _is_ours(told: Mapping[str, Any]) -> bool:
    # Of a custom resource the library knows no property, and calls each change of one none.
    is_change = told["impact"] != "NO_CHANGE" or bool(told["properties"])
    return "AWS::CDK::Metadata" not in (told["before"], told["after"]) and is_change
