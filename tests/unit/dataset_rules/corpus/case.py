"""One odd file and everything that must be found in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bedrock_lifecycle.dataset.rules.catalogue import Level
from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from tests.unit.dataset_rules.samples import any_limits


class Expected(NamedTuple):
    """A finding without its words."""

    line: int
    path: str
    rule: str
    level: Level


@dataclass(frozen=True)
class Case:
    """The bytes of a file, and its findings in the order of the file."""

    data: bytes
    expected: tuple[Expected, ...] = ()
    data_format: RecordFormat = RecordFormat.MESSAGES
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def limits(self) -> Limits:
        return any_limits(self.data_format, **self.changes)


def error(rule: str, path: str = "", line: int = 1) -> Expected:
    return Expected(line, path, rule, Level.ERROR)


def warning(rule: str, path: str = "", line: int = 1) -> Expected:
    return Expected(line, path, rule, Level.WARNING)


def messages(data: str | bytes, *expected: Expected, **changes: Any) -> Case:
    return _case(RecordFormat.MESSAGES, data, expected, changes)


def converse(data: str | bytes, *expected: Expected, **changes: Any) -> Case:
    return _case(RecordFormat.CONVERSE, data, expected, changes)


def prompt(data: str | bytes, *expected: Expected, **changes: Any) -> Case:
    return _case(RecordFormat.PROMPT_COMPLETION, data, expected, changes)


def said(*contents: Any, system: Any = ..., **more: Any) -> str:
    """Return a line in the messages format in which user and assistant say these contents in turn."""
    turns = [{"role": ("user", "assistant")[index % 2], "content": content} for index, content in enumerate(contents)]
    return json.dumps({**({} if system is ... else {"system": system}), "messages": turns, **more}, ensure_ascii=False)


def blocks(*contents: Any, system: Any = ..., version: Any = "bedrock-conversation-2024", **more: Any) -> str:
    """Return a line in the converse format; a text stands for a list of one block."""
    lists = [[{"text": content}] if isinstance(content, str) else content for content in contents]
    head = {} if version is ... else {"schemaVersion": version}
    return json.dumps({**head, **json.loads(said(*lists, system=system)), **more}, ensure_ascii=False)


def asked(prompt: Any = "q", completion: Any = "a", **more: Any) -> str:
    """Return a line in the prompt and completion format; `...` leaves a key out."""
    record = {"prompt": prompt, "completion": completion, **more}
    return json.dumps({key: value for key, value in record.items() if value is not ...}, ensure_ascii=False)


def _case(
    data_format: RecordFormat, data: str | bytes, expected: tuple[Expected, ...], changes: dict[str, Any]
) -> Case:
    return Case(data.encode() if isinstance(data, str) else data, expected, data_format, changes)
