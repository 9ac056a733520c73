"""The rules for records that are conversations: the messages format, and the converse format."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, ClassVar, Final

from bedrock_lifecycle.dataset.rules.findings import RecordProblem
from bedrock_lifecycle.dataset.rules.record_rules import RecordRules, keys

ROLES: Final = ("user", "assistant")
SCHEMA_VERSION: Final = "bedrock-conversation-2024"
MIN_MESSAGES: Final = 2
OTHER_BLOCKS: Final = frozenset({"document", "image", "reasoningContent", "toolResult", "toolUse", "video"})
"""What a block of the Converse operation may hold in place of text."""
MEDIA: Final = frozenset({"document", "image", "video"})
_EMPTY_SYSTEM: Final = RecordProblem(
    "system", "empty-system", "is empty, and what Bedrock does with that is not established: leave the key out"
)


class ConversationRules(RecordRules):
    """User and assistant in turns; what a text looks like is up to the format."""

    other_keys: ClassVar[str]
    """The rule that tells of keys that the format does not have."""

    def keys(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        return keys("", record, self.required, self.optional, others=self.other_keys)

    def record(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        if "system" in record:
            yield from self.system(record["system"])
        if "messages" in record:
            yield from self._messages(record["messages"])

    @abstractmethod
    def system(self, value: object) -> Iterator[RecordProblem]:
        """Check the system prompt."""

    @abstractmethod
    def content(self, path: str, role: str, value: object, *, answer: bool = False) -> Iterator[RecordProblem]:
        """Check what one message says."""

    def _messages(self, value: object) -> Iterator[RecordProblem]:
        if not isinstance(value, list):
            yield RecordProblem("messages", "messages", "must be a list")
            return
        if len(value) < MIN_MESSAGES:
            yield RecordProblem("messages", "message-count", f"must have at least {MIN_MESSAGES} messages")
        for index, message in enumerate(value):
            yield from self._message(f"messages[{index}]", message, answer=index == len(value) - 1)
        yield from turn_problems([message.get("role") if isinstance(message, dict) else None for message in value])

    def _message(self, path: str, message: object, *, answer: bool) -> Iterator[RecordProblem]:
        if not isinstance(message, dict):
            yield RecordProblem(path, "message", "must be an object with role and content")
            return
        yield from keys(path, message, frozenset({"role", "content"}), others=self.other_keys)
        role = message.get("role")
        if "role" in message and role not in ROLES:
            yield RecordProblem(f"{path}.role", "role", "must be user or assistant")
        if "content" in message:
            # What nobody says has no role of its own; it is judged as the user's.
            said_by = "assistant" if role == "assistant" else "user"
            yield from self.content(f"{path}.content", said_by, message["content"], answer=answer)


class MessagesRules(ConversationRules):
    """Texts are strings."""

    required = frozenset({"messages"})
    optional = frozenset({"system"})
    other_keys = "unknown-key"

    def system(self, value: object) -> Iterator[RecordProblem]:
        return self.text("system", "system", value, blank=_EMPTY_SYSTEM)

    def content(self, path: str, role: str, value: object, *, answer: bool = False) -> Iterator[RecordProblem]:
        return self.text(path, role, value, answer=answer)


class ConverseRules(ConversationRules):
    """Texts are lists of blocks, as in Bedrock's Converse operation."""

    required = frozenset({"messages"})
    optional = frozenset({"schemaVersion", "system"})
    other_keys = "other-key"

    def record(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        if "schemaVersion" not in record:
            told = f"is missing: every AWS example has one, such as {SCHEMA_VERSION}"
            yield RecordProblem("schemaVersion", "schema-version-missing", told)
        elif not isinstance(record["schemaVersion"], str):
            yield RecordProblem(
                "schemaVersion",
                "schema-version",
                f"must be a string; write {SCHEMA_VERSION}, as every AWS example does",
            )
        yield from super().record(record)

    def system(self, value: object) -> Iterator[RecordProblem]:
        if value == []:
            yield _EMPTY_SYSTEM
        else:
            yield from self.content("system", "system", value)

    def content(self, path: str, role: str, value: object, *, answer: bool = False) -> Iterator[RecordProblem]:
        if not isinstance(value, list) or not value:
            yield RecordProblem(path, "blocks", "must be a list of one or more objects with text")
            return
        for index, block in enumerate(value):
            yield from self._block(f"{path}[{index}]", role, block, answer=answer)

    def _block(self, path: str, role: str, block: object, *, answer: bool) -> Iterator[RecordProblem]:
        if not isinstance(block, dict) or "text" not in block or block.keys() & OTHER_BLOCKS:
            yield RecordProblem(path, "block", f"must be an object with text: {self._why_not(block)}")
            return
        yield from keys(path, block, frozenset({"text"}), others=self.other_keys)
        yield from self.text(f"{path}.text", role, block["text"], answer=answer)

    def _why_not(self, block: object) -> str:
        if self._limits.text_only and isinstance(block, dict) and block.keys() & MEDIA:
            return "this base model takes no images, videos or documents"
        return "other blocks (images, videos, reasoning) cannot be checked here"


def _role_of(index: int) -> str:
    return f"messages[{index}].role"


def turn_problems(roles: list[Any], place: Callable[[int], str] = _role_of) -> Iterator[RecordProblem]:
    """Check that user and assistant take turns, given their roles and where each of these stands."""
    # A role that is neither is told where it stands, and not again here.
    if roles and roles[0] == "assistant":
        yield RecordProblem(place(0), "first-role", "must be user: a conversation starts with the user")
    for index, (before, role) in enumerate(pairwise(roles), start=1):
        if role == before and role in ROLES:
            yield RecordProblem(place(index), "role-alternation", "must alternate between user and assistant")
    if roles and roles[-1] == "user":
        yield RecordProblem(place(len(roles) - 1), "last-role", "must be assistant: the model learns from this answer")
