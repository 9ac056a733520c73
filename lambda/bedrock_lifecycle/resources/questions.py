"""A record of a data file as a question: what is asked, and which answer is right. None of it is ever told."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class NotAQuestion(ValueError):
    """The file, or one of its records, cannot be asked; the message has no word of it."""


@dataclass(frozen=True)
class BakeQuestion:
    """What Converse is given, and the record's own answer."""

    messages: Sequence[Mapping[str, Any]] = field(repr=False)
    system: str = field(repr=False)
    expected: str = field(repr=False)

    def is_right(self, answer: str) -> bool:
        """Tell whether an answer contains the record's, whatever its case and white space."""
        return _plain(self.expected) in _plain(answer)


def question(body: bytes, sha256: str, number: int) -> BakeQuestion:
    """Return a record of a file, the first is 0; raise NotAQuestion when there is none, or it has no answer as text."""
    if hashlib.sha256(body).hexdigest() != sha256:
        raise NotAQuestion(f"its file does not have sha256 {sha256}: delete the object and push the right file")
    lines = [line for line in body.splitlines() if line.strip()]
    if number >= len(lines):
        raise NotAQuestion(f"its file has {len(lines)} records: lower questions in [serving.bake]")
    try:
        return _read(json.loads(lines[number]))
    except (ValueError, KeyError, TypeError, IndexError):
        # Without the cause, whose text may have the record's.
        raise NotAQuestion(f"record {number + 1} has no question and answer in text: correct the file") from None


def _read(record: Mapping[str, Any]) -> BakeQuestion:
    if "prompt" in record:
        return _made([_turn("user", record["prompt"])], "", record["completion"])
    *asked, answered = record["messages"]
    if answered["role"] != "assistant" or not asked:
        raise ValueError
    messages = [_turn(each["role"], _text(each["content"])) for each in asked]
    return _made(messages, _text(record.get("system", "")), _text(answered["content"]))


def _made(messages: Sequence[Mapping[str, Any]], system: str, expected: str) -> BakeQuestion:
    if not _plain(expected):
        raise ValueError
    return BakeQuestion(messages, system, expected)


def _turn(role: str, text: str) -> Mapping[str, Any]:
    return {"role": role, "content": [{"text": text}]}


def _text(content: Any) -> str:
    """Return what is said, which the base models' formats have as text or as blocks of it."""
    return content if isinstance(content, str) else "\n".join(block["text"] for block in content)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
