"""What is wrong with a dataset, told without a word of what stands in it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE, Level

PLACES_PER_RULE: Final = 100


class RecordProblem(NamedTuple):
    """What a rule has against a record: the place in it, the rule's stable id, what is wrong and what is allowed."""

    path: str
    rule: str
    message: str


@dataclass(frozen=True)
class FileFinding:
    """A problem with its line, counted from 1; line 0 is the file as a whole.

    `rule` is a key of the catalogue. No field ever holds content of the record: not a value, and no key that the
    record made up.
    """

    line: int
    path: str
    rule: str
    message: str

    @property
    def level(self) -> Level:
        return CATALOGUE[self.rule].level

    def describe(self, file: str) -> str:
        """Return one line of text for people: `train.jsonl line 7, messages[1].role: must be …`."""
        place = f"{file} line {self.line}" if self.line else file
        return f"{place}, {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


@dataclass(frozen=True)
class FileFindings:
    """What a file turned out to be.

    `findings` holds the first places of each rule, in the order of the file, and `counts` tells how often each rule was
    broken in all. `sha256` is empty when it was not taken. `characters` counts those of every text that could be read.
    """

    findings: tuple[FileFinding, ...]
    counts: Mapping[str, int]
    records: int
    bytes: int
    sha256: str
    characters: int

    @property
    def accepted(self) -> bool:
        return self.error_count == 0

    @property
    def errors(self) -> tuple[FileFinding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)

    @property
    def warnings(self) -> tuple[FileFinding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.WARNING)

    @property
    def error_count(self) -> int:
        return self._count(Level.ERROR)

    @property
    def warning_count(self) -> int:
        return self._count(Level.WARNING)

    def _count(self, level: Level) -> int:
        return sum(count for rule, count in self.counts.items() if CATALOGUE[rule].level is level)


class Findings:
    """Collects findings in bounded memory: of each rule the first places, and a count of all."""

    def __init__(self) -> None:
        self._kept: list[FileFinding] = []
        self._counts: Counter[str] = Counter()
        self.error_count = 0

    def add(self, line: int, path: str, rule: str, message: str) -> None:
        self._counts[rule] += 1
        self.error_count += CATALOGUE[rule].level is Level.ERROR
        if self._counts[rule] <= PLACES_PER_RULE:
            self._kept.append(FileFinding(line, path, rule, message))

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._counts.clear()
        self.error_count = 0

    def update(self, others: "Findings", after_lines: int = 0) -> None:
        """Take over what was found elsewhere in the same file, behind so many lines of it."""
        self._counts.update(others._counts)
        self.error_count += others.error_count
        kept = Counter(finding.rule for finding in self._kept)
        for finding in others._kept:
            kept[finding.rule] += 1
            if kept[finding.rule] <= PLACES_PER_RULE:
                line = finding.line + after_lines if finding.line else 0
                self._kept.append(replace(finding, line=line))

    @property
    def kept(self) -> tuple[FileFinding, ...]:
        """The findings by line, those of the file as a whole last."""
        return tuple(sorted(self._kept, key=lambda finding: finding.line or float("inf")))

    @property
    def counts(self) -> dict[str, int]:
        return dict(self._counts)
