"""Data of other shapes becomes the conversations that a base model trains on."""

from pathlib import Path
from typing import Final

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tune.dataset.columns import ColumnNames
from tune.dataset.conversations import conversations
from tune.dataset.files import Unusable, reading
from tune.dataset.output import written
from tune.dataset.progress import progress
from tune.terminal.labels import name_of

_SYSTEM_BYTES: Final = 1 << 20


def convert_file(
    source: Path,
    output: Path,
    to: RecordFormat,
    *,
    system: str | None = None,
    columns: ColumnNames | None = None,
    force: bool = False,
) -> tuple[int, int]:
    """Write a file of another shape in a format of conversations.

    Returns:
        The number of records, and the number of those that had other keys too, which are left out.

    Raises:
        DataRefused: When a record is no conversation. Nothing is written then.
        Unusable: When a file cannot be read or written, or says what `system` says as well.
    """
    count = with_more = 0
    with written(output, source=source, force=force) as file, progress(source) as advance:
        for each in conversations(source, to, columns or ColumnNames(), advance):
            if system is not None and each.system is not None:
                told = "records have system prompts of their own: leave --system and --system-file out"
                raise Unusable(f"{name_of(source)}: {told}")
            file.write((each if system is None else each._replace(system=system)).line(to))
            count += 1
            with_more += each.has_more
    return count, with_more


def system_prompt(text: str | None, path: Path | None) -> str | None:
    """Return the system prompt that is given in one of two ways, if it is; raise Unusable when it holds no text."""
    if text is not None and path is not None:
        raise Unusable("--system and --system-file exclude each other")
    text = text if path is None else _read(path)
    if text is not None and (not text.strip() or not _is_unicode(text)):
        raise Unusable(
            "the system prompt holds no text that can be written: leave the system prompt out, or correct it"
        )
    return text


def _read(path: Path) -> str:
    with reading(path) as file:
        if file.size > _SYSTEM_BYTES:
            raise Unusable(f"{name_of(path)} has {file.size} bytes: a system prompt has at most {_SYSTEM_BYTES}")
        data = file.read(0, file.size)
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Unusable(f"{name_of(path)} is not UTF-8: save it in that encoding") from None


def _is_unicode(text: str) -> bool:
    # An argument that is not in the terminal's encoding arrives as halves of surrogate pairs.
    return text == text.encode("utf-8", "ignore").decode()
