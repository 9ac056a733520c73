"""Conversations, written in the base models' formats: the same conversation gives the same bytes."""

import json
from typing import Any, Final, NamedTuple

from bedrock_lifecycle.dataset.rules.conversation import ROLES, SCHEMA_VERSION
from bedrock_lifecycle.dataset.rules.limits import RecordFormat

FORMATS: Final = (RecordFormat.MESSAGES, RecordFormat.CONVERSE)


class RecordConversation(NamedTuple):
    """What a record says: its system prompt, if it has one, and what user and assistant say in turn.

    `has_more` tells that the record had other keys too.
    """

    system: str | None
    turns: tuple[str, ...]
    has_more: bool = False

    def record(self, to: RecordFormat) -> dict[str, Any]:
        """Return the record in a format of conversations, in which texts are strings or lists of blocks."""
        in_blocks = to is RecordFormat.CONVERSE

        def said(text: str) -> Any:
            return [{"text": text}] if in_blocks else text

        messages = [{"role": ROLES[turn % 2], "content": said(text)} for turn, text in enumerate(self.turns)]
        system = {} if self.system is None else {"system": said(self.system)}
        return {**({"schemaVersion": SCHEMA_VERSION} if in_blocks else {}), **system, "messages": messages}

    def line(self, to: RecordFormat) -> bytes:
        return json.dumps(self.record(to), ensure_ascii=False).encode() + b"\n"
