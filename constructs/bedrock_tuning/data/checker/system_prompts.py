"""Which system prompts the records of a file have, and what to say when some have none or another."""

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

MOST: Final = 1000
"""So many different system prompts are told apart, which bounds the memory."""
_NONE: Final = b""
_DIGEST_BYTES: Final = 8
_REMEDY: Final = "write the same one into all of them, and send it with every request to the tuned model"


class PromptWarning(NamedTuple):
    """A warning: the line that it starts at, the rule, the message."""

    line: int
    rule: str
    message: str


class SystemPrompts:
    """Counts records by their system prompts, of which only digests are kept.

    `uses` has for each, in the order in which they come, how many records have it and the line of the first one. `last`
    has the texts of the last record's, and `use` what is counted of it.
    """

    def __init__(self) -> None:
        self.uses: dict[bytes, list[int]] = {}
        self.last: list[str] | None = None
        self.use: list[int] = [0, 0]

    def change(self, line: int, texts: list[str]) -> None:
        """Take note of a record whose system prompt is another than that of the record before."""
        self.last = texts
        self.use = self._use_of(_digest(texts), line)

    def append(self, other: "SystemPrompts", after_lines: int) -> None:
        """Take over what was seen behind so many lines of the same file."""
        for digest, (count, line) in other.uses.items():
            self._use_of(digest, line + after_lines)[0] += count
        self.last = None

    def _use_of(self, digest: bytes, line: int) -> list[int]:
        if digest in self.uses or len(self.uses) < MOST:
            return self.uses.setdefault(digest, [0, line])
        return [0, line]  # is counted nowhere

    @property
    def _given(self) -> dict[bytes, list[int]]:
        return {digest: use for digest, use in self.uses.items() if digest != _NONE}

    @property
    def _is_content(self) -> bool:
        """Whether most records have one of their own, so that it is data like the question, and meant to change."""
        given = self._given
        return len(self.uses) >= MOST or len(given) * 2 > max(sum(count for count, _ in given.values()), 2)

    def warnings(self, train: "SystemPrompts | None") -> Iterator[PromptWarning]:
        """Yield what is odd about the system prompts of a file, and beside those of the training file."""
        given, none = self._given, self.uses.get(_NONE)
        if given and none:
            told = f"{none[0]} records have no system prompt, the first on this line, and the others have one"
            yield PromptWarning(none[1], "system-prompt-missing", f"{told}: {_REMEDY}")
        if len(given) > 1 and not self._is_content:
            _, (_, line), *_ = given.values()
            told = f"there are {len(given)} different system prompts, the second on this line"
            yield PromptWarning(line, "system-prompt-changes", f"{told}: {_REMEDY}")
        if train and train.uses and not train._is_content:
            yield from self._beside(train, told_already=bool(given and none))

    def _beside(self, train: "SystemPrompts", *, told_already: bool) -> Iterator[PromptWarning]:
        none = self.uses.get(_NONE)
        if none and _NONE not in train.uses and not told_already:
            told = f"{none[0]} records have no system prompt, and the training records have one"
            yield PromptWarning(none[1], "system-prompt-missing", f"{told}: {_REMEDY}")
        others = [use for digest, use in self._given.items() if digest not in train.uses]
        if others:
            told = f"{sum(count for count, _ in others)} records have a system prompt that no training record has"
            yield PromptWarning(others[0][1], "system-prompt-changes", f"{told}: {_REMEDY}")


def _digest(texts: list[str]) -> bytes:
    if not texts:
        return _NONE
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for text in texts:
        digest.update(f"{len(text)}:{text}".encode())
    return digest.digest()
