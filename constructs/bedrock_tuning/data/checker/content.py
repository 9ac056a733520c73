"""What a record says, apart from how it is written down: by this, records are compared and counted."""

import hashlib
import json
import zlib
from typing import Any, Final, NamedTuple

from bedrock_lifecycle.dataset.rules.limits import RecordFormat

_DIGEST_BYTES: Final = 16
_PIECE: Final = 64
_LARGEST: Final = (1 << 64) - 1


class RecordContent(NamedTuple):
    """The texts of a record in order, and how many of them belong together.

    `parts` counts the texts of the system prompt and then those of each message; a prompt is like a message.
    """

    parts: tuple[int, ...]
    texts: list[str]

    @property
    def answer(self) -> list[str]:
        """The texts of the last answer."""
        return self.texts[-self.parts[-1] :]

    @property
    def question(self) -> "RecordContent":
        """Everything before the last answer: the system prompt and all turns, of which the last one asks."""
        return RecordContent(self.parts[:-1], self.texts[: -self.parts[-1]])

    def digest(self) -> bytes:
        """Return what no other content has."""
        digest = hashlib.blake2b(repr(self.parts).encode(), digest_size=_DIGEST_BYTES)
        for text in self.texts:
            data = text.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.digest()


def content_of(record: dict[str, Any]) -> RecordContent:
    """Return what a record says in which no rule found an error."""
    if "prompt" in record:
        return RecordContent((0, 1, 1), [record["prompt"], record["completion"]])
    said = [record.get("system", []), *(message["content"] for message in record["messages"])]
    blocks = [[one] if isinstance(one, str) else [block["text"] for block in one] for one in said]
    return RecordContent(tuple(map(len, blocks)), [text for texts in blocks for text in texts])


def sketch(content: RecordContent, characters: int) -> int:
    """Return a number that is the same for the same question, and another for nearly all others, at hardly any cost.

    It is made of some pieces of the last thing that is asked, and of how many of the record's characters are no answer.
    It is the same in every process, as Python's own hash is not.
    """
    answers = content.parts[-1]
    asked = content.texts[-1 - answers]
    middle = len(asked) >> 1
    pieces = asked[:_PIECE] + asked[middle : middle + _PIECE] + asked[-_PIECE:]
    answered = len(content.texts[-1]) if answers == 1 else sum(map(len, content.answer))
    return zlib.crc32(pieces.encode()) | (characters - answered) << 32 & _LARGEST


def frame_bytes(data_format: RecordFormat, parts: tuple[int, ...]) -> int:
    """Return how long the shortest line is that holds so many empty texts: what JSON itself takes of a line."""
    if data_format is RecordFormat.PROMPT_COMPLETION:
        return _compact({"prompt": "", "completion": ""})
    texts: list[Any] = [[{"text": ""}] * count for count in parts]
    if data_format is RecordFormat.MESSAGES:
        texts = ["" for _ in parts]
    system = {"system": texts[0]} if parts[0] else {}
    messages = [{"role": ("user", "assistant")[turn % 2], "content": text} for turn, text in enumerate(texts[1:])]
    version = {"schemaVersion": ""} if data_format is RecordFormat.CONVERSE else {}
    return _compact({**version, **system, "messages": messages})


def _compact(record: dict[str, Any]) -> int:
    return len(json.dumps(record, separators=(",", ":")))
