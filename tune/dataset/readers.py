"""Reads records of other shapes as conversations, and says what cannot be read as one."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from bedrock_lifecycle.dataset.rules.conversation import MIN_MESSAGES, ROLES, turn_problems
from bedrock_lifecycle.dataset.rules.findings import RecordProblem
from bedrock_lifecycle.dataset.rules.foreign_shapes import Shape
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.record_rules import RecordRules
from tune.dataset.columns import ColumnNames
from tune.dataset.conversion import RecordConversation

_SYSTEM_ROLES: Final = ("system", "developer")
_SPEAKERS: Final = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "model": "assistant"}
_TOOLS: Final = ("tool_calls", "function_call", "tool_call_id")


class PlacedTurn(NamedTuple):
    """A turn and where it stands in the record, as yet unchecked."""

    path: str
    role: Any
    text: Any


class Spoken(NamedTuple):
    """What was read of a record, as yet unchecked; `has_more` tells that it had other keys too."""

    system: Any
    turns: list[PlacedTurn]
    has_more: bool


Reader = Callable[[dict[str, Any]], Spoken]


class CannotReadError(Exception):
    """A record that is no conversation; it carries the problem."""

    def __init__(self, path: str, rule: str, message: str) -> None:
        super().__init__(message)
        self.problem = RecordProblem(path, rule, message)


class ReadingRules(RecordRules):
    """Reads records of any shape by a reader; `conversation` is that of the last one in which nothing was found."""

    required = frozenset()

    def __init__(self, limits: Limits, read: Reader) -> None:
        super().__init__(limits)
        self._read = read
        self.conversation = RecordConversation(None, ())

    def keys(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        return iter(())

    def record(self, record: dict[str, Any]) -> Iterator[RecordProblem]:
        try:
            system, turns, has_more = self._read(record)
        except CannotReadError as error:
            yield error.problem
            return
        if isinstance(system, str) and not system.strip():
            system = None
        if system is not None:
            yield from self.text("system", "system", system)
        if len(turns) < MIN_MESSAGES:
            yield RecordProblem("", "message-count", "must have a question and an answer")
        for path, role, text in turns:
            if role not in ROLES:
                yield RecordProblem(path, "role", "must be said by user or assistant")
            yield from self.text(path, "assistant" if role == "assistant" else "user", text)
        yield from turn_problems([turn.role for turn in turns], lambda index: turns[index].path)
        self.conversation = RecordConversation(system, tuple(turn.text for turn in turns), has_more)


def messages(record: dict[str, Any]) -> Spoken:
    """Read conversations of strings, and chat messages of OpenAI's, whose first turn may be the system prompt."""
    turns: list[PlacedTurn] = []
    system = record.get("system")
    has_more = bool(record.keys() - {"system", "messages"})
    for index, message in enumerate(_list(record, "messages")):
        path = f"messages[{index}]"
        if not isinstance(message, dict):
            raise CannotReadError(path, "message", "must be an object with role and content")
        role = message.get("role")
        if role in ("tool", "function") or any(message.get(key) for key in _TOOLS):
            raise CannotReadError(path, "role", "must be user or assistant: calls of tools are not converted")
        has_more = has_more or bool(message.keys() - {"role", "content"})
        text = _text(message.get("content"), f"{path}.content")
        if role not in _SYSTEM_ROLES:
            turns.append(PlacedTurn(f"{path}.content", role, text))
        elif index or system is not None:
            told = "must be user or assistant: a record has one system prompt, before all turns"
            raise CannotReadError(f"{path}.role", "role", told)
        else:
            system = text
    return Spoken(system, turns, has_more)


def sharegpt(record: dict[str, Any]) -> Spoken:
    """Read conversations whose turns are from human and gpt."""
    turns: list[PlacedTurn] = []
    system = record.get("system")
    has_more = bool(record.keys() - {"system", "conversations"})
    for index, turn in enumerate(_list(record, "conversations")):
        path = f"conversations[{index}]"
        if not isinstance(turn, dict):
            raise CannotReadError(path, "message", "must be an object with from and value")
        has_more = has_more or bool(turn.keys() - {"from", "value"})
        speaker, text = turn.get("from"), turn.get("value")
        if speaker == "system" and not index and system is None:
            system = text
        elif isinstance(speaker, str) and speaker in _SPEAKERS:
            turns.append(PlacedTurn(f"{path}.value", _SPEAKERS[speaker], text))
        else:
            raise CannotReadError(f"{path}.from", "role", f"must be one of {', '.join(_SPEAKERS)}")
    return Spoken(system, turns, has_more)


def named_texts(columns: ColumnNames) -> Reader:
    """Return what reads a question and an answer from the texts of these names."""

    asked, answered = str(columns.prompt), str(columns.completion)

    def read(record: dict[str, Any]) -> Spoken:
        for name in (asked, answered):
            if name not in record:
                raise CannotReadError("", "missing-key", f"must have the key {name}")
        prompt, context = record[asked], record.get(str(columns.context))
        if context is not None and not isinstance(context, str):
            raise CannotReadError(str(columns.context), "text", "must be a string")
        if context and context.strip() and isinstance(prompt, str):
            prompt = f"{prompt}\n\n{context}"
        turns = [PlacedTurn(asked, "user", prompt), PlacedTurn(answered, "assistant", record[answered])]
        return Spoken(record.get(str(columns.system)), turns, columns.has_more(record))

    return read


READERS: Final[dict[Shape, Reader]] = {
    Shape.PAIRS: named_texts(ColumnNames(prompt="prompt", completion="completion")),
    Shape.STRINGS: messages,
    Shape.OPENAI_CHAT: messages,
    Shape.SHAREGPT: sharegpt,
}


def _list(record: dict[str, Any], key: str) -> list[Any]:
    if key not in record:
        raise CannotReadError("", "missing-key", f"must have the key {key}")
    if not isinstance(record[key], list):
        raise CannotReadError(key, "messages", "must be a list")
    found: list[Any] = record[key]
    return found


def _text(content: object, path: str) -> Any:
    """Return the text of a content, which may be a list with one part that holds it."""
    if not isinstance(content, list):
        return content
    match content:
        case [{"text": text}]:
            return text
    raise CannotReadError(path, "text", "must be a string, or a list of one part with text")
