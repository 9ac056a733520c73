"""How such files are checked when nobody thinks of speed: line by line, `json.loads`, then a pydantic model.

This has the shape of the validator that AWS gives away with its samples, and its rules.
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator, model_validator

_RESERVED: Final = ("\nHuman:", "\nAssistant:")
_CHARACTERS_PER_TOKEN: Final = 3
_MAX_TOKENS: Final = 32_000


def _clean(text: str) -> str:
    for word in _RESERVED:
        if word in text:
            raise ValueError(f"{word!r} is reserved")
    return text


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: Annotated[str, StringConstraints(pattern="^(user|assistant)$")]
    content: str

    _is_clean = field_validator("content")(_clean)


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid")
    system: str = ""
    messages: list[Message]

    _is_clean = field_validator("system")(_clean)

    @model_validator(mode="after")
    def _turns(self) -> "Record":
        roles = [message.role for message in self.messages]
        if len(roles) < 2 or roles[0] != "user" or roles[-1] != "assistant":
            raise ValueError("must start with the user and end with the assistant")
        if any(one == other for one, other in pairwise(roles)):
            raise ValueError("roles must alternate")
        return self


def check(path: Path) -> tuple[int, int]:
    """Return how many records there are, and how many of them are refused."""
    records = refused = 0
    with path.open(encoding="utf-8") as file:
        for line in file:
            records += 1
            refused += not _is_good(line)
    return records, refused


def _is_good(line: str) -> bool:
    try:
        record = Record.model_validate(json.loads(line))
    except (json.JSONDecodeError, ValidationError):
        return False
    tokens = len(record.system) // _CHARACTERS_PER_TOKEN
    tokens += sum(len(message.content) // _CHARACTERS_PER_TOKEN for message in record.messages)
    # The sample refuses these; here they are counted and kept, so that nothing is left undone.
    return tokens <= 2 * _MAX_TOKENS
