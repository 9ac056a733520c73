"""The rules for one record, whatever its format; each format has a module beside this one."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

from bedrock_lifecycle.dataset.findings import Problem
from bedrock_lifecycle.dataset.limits import Limits
from bedrock_lifecycle.dataset.texts import LengthRules, Size, Sizes, WordRules


class RecordRules(ABC):
    """Checks one record at a time; problems come one by one, so that a hostile record fills no memory with them.

    `sizes` is the size of the record that was checked last, of as much of it as could be read.
    """

    required: ClassVar[frozenset[str]]
    optional: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, limits: Limits) -> None:
        self._words = WordRules(limits)
        self._lengths = LengthRules(limits)
        self.sizes = Sizes()

    def check(self, record: object) -> Iterator[Problem]:
        self.sizes = Sizes()
        if not isinstance(record, dict):
            yield Problem("", "record", "must be a JSON object")
            return
        yield from self.keys(record)
        yield from self.record(record)
        yield from self._lengths.check(self.sizes)

    def keys(self, record: dict[str, Any]) -> Iterator[Problem]:
        """Check which keys the record has."""
        return keys("", record, self.required, self.optional)

    @abstractmethod
    def record(self, record: dict[str, Any]) -> Iterator[Problem]:
        """Check what the record says."""

    def text(
        self, path: str, role: str, value: object, size: Size, *, blank: Problem | None = None
    ) -> Iterator[Problem]:
        """Check a text of `role` and add it to `size`; `blank` is told instead of an error when it says nothing."""
        if not isinstance(value, str):
            yield Problem(path, "text", "must be a string")
            return
        size.add(value)
        if not value or value.isspace():
            yield blank or Problem(path, "empty-text", "must hold more than white space")
        else:
            yield from self._words.check(path, role, value)


def keys(
    path: str, value: dict[str, Any], required: frozenset[str], optional: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    """Check that an object has every required key and none beyond the optional ones."""
    for key in sorted(required - value.keys()):
        yield Problem(path, "missing-key", f"must have the key {key}")
    if value.keys() - required - optional:
        allowed = ", ".join(sorted(required | optional))
        yield Problem(path, "unknown-key", f"must have no other keys than {allowed}")
