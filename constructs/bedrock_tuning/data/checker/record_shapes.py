"""Recognises a good record in what simdjson read, without making Python objects of more than its texts.

A shape answers None whenever it is not sure; then the rules decide. Being sure needs no look at keys one by one: an
object of simdjson counts a key that comes twice twice, so the right number of keys, among them every required one, has
no other and no double key. What is no object or list has no such keys and no length, and raises.
"""

from collections.abc import Callable
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from bedrock_tuning.data.checker.content import RecordContent

Shape = Callable[[Any], RecordContent | None]

_ROLES: Final = ("user", "assistant") * 1000
_MOST_TURNS: Final = len(_ROLES)
_PROMPT: Final = (0, 1, 1)


def messages(record: Any) -> RecordContent | None:
    keys = len(record)
    if keys > 2:
        return None
    texts = [record[b"system"]] if keys == 2 else []
    said = record[b"messages"]
    # Here `strict=False` and calls that could be written out are a tenth of the time that a short record takes.
    for message, role in zip(said, _ROLES):  # noqa: B905
        if message[b"role"] != role or len(message) != 2:
            return None
        texts.append(message[b"content"])
    turns = len(said)
    if turns % 2 or not 0 < turns <= _MOST_TURNS:
        return None
    for text in texts:
        if not text or text.isspace():
            return None
    return RecordContent((keys - 1,) + (1,) * turns, texts)


def converse(record: Any) -> RecordContent | None:
    keys = len(record)
    if keys > 3 or type(record[b"schemaVersion"]) is not str:
        return None
    texts: list[str] = []
    parts = [_blocks(record[b"system"], texts) if keys == 3 else 0]
    said = record[b"messages"]
    for message, role in zip(said, _ROLES, strict=False):
        if message[b"role"] != role or len(message) != 2:
            return None
        parts.append(_blocks(message[b"content"], texts))
    if not _are_turns(len(said)) or _says_nothing(texts):
        return None
    return RecordContent(tuple(parts), texts)


def prompt_completion(record: Any) -> RecordContent | None:
    texts = [record[b"prompt"], record[b"completion"]]
    if len(record) != 2 or _says_nothing(texts):
        return None
    return RecordContent(_PROMPT, texts)


SHAPES: Final[dict[RecordFormat, Shape]] = {
    RecordFormat.MESSAGES: messages,
    RecordFormat.CONVERSE: converse,
    RecordFormat.PROMPT_COMPLETION: prompt_completion,
}


def _are_turns(count: int) -> bool:
    """Tell whether so many messages end with an answer, and whether their roles were all looked at."""
    return count % 2 == 0 and 0 < count <= _MOST_TURNS


def _blocks(blocks: Any, texts: list[str]) -> int:
    before = len(texts)
    for block in blocks:
        texts.append(block[b"text"])
        if len(block) != 1:
            raise KeyError
    if len(texts) == before:
        raise IndexError
    return len(texts) - before


def _says_nothing(texts: list[str]) -> bool:
    # What is no string has no such method, and raises.
    for text in texts:  # noqa: SIM110 - a third of the time that any() takes, for every record
        if not text or text.isspace():
            return True
    return False
