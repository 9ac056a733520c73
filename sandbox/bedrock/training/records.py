"""The records of a dataset, in the two formats that the catalogue's models take.

Every refusal names the line and the rule and nothing else: what a record says must not reach a failure message.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.bedrock.catalogue.models import Dialect
from sandbox.bedrock.settings import tokens_in


class BadRecord(Exception):
    """A record breaks a rule of its format; the message says which."""


@dataclass(frozen=True)
class Example:
    """What a record teaches: the last user turn and the answer to it. `tokens` counts the whole record."""

    prompt: str
    completion: str
    tokens: int


def read_record(line: str, dialect: Dialect) -> Example:
    """Return what one line of a dataset teaches; raise `BadRecord`."""
    try:
        record = json.loads(line)
    except ValueError:
        raise BadRecord("the line is not valid JSON") from None
    if not isinstance(record, dict):
        raise BadRecord("the line is not a JSON object")
    system, turns = _FORMATS[dialect](record)
    _check_turns(turns)
    characters = len(system) + sum(len(text) for _, text in turns)
    return Example(turns[-2][1], turns[-1][1], tokens_in(characters))


Turn = tuple[str, str]

# Bedrock's own validator of Haiku data refuses these two; without the colon or the line break they are allowed.
_CLAUDE_RESERVED: Final = ("\nHuman:", "\nAssistant:")
# The Nova user guide: none of these may stand in a system or user prompt.
_NOVA_RESERVED: Final = ("User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]")


def _claude(record: Mapping[str, Any]) -> tuple[str, list[Turn]]:
    _check_keys(record, allowed={"system", "messages"}, required={"messages"}, where="the record")
    system = record.get("system", "")
    if not isinstance(system, str):
        raise BadRecord("system is not a string")
    turns = [_turn(message, index, _plain_text) for index, message in enumerate(_messages(record))]
    for text in (system, *(text for _, text in turns)):
        _check_reserved(text, _CLAUDE_RESERVED)
    return system, turns


def _nova(record: Mapping[str, Any]) -> tuple[str, list[Turn]]:
    allowed = {"schemaVersion", "system", "messages"}
    _check_keys(record, allowed=allowed, required={"schemaVersion", "messages"}, where="the record")
    if not isinstance(record["schemaVersion"], str):
        raise BadRecord("schemaVersion is not a string")
    system = _text_blocks(record["system"], "system") if "system" in record else ""
    turns = [_turn(message, index, _text_blocks) for index, message in enumerate(_messages(record))]
    for text in (system, *(text for role, text in turns if role == "user")):
        _check_reserved(text, _NOVA_RESERVED)
    return system, turns


_FORMATS: Final[Mapping[Dialect, Callable[[Mapping[str, Any]], tuple[str, list[Turn]]]]] = {
    "claude": _claude,
    "nova": _nova,
}


def _messages(record: Mapping[str, Any]) -> list[Any]:
    messages = record["messages"]
    if not isinstance(messages, list):
        raise BadRecord("messages is not a list")
    return messages


def _turn(message: Any, index: int, read: Callable[[Any, str], str]) -> Turn:
    where = f"messages[{index}]"
    if not isinstance(message, dict):
        raise BadRecord(f"{where} is not an object")
    _check_keys(message, allowed={"role", "content"}, required={"role", "content"}, where=where)
    if message["role"] not in ("user", "assistant"):
        raise BadRecord(f"{where}.role is neither user nor assistant")
    return message["role"], read(message["content"], f"{where}.content")


def _plain_text(content: Any, where: str) -> str:
    if not isinstance(content, str) or not content.strip():
        raise BadRecord(f"{where} is not a string with text in it")
    return content


def _text_blocks(content: Any, where: str) -> str:
    if not isinstance(content, list) or not content:
        raise BadRecord(f"{where} is not a list of content blocks")
    for index, block in enumerate(content):
        if not isinstance(block, dict) or block.keys() != {"text"}:
            raise BadRecord(f"{where}[{index}] is not a text block (images and videos are not simulated)")
        _plain_text(block["text"], f"{where}[{index}].text")
    return "\n".join(block["text"] for block in content)


def _check_turns(turns: list[Turn]) -> None:
    if len(turns) < 2:
        raise BadRecord("messages must hold at least one user and one assistant turn")
    for index, (role, _) in enumerate(turns):
        if role != ("user", "assistant")[index % 2]:
            raise BadRecord(f"messages[{index}].role breaks the alternation of user and assistant")
    if turns[-1][0] != "assistant":
        raise BadRecord("the last message is not the assistant's")


def _check_keys(value: Mapping[str, Any], *, allowed: set[str], required: set[str], where: str) -> None:
    missing = sorted(required - value.keys())
    if missing:
        raise BadRecord(f"{where} lacks {', '.join(missing)}")
    if value.keys() - allowed:
        raise BadRecord(f"{where} holds keys other than {', '.join(sorted(allowed))}")


def _check_reserved(text: str, reserved: tuple[str, ...]) -> None:
    for word in reserved:
        if word in text:
            raise BadRecord(f"a text holds the reserved word {json.dumps(word)}")
