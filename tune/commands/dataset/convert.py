"""`tune dataset convert`: data of other shapes becomes conversations."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tune.commands.dataset.arguments import Force
from tune.endings import ending_in_words

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


@ending_in_words(interrupted="Nothing was written.")
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
    from bedrock_lifecycle.dataset.rules.limits import RecordFormat
    from tune.dataset.columns import Columns
    from tune.dataset.convert import convert_file, system_prompt
    from tune.terminal.labels import name_of

    spoken = system_prompt(system, system_file)
    columns = Columns(prompt_column, context_column, completion_column, system_column)
    count, with_more = convert_file(source, output, RecordFormat(to), system=spoken, columns=columns, force=force)
    typer.echo(f"{name_of(output)}: {count:,} records in the {to} format")
    if with_more:
        typer.echo(f"warning: {with_more:,} records had more than the texts of a conversation: left out", err=True)
