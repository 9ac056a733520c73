"""`tune dataset convert`: data of other shapes becomes conversations."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tune.commands.dataset.arguments import Force
from tune.endings import ending_in_words

Source = Annotated[Path, typer.Argument(metavar="SOURCE", help="File with your data, JSON Lines or CSV.")]
Output = Annotated[Path, typer.Argument(metavar="OUTPUT", help="File to write; never the source.")]
To = Annotated[
    Literal["messages", "converse"],
    typer.Option("--to", help="messages: texts are strings (Claude 3 Haiku); converse: lists of blocks (Nova)."),
]
System = Annotated[str | None, typer.Option("--system", metavar="TEXT", help="System prompt for every record.")]
SystemFile = Annotated[
    Path | None,
    typer.Option("--system-file", metavar="FILE", help="The same from a file, without line breaks at its end."),
]

PromptColumn = Annotated[
    str | None, typer.Option("--prompt-column", metavar="NAME", help="Key or column of the prompt.")
]
ContextColumn = Annotated[
    str | None,
    typer.Option("--context-column", metavar="NAME", help="Key or column of a text to add to the prompt."),
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
    """Convert data to a base model's own conversation format.

    It takes JSON Lines or CSV, and recognizes the form by the first records: prompts and completions,
    conversations of strings (Claude 3 Haiku), OpenAI's chat messages, ShareGPT, and named texts such as
    instruction, input and output. The system prompt of a record is kept. The same input gives the same bytes. If a
    record is not a conversation, it names the record and the rule, and writes nothing.

    Exit codes: 0 written; 1 records are refused; 2 it could not read or write.

    python -m tune dataset convert pairs.jsonl all.jsonl --to converse
    python -m tune dataset convert faq.csv all.jsonl --to messages --force
    """
    from bedrock_lifecycle.dataset.rules.limits import RecordFormat
    from tune.dataset.columns import ColumnNames
    from tune.dataset.convert import convert_file, system_prompt
    from tune.terminal.labels import name_of

    spoken = system_prompt(system, system_file)
    columns = ColumnNames(prompt_column, context_column, completion_column, system_column)
    count, with_more = convert_file(source, output, RecordFormat(to), system=spoken, columns=columns, force=force)
    typer.echo(f"{name_of(output)}: {count:,} records in the {to} format")
    if with_more:
        typer.echo(f"warning: {with_more:,} records had more than the texts of a conversation: left out", err=True)
