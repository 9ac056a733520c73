"""What is wrong with a dataset, told without a word of what stands in it."""

from dataclasses import dataclass
from typing import NamedTuple


class Problem(NamedTuple):
    """What a rule has against a record: the place in it, the rule's stable id, what is wrong and what is allowed."""

    path: str
    rule: str
    message: str


@dataclass(frozen=True)
class Finding:
    """A problem with its line, counted from 1; line 0 is the file as a whole.

    No field ever holds content of the record: not a value, and no key that the record made up.
    """

    line: int
    path: str
    rule: str
    message: str

    def describe(self, file: str) -> str:
        """Return one line of text for people: `train.jsonl line 7, messages[1].role: must be …`."""
        place = f"{file} line {self.line}" if self.line else file
        return f"{place}, {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


@dataclass(frozen=True)
class Report:
    """What a file turned out to be. `findings` holds the first ones; `finding_count` counts them all."""

    findings: tuple[Finding, ...]
    finding_count: int
    records: int
    bytes: int
    sha256: str

    @property
    def accepted(self) -> bool:
        return self.finding_count == 0
