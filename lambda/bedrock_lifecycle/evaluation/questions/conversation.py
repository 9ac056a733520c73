"""A line of a data file as a model is asked it, and the answer that the line has. None of it is ever told."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bedrock_lifecycle.contract.evaluation_identity import canonical
from bedrock_lifecycle.evaluation.stored.records import Question

# Members of a record that Converse takes beside the messages (API reference, Converse; Nova's data format).
_TOOLS: Final = "toolConfig"
_CLUSTER_LENGTH: Final = 16


class NotAConversation(ValueError):
    """The line cannot be asked, or has no answer; the message has no word of it."""


@dataclass(frozen=True)
class Conversation:
    """What Converse is given, and what the record answers.

    request: `messages`, and `system` and `toolConfig` where the record has them.
    reference: The text of the last turn; its tool calls as the JSON text of a list of objects with `name` and `input`.
    group: The digest of what the record has in a field; empty without it.
    """

    request: Mapping[str, Any] = field(repr=False)
    reference: str = field(repr=False)
    group: str = ""

    def question(self, record: int) -> Question:
        """Return it as the question of a record."""
        return Question(record=record, request=self.request, reference=self.reference, cluster=self.group)

    @property
    def digest(self) -> int:
        """What equal questions have in common, whatever their case, white space and format."""
        said = [[each["role"], *map(_plain, leaves(each["content"]))] for each in self.request["messages"]]
        asked = json.dumps([said, *map(_plain, leaves(self.request.get("system", [])))])
        return int.from_bytes(hashlib.sha256(asked.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def conversation(line: bytes, group_by: str | None = None) -> Conversation:
    """Return what a line asks; `NotAConversation` if it asks nothing, or has no answer."""
    try:
        return _read(json.loads(line), group_by)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Without the cause, whose text may have the record's.
        raise NotAConversation("has no question with an answer of the assistant") from None


def spoken(content: Sequence[Mapping[str, Any]]) -> str:
    """Return what blocks of Converse say: the text, or the tool calls if there are any."""
    calls = [{"name": its["name"], "input": its["input"]} for each in content if (its := each.get("toolUse"))]
    if calls:
        return json.dumps(calls, sort_keys=True, separators=(",", ":"))
    return "\n".join(each["text"] for each in content if "text" in each)


def leaves(value: Any) -> Iterator[str]:
    """Yield all texts inside a value, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from leaves(each)


def _read(record: Mapping[str, Any], group_by: str | None) -> Conversation:
    group = _group(record[group_by]) if group_by and group_by in record else ""
    if "prompt" in record:
        return _made({"messages": [_turn("user", record["prompt"])]}, _blocks(record["completion"]), group)
    *asked, answered = record["messages"]
    if answered["role"] != "assistant" or not asked:
        raise ValueError
    request: dict[str, Any] = {"messages": [_turn(each["role"], each["content"]) for each in asked]}
    if record.get("system"):
        request["system"] = _blocks(record["system"])
    if record.get(_TOOLS):
        request[_TOOLS] = record[_TOOLS]
    return _made(request, _blocks(answered["content"]), group)


def _made(request: Mapping[str, Any], answered: list[Any], group: str) -> Conversation:
    reference = spoken(answered)
    if not reference.strip():
        raise ValueError
    return Conversation(request, reference, group)


def _turn(role: str, content: Any) -> Mapping[str, Any]:
    return {"role": role, "content": _blocks(content)}


def _blocks(content: Any) -> list[Any]:
    """Return what is said as blocks of Converse; other formats have it as text, or as blocks with a type."""
    if isinstance(content, str):
        return [{"text": content}]
    return [{"text": block["text"]} if "text" in block else dict(block) for block in content]


def _group(value: Any) -> str:
    return hashlib.sha256(canonical({"group": value}).encode()).hexdigest()[:_CLUSTER_LENGTH]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
