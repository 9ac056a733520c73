"""The records of a dataset, in the formats that the catalogue's models take.

Every refusal names the line and the rule and nothing else: what a record says must not reach a failure message.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.bedrock.catalogue.models import Recipe, RecordFormat
from sandbox.bedrock.settings import tokens_in

_SCHEMA_VERSION: Final = "bedrock-conversation-2024"


class BadRecord(Exception):
    """A record breaks a rule of its format; the message says which."""


@dataclass(frozen=True)
class Example:
    """What a record teaches: the last user turn and the answer to it. `tokens` counts the whole record."""

    prompt: str
    completion: str
    tokens: int


def read_record(line: str, recipe: Recipe) -> Example:
    """Return what one line of a dataset teaches; raise `BadRecord`."""
    try:
        record = json.loads(line)
    except ValueError:
        raise BadRecord("the line is not valid JSON") from None
    if not isinstance(record, dict):
        raise BadRecord("the line is not a JSON object")
    system, turns = _FORMATS[recipe.record_format](record, recipe)
    _check_turns(turns)
    for role, text in (("system", system), *turns):
        if recipe.unwritten.reserves_in_every_role or role in recipe.reserved_in:
            _check_reserved(text, recipe)
    *asked, (_, completion) = turns
    _check_tokens("input", [system, *(text for _, text in asked)], recipe.max_input_tokens)
    _check_tokens("output", [completion], recipe.max_output_tokens)
    return Example(asked[-1][1], completion, tokens_in(len(system) + sum(len(text) for _, text in turns)))


Turn = tuple[str, str]


def _plain(record: Mapping[str, Any], _: Recipe) -> tuple[str, list[Turn]]:
    _check_keys(record, allowed={"system", "messages"}, required={"messages"}, where="the record")
    system = record.get("system", "")
    if not isinstance(system, str):
        raise BadRecord("system is not a string")
    return system, [_turn(message, index, _plain_text) for index, message in enumerate(_messages(record))]


def _converse(record: Mapping[str, Any], recipe: Recipe) -> tuple[str, list[Turn]]:
    allowed = {"schemaVersion", "system", "messages"}
    _check_keys(record, allowed=allowed, required={"schemaVersion", "messages"}, where="the record")
    if not isinstance(record["schemaVersion"], str):
        raise BadRecord("schemaVersion is not a string")
    if record["schemaVersion"] != _SCHEMA_VERSION and not recipe.unwritten.takes_any_schema_version:
        raise BadRecord(f"schemaVersion is not {_SCHEMA_VERSION}")
    system = _text_blocks(record["system"], "system") if "system" in record else ""
    return system, [_turn(message, index, _text_blocks) for index, message in enumerate(_messages(record))]


def _prompt_completion(record: Mapping[str, Any], recipe: Recipe) -> tuple[str, list[Turn]]:
    texts = {"prompt", "completion"}
    allowed = texts | record.keys() if recipe.unwritten.takes_other_keys else texts
    _check_keys(record, allowed=allowed, required=texts, where="the record")
    read = _any_text if recipe.unwritten.takes_empty_texts else _plain_text
    prompt, completion = (read(record[name], name) for name in ("prompt", "completion"))
    return "", [("user", prompt), ("assistant", completion)]


_FORMATS: Final[Mapping[RecordFormat, Callable[[Mapping[str, Any], Recipe], tuple[str, list[Turn]]]]] = {
    "messages": _plain,
    "converse": _converse,
    "prompt_completion": _prompt_completion,
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


def _any_text(content: Any, where: str) -> str:
    if not isinstance(content, str):
        raise BadRecord(f"{where} is not a string")
    return content


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


def _check_reserved(text: str, recipe: Recipe) -> None:
    for word in recipe.reserved_words:
        if word in text or (recipe.unwritten.reserves_in_any_case and word.lower() in text.lower()):
            raise BadRecord(f"a text holds the reserved word {json.dumps(word)}")


def _check_tokens(side: str, texts: list[str], at_most: int | None) -> None:
    number = tokens_in(sum(map(len, texts)))
    if at_most is not None and number > at_most:
        raise BadRecord(f"the {side} has about {number} tokens, at most {at_most} are allowed")
