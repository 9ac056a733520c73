"""What a part of a file turned out to be, and what its parts are together."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bedrock_lifecycle.dataset.rules.findings import Findings
from bedrock_lifecycle.dataset.rules.foreign_shapes import Shapes
from bedrock_tuning.data.checker.counters import Counters


@dataclass
class Part:
    """A run of whole lines; they are counted from 1. There is no survey after a structural check."""

    survey: Counters | None
    findings: Findings = field(default_factory=Findings)
    lines: int = 0
    bytes: int = 0
    records: int = 0
    characters: int = 0
    is_other_kind: bool = False
    shapes: Shapes = field(default_factory=Shapes)

    def append(self, other: "Part") -> None:
        """Take over what was found in the lines that follow these."""
        if not self.is_other_kind:
            self.findings.update(other.findings, after_lines=self.lines)
            self.records += other.records
            self.characters += other.characters
            self.is_other_kind = other.is_other_kind
            self.shapes.update(other.shapes, after_lines=self.lines)
            if self.survey and other.survey:
                self.survey.append(other.survey, after_lines=self.lines, after_bytes=self.bytes)
        self.lines += other.lines
        self.bytes += other.bytes


def joined(parts: Sequence[Part]) -> Part:
    """Return what all parts of a file are together, in their order; the first one is changed."""
    first, *others = parts
    for other in others:
        first.append(other)
    return first
