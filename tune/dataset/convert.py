"""`tune dataset convert`: data of other shapes becomes the conversations that a base model trains on."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from bedrock_lifecycle.dataset.rules.limits import RecordFormat
from tune.dataset.arguments import Force
from tune.dataset.columns import Columns
from tune.dataset.conversations import conversations
from tune.dataset.endings import endings
from tune.dataset.files import Unusable, name_of, reading
from tune.dataset.output import written
from tune.dataset.progress import progress

_SYSTEM_BYTES: Final = 1 << 20

Source = Annotated[Path, typer.Argument(metavar="SOURCE", help="File of pairs, strings, chat messages or CSV.")]
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

PromptColumn = Annotated[
    str | None, typer.Option("--prompt-column", metavar="NAME", help="Key or column of what is asked.")
]
ContextColumn = Annotated[
    str | None, typer.Option("--context-column", metavar="NAME", help="What follows it after a blank line, if any.")
]
CompletionColumn = Annotated[
    str | None, typer.Option("--completion-column", metavar="NAME", help="Key or column of the answer.")
]
SystemColumn = Annotated[
    str | None, typer.Option("--system-column", metavar="NAME", help="Key or column of the system prompt.")
]


@endings(interrupted="Nothing was written.")
def convert(
    source: Source,
    output: Output,
    to: To,
    system: System = None,
    system_file: SystemFile = None,
    prompt_column: PromptColumn = None,
    context_column: ContextColumn = None,
    completion_column: CompletionColumn = None,
    system_column: SystemColumn = None,
    force: Force = False,
) -> None:
    """Convert data to a base model's own format of conversations.

    Takes prompts and completions, conversations of strings (Claude 3 Haiku),
    chat messages of OpenAI's, ShareGPT, and named texts such as instruction,
    input and output, in lines of JSON or in CSV. The first lines tell which.
    The system prompt of a record goes with it. The same input gives the same
    bytes. Records that are no conversation are named with the rule that they
    break, and nothing is written then.

    python -m tune dataset convert pairs.jsonl all.jsonl --to converse
    """
    spoken = _system_prompt(system, system_file)
    columns = Columns(prompt_column, context_column, completion_column, system_column)
    count, with_more = convert_file(source, output, RecordFormat(to), system=spoken, columns=columns, force=force)
    typer.echo(f"{name_of(output)}: {count:,} records in the {to} format")
    if with_more:
        typer.echo(f"warning: {with_more:,} records had more than the texts of a conversation: left out", err=True)


def convert_file(
    source: Path,
    output: Path,
    to: RecordFormat,
    *,
    system: str | None = None,
    columns: Columns | None = None,
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
        for each in conversations(source, to, columns or Columns(), advance):
            if system is not None and each.system is not None:
                told = "records have system prompts of their own: leave --system and --system-file out"
                raise Unusable(f"{name_of(source)}: {told}")
            file.write((each if system is None else each._replace(system=system)).line(to))
            count += 1
            with_more += each.has_more
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
