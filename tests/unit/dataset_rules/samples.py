"""Limits, records and files for tests that do not care which."""

import json
from typing import Any

from bedrock_lifecycle.dataset.rules.limits import Limits, RecordFormat
from bedrock_lifecycle.dataset.rules.records import FileFindings, RecordChecker

CLAUDE_WORDS = ("\nHuman:", "\nAssistant:")
NOVA_WORDS = (
    *("User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]"),
    *("USER:", "BOT:", "ASSISTANT:", "SYSTEM:"),
)

RESERVED_WORDS = {
    RecordFormat.MESSAGES: CLAUDE_WORDS,
    RecordFormat.CONVERSE: NOVA_WORDS,
    RecordFormat.PROMPT_COMPLETION: (),
}


def any_limits(data_format: RecordFormat = RecordFormat.MESSAGES, **changes: Any) -> Limits:
    values: dict[str, Any] = {
        "data_format": data_format,
        "min_records": 0,
        "max_records": 1000,
        "max_tokens_per_record": 1000,
        "max_file_bytes": 1_000_000,
        "reserved_words": RESERVED_WORDS[data_format],
    }
    return Limits(**(values | changes))


def turn(role: Any, content: Any = "any") -> dict[str, Any]:
    return {"role": role, "content": content}


def any_record(**changes: Any) -> dict[str, Any]:
    """Return a good record in the messages format, with these keys changed; `...` takes a key out."""
    return _changed({"system": "any", "messages": [turn("user"), turn("assistant")]}, changes)


def any_converse_record(**changes: Any) -> dict[str, Any]:
    """Return a good record in the converse format, with these keys changed; `...` takes a key out."""
    record = {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": "any"}],
        "messages": [turn("user", [{"text": "any"}]), turn("assistant", [{"text": "any"}])],
    }
    return _changed(record, changes)


def any_prompt_record(**changes: Any) -> dict[str, Any]:
    """Return a good record in the prompt and completion format, with these keys changed; `...` takes a key out."""
    return _changed({"prompt": "any", "completion": "any"}, changes)


def _changed(record: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in (record | changes).items() if value is not ...}


def lines(*records: object) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def report_on(data: bytes, limits: Limits | None = None) -> FileFindings:
    checker = RecordChecker(limits or any_limits())
    checker.feed(data)
    return checker.finish()


def errors(data: bytes, limits: Limits | None = None) -> list[tuple[int, str, str]]:
    """Return line, path and rule of every finding that refuses the file."""
    return [(finding.line, finding.path, finding.rule) for finding in report_on(data, limits).errors]


def found(data: bytes, limits: Limits | None = None) -> list[tuple[int, str, str]]:
    """Return line, path and rule of every finding."""
    return [(finding.line, finding.path, finding.rule) for finding in report_on(data, limits).findings]
