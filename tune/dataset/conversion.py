"""Prompt and completion, written as the base models' conversations: the same record gives the same bytes."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from bedrock_lifecycle.dataset.limits import RecordFormat

KEYS: Final = ("prompt", "completion")

# Bedrock takes any text here; its documentation's examples have this one.
_SCHEMA_VERSION: Final = "bedrock-conversation-2024"


def messages(prompt: str, completion: str, system: str | None) -> dict[str, Any]:
    """Return a record in which texts are strings (Claude 3 Haiku)."""
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": completion}]
    return {"messages": turns} if system is None else {"system": system, "messages": turns}


def converse(prompt: str, completion: str, system: str | None) -> dict[str, Any]:
    """Return a record in which texts are lists of blocks (Nova)."""
    told = {} if system is None else {"system": [{"text": system}]}
    turns = [
        {"role": "user", "content": [{"text": prompt}]},
        {"role": "assistant", "content": [{"text": completion}]},
    ]
    return {"schemaVersion": _SCHEMA_VERSION, **told, "messages": turns}


FORMATS: Final[Mapping[RecordFormat, Callable[[str, str, str | None], dict[str, Any]]]] = {
    RecordFormat.MESSAGES: messages,
    RecordFormat.CONVERSE: converse,
}


def converted(record: Mapping[str, Any], to: RecordFormat, system: str | None) -> bytes:
    """Return the line for a record of prompt and completion in another format."""
    prompt, completion = (record[key] for key in KEYS)
    written = FORMATS[to](prompt, completion, system)
    return json.dumps(written, ensure_ascii=False).encode() + b"\n"
