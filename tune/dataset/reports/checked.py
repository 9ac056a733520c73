"""What the reports are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.dataset.rules.catalogue import Level
from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings
from bedrock_tuning.data.checker import FileStatistics
from tune.terminal.labels import name_of


@dataclass(frozen=True)
class CheckedFile:
    """A file and what was found in it; `split` tells what it is for, where that is known."""

    path: Path
    report: FileFindings
    split: Split | None = None

    @property
    def name(self) -> str:
        return name_of(self.path)


@dataclass(frozen=True)
class Measured:
    """A file that was checked, and its numbers."""

    file: CheckedFile
    numbers: FileStatistics


def by_rule(findings: Sequence[FileFinding]) -> dict[str, list[FileFinding]]:
    """Return findings grouped by rule: errors first, then in the order in which the rules come up."""
    groups: dict[str, list[FileFinding]] = {}
    for finding in sorted(findings, key=lambda each: each.level is not Level.ERROR):
        groups.setdefault(finding.rule, []).append(finding)
    return groups
