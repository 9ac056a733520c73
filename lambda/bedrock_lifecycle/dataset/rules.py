"""The rules for one record, by format."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar, Final

from bedrock_lifecycle.dataset.findings import Problem
from bedrock_lifecycle.dataset.limits import CHARACTERS_PER_TOKEN, Limits, RecordFormat

_ROLES: Final = ("user", "assistant")
_MIN_MESSAGES: Final = 2


class RecordRules(ABC):
    """Checks one record at a time; problems come one by one, so that a hostile record fills no memory with them."""

    required: ClassVar[frozenset[str]]
    optional: ClassVar[frozenset[str]]

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._characters = 0

    def check(self, record: object) -> Iterator[Problem]:
        if not isinstance(record, dict):
            yield Problem("", "record", "must be a JSON object")
            return
        self._characters = 0
        yield from _keys("", record, self.required, self.optional)
        if "system" in record:
            yield from self.system(record["system"])
        if "messages" in record:
            yield from self._messages(record["messages"])
        yield from self._length()

    @abstractmethod
    def system(self, value: object) -> Iterator[Problem]:
        """Check the system prompt."""

    @abstractmethod
    def content(self, path: str, value: object) -> Iterator[Problem]:
        """Check what one message says."""

    def text(self, path: str, value: object) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(path, "text", "must be a string")
        elif not value.strip():
            yield Problem(path, "empty-text", "must hold more than white space")
        else:
            self._characters += len(value)
            yield from self._words(path, value)

    def _words(self, path: str, text: str) -> Iterator[Problem]:
        for word in self._limits.reserved_words:
            if word in text:
                yield Problem(path, "reserved-word", f"must not hold {word!r}, which the base model reserves")
        if not _is_unicode(text):
            yield Problem(path, "unicode", "holds half of a surrogate pair (\\ud800 to \\udfff), which is no character")

    def _messages(self, value: object) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("messages", "messages", "must be a list")
            return
        if len(value) < _MIN_MESSAGES:
            yield Problem("messages", "message-count", f"must have at least {_MIN_MESSAGES} messages")
        for index, message in enumerate(value):
            yield from self._message(f"messages[{index}]", message)
        yield from _turns([message.get("role") if isinstance(message, dict) else None for message in value])

    def _message(self, path: str, message: object) -> Iterator[Problem]:
        if not isinstance(message, dict):
            yield Problem(path, "message", "must be an object with role and content")
            return
        yield from _keys(path, message, frozenset({"role", "content"}))
        if "role" in message and message["role"] not in _ROLES:
            yield Problem(f"{path}.role", "role", "must be user or assistant")
        if "content" in message:
            yield from self.content(f"{path}.content", message["content"])

    def _length(self) -> Iterator[Problem]:
        if self._characters > self._limits.max_characters_per_record:
            yield Problem(
                "",
                "record-length",
                f"has {self._characters} characters: more than {self._limits.max_tokens_per_record} tokens, the base "
                f"model's limit, even at {CHARACTERS_PER_TOKEN} characters a token, the most that Bedrock plans with",
            )


class MessagesRules(RecordRules):
    """Texts are strings."""

    required = frozenset({"messages"})
    optional = frozenset({"system"})

    def system(self, value: object) -> Iterator[Problem]:
        return self.text("system", value)

    def content(self, path: str, value: object) -> Iterator[Problem]:
        return self.text(path, value)


class ConverseRules(RecordRules):
    """Texts are lists of blocks, as in Bedrock's Converse operation."""

    required = frozenset({"schemaVersion", "messages"})
    optional = frozenset({"system"})

    def check(self, record: object) -> Iterator[Problem]:
        yield from super().check(record)
        if isinstance(record, dict) and not isinstance(record.get("schemaVersion", ""), str):
            yield Problem("schemaVersion", "schema-version", "must be a string such as bedrock-conversation-2024")

    def system(self, value: object) -> Iterator[Problem]:
        return self.content("system", value)

    def content(self, path: str, value: object) -> Iterator[Problem]:
        if not isinstance(value, list) or not value:
            yield Problem(path, "blocks", "must be a list of one or more objects with text")
            return
        for index, block in enumerate(value):
            yield from self._block(f"{path}[{index}]", block)

    def _block(self, path: str, block: object) -> Iterator[Problem]:
        if not isinstance(block, dict):
            yield Problem(path, "block", "must be an object with text")
            return
        yield from _keys(path, block, frozenset({"text"}))
        if "text" in block:
            yield from self.text(f"{path}.text", block["text"])


RULES: Final[dict[RecordFormat, type[RecordRules]]] = {
    RecordFormat.MESSAGES: MessagesRules,
    RecordFormat.CONVERSE: ConverseRules,
}


def _keys(
    path: str, value: dict[str, Any], required: frozenset[str], optional: frozenset[str] = frozenset()
) -> Iterator[Problem]:
    for key in sorted(required - value.keys()):
        yield Problem(path, "missing-key", f"must have the key {key}")
    if value.keys() - required - optional:
        allowed = ", ".join(sorted(required | optional))
        yield Problem(path, "unknown-key", f"must have no other keys than {allowed}")


def _turns(roles: list[Any]) -> Iterator[Problem]:
    # A role that is neither is told where it stands, and not again here.
    if roles and roles[0] == "assistant":
        yield Problem("messages[0].role", "first-role", "must be user: a conversation starts with the user")
    for index, (before, role) in enumerate(pairwise(roles), start=1):
        if role == before and role in _ROLES:
            yield Problem(f"messages[{index}].role", "role-alternation", "must alternate between user and assistant")
    if roles and roles[-1] == "user":
        yield Problem(
            f"messages[{len(roles) - 1}].role", "last-role", "must be assistant: it is the answer that is learned"
        )


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
