"""`tune dataset convert`: prompts and completions become the conversations that a base model trains on."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from bedrock_lifecycle.dataset.limits import RecordFormat
from tune.dataset.arguments import Force
from tune.dataset.conversion import KEYS, converted
from tune.dataset.endings import endings
from tune.dataset.files import Unusable, name_of, reading
from tune.dataset.output import written
from tune.dataset.progress import progress
from tune.dataset.records import records, wide_limits

_PAIRS: Final = wide_limits(RecordFormat.PROMPT_COMPLETION)
# A prompt or completion that says nothing is a warning there and would be an error here.
_REFUSED: Final = ("empty-prompt",)
_SYSTEM_BYTES: Final = 1 << 20

Source = Annotated[Path, typer.Argument(metavar="SOURCE", help="File with a prompt and a completion in each line.")]
Output = Annotated[Path, typer.Argument(metavar="OUTPUT", help="File to write; never the source.")]
To = Annotated[
    Literal["messages", "converse"],
    typer.Option("--to", help="messages: texts are strings (Claude 3 Haiku); converse: lists of blocks (Nova)."),
]
System = Annotated[str | None, typer.Option("--system", metavar="TEXT", help="System prompt for every record.")]
SystemFile = Annotated[
    Path | None,
    typer.Option("--system-file", metavar="FILE", help="File with it; line breaks at its end are left out."),
]


@endings(interrupted="Nothing was written.")
def convert(
    source: Source,
    output: Output,
    to: To,
    system: System = None,
    system_file: SystemFile = None,
    force: Force = False,
) -> None:
    """Convert prompts and completions to a base model's own format.

    The same input gives the same bytes. Lines that are no record of a prompt
    and a completion are named with the rule that they break, and nothing is
    written then.

    python -m tune dataset convert pairs.jsonl all.jsonl --to converse
    """
    spoken = _system_prompt(system, system_file)
    count, with_more = convert_file(source, output, RecordFormat(to), system=spoken, force=force)
    typer.echo(f"{name_of(output)}: {count:,} records in the {to} format")
    if with_more:
        typer.echo(f"warning: {with_more:,} records had other keys than {' and '.join(KEYS)}: left out", err=True)


def convert_file(
    source: Path, output: Path, to: RecordFormat, *, system: str | None = None, force: bool = False
) -> tuple[int, int]:
    """Write a file of prompts and completions in a format of conversations.

    Returns:
        The number of records, and the number of those that had other keys too, which are left out.

    Raises:
        DataRefused: When a line is no record of a prompt and a completion. Nothing is written then.
        Unusable: When a file cannot be read or written.
    """
    count = with_more = 0
    with written(output, source=source, force=force) as file, progress(source) as advance:
        for record in records(source, _PAIRS, advance, refused=_REFUSED):
            file.write(converted(record.value, to, system))
            count += 1
            with_more += len(record.value) > len(KEYS)
    return count, with_more


def _system_prompt(text: str | None, path: Path | None) -> str | None:
    if text is not None and path is not None:
        raise Unusable("--system and --system-file exclude each other")
    text = text if path is None else _read(path)
    if text is not None and (not text.strip() or not _is_unicode(text)):
        raise Unusable("the system prompt holds no text that can be written: leave it out, or correct it")
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
