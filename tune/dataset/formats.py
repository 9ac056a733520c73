"""Which format a file is in, by its first record; and what to do when a base model takes another."""

import shlex
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from bedrock_lifecycle.dataset.limits import RecordFormat
from bedrock_lifecycle.dataset.lines import Line
from bedrock_lifecycle.dataset.strict_json import StrictReader
from bedrock_tuning.base_models import BaseModelProfile
from tune.dataset.conversion import FORMATS
from tune.dataset.files import lines_of, name_of
from tune.dataset.records import wide_limits

_WORDS: Final = {
    RecordFormat.MESSAGES: "conversations of strings (messages)",
    RecordFormat.CONVERSE: "conversations of blocks (converse)",
    RecordFormat.PROMPT_COMPLETION: "prompts and completions",
}


def format_of(path: Path) -> RecordFormat:
    """Tell the format of a file; what looks like none is taken for messages and refused as that."""
    return _recognised(path) or RecordFormat.MESSAGES


def other_format(path: Path, base_model: BaseModelProfile) -> str | None:
    """Return what to do with a file that is in another format than a base model takes; None where it is not."""
    found, wanted = _recognised(path), RecordFormat(base_model.data.format)
    if found is None or found is wanted:
        return None
    told = f"{name_of(path)} holds {_WORDS[found]}, {base_model.name} takes {_WORDS[wanted]}"
    if found is RecordFormat.PROMPT_COMPLETION and wanted in FORMATS:
        return f"{told}: python -m tune dataset convert {shlex.quote(name_of(path))} NEW --to {wanted}"
    return f"{told}: write it in that format"


def _recognised(path: Path) -> RecordFormat | None:
    with closing(lines_of(path, wide_limits(RecordFormat.MESSAGES).max_line_bytes)) as lines:
        first = next(lines, Line(1, b"", too_long=False))
    value, _ = StrictReader().read(first.data)
    if not isinstance(value, dict):
        return None
    if value.keys() & {"prompt", "completion"}:
        return RecordFormat.PROMPT_COMPLETION
    if "schemaVersion" in value:
        return RecordFormat.CONVERSE
    return _of_messages(value.get("messages"))


def _of_messages(messages: Any) -> RecordFormat | None:
    first = messages[0] if isinstance(messages, Sequence) and messages else None
    match first:
        case {"content": str()}:
            return RecordFormat.MESSAGES
        case {"content": list()}:
            return RecordFormat.CONVERSE
    return None
