"""The rules for one record, whatever its format; each format has a module beside this one."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from bedrock_lifecycle.dataset.rules.findings import RecordProblem
from bedrock_lifecycle.dataset.rules.known_keys import KNOWN_KEYS
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.texts import Characters, LengthRules, WordRules


class RecordRules(ABC):
    """Checks one record at a time; problems come one by one, so that a hostile record fills no memory with them.

    `characters` are those of the record that was checked last, of as much of it as could be read.
    """

    required: ClassVar[frozenset[str]]
    optional: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._words = WordRules(limits)
        self._lengths = LengthRules(limits)
        self.characters = Characters()

    def check(self, record: object, line_bytes: int) -> Iterator[RecordProblem]:
        """Check what a line of so many bytes holds."""
        self.characters = Characters()
        if not isinstance(record, dict):
            yield RecordProblem("", "record", "must be a JSON object")
            return
        yield from self.keys(record)
        yield from self.record(record)
        yield from self._lengths.check(self.characters, line_bytes)

    def keys(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        """Check which keys the record has."""
        return keys("", record, self.required, self.optional)

    @abstractmethod
    def record(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        """Check what the record says."""

    def text(
        self, path: str, role: str, value: object, *, answer: bool = False, blank: RecordProblem | None = None
    ) -> Iterator[RecordProblem]:
        """Check a text of `role`, which is part of the last answer or not; `blank` is told when it says nothing."""
        if not isinstance(value, str):
            yield RecordProblem(path, "text", "must be a string")
            return
        if answer:
            self.characters.output += len(value)
        else:
            self.characters.input += len(value)
        if not value or value.isspace():
            yield blank or RecordProblem(path, "empty-text", "must have more than white space")
            return
        if not _is_unicode(value):
            yield RecordProblem(
                path, "unicode", "has half of a surrogate pair (\\ud800 to \\udfff), which is not a character"
            )
        yield from self._words.check(path, role, value)


def keys(
    path: str,
    value: dict[str, Any],
    required: frozenset[str],
    optional: frozenset[str] = frozenset(),
    *,
    others: str = "unknown-key",
) -> Iterator[RecordProblem]:
    """Check that an object has every required key and none beyond the optional ones, which is told by rule `others`."""
    for key in sorted(required - value.keys()):
        yield RecordProblem(path, "missing-key", f"must have the key {key}")
    if more := value.keys() - required - optional:
        yield _other_keys(path, others, more, ", ".join(sorted(required | optional)))


def _other_keys(path: str, rule: str, more: AbstractSet[str], allowed: str) -> RecordProblem:
    named = sorted(more & KNOWN_KEYS)
    unnamed = len(more) - len(named)
    told = ", ".join([*named, *([f"{unnamed} that {'is' if unnamed == 1 else 'are'} not named here"] * bool(unnamed))])
    if rule == "unknown-key":
        return RecordProblem(path, rule, f"must have no keys other than {allowed}: remove {told}")
    return RecordProblem(
        path, rule, f"has keys other than {allowed}: {told}; whether Bedrock accepts them is not established"
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
