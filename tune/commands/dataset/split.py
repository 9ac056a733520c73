"""`tune dataset split`: a file becomes what is trained on, and what is held back."""

from pathlib import Path
from typing import Annotated

import typer

from tune.commands.dataset.arguments import BaseModel, Environment, Force, Model
from tune.endings import ending_in_words
from tune.terminal.arguments import Folder
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER

Source = Annotated[Path, typer.Argument(metavar="SOURCE", help="File with all records, in any of the formats.")]
Output = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where train.jsonl and the others go.")]
Validation = Annotated[str, typer.Option("--validation", metavar="PERCENT", help="Share for validation, such as 10%.")]
Test = Annotated[str, typer.Option("--test", metavar="PERCENT", help="Share for testing, such as 5%.")]


@ending_in_words(interrupted="Nothing was written.")
def split(
    source: Source,
    output: Output,
    validation: Validation = "0%",
    test: Test = "0%",
    base_model: BaseModel = None,
    environment: Environment = None,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    force: Force = False,
) -> None:
    """Split a file into train.jsonl, validation.jsonl and test.jsonl.

    Where a record goes is decided by what is asked in it, all before its last
    answer: it stays there when others come or go, and the same question goes
    to the same place whatever the answer. So the shares are met nearly, the
    nearer the more questions there are. Lines are taken over byte by byte.
    With a base model, numbers of records and a format that it does not take
    are told.

    python -m tune dataset split all.jsonl data --validation 10% --test 5%
    """
    from bedrock_lifecycle.dataset.rules.limits import RecordFormat
    from tune.dataset.shares import Shares
    from tune.dataset.split import split_file, warnings_of
    from tune.dataset.subject import rules_of
    from tune.terminal.labels import name_of

    try:
        shares = Shares.read(validation=validation, test=test)
    except ValueError as problem:
        refuse(str(problem))
    rules = rules_of(base_model, environment, model, folder) if base_model or environment else None
    otherwise = rules.record_format if rules else RecordFormat.CONVERSE
    counts = split_file(source, output, shares, force=force, otherwise=otherwise)
    for each, count in counts.items():
        typer.echo(f"{name_of(output / f'{each}.jsonl')}: {count:,} records ({count / sum(counts.values()):.1%})")
    for warning in warnings_of(source, counts, rules):
        typer.echo(f"warning: {warning}", err=True)
