"""`tune dataset split`: a file becomes what is trained on, and what is held back."""

from pathlib import Path
from typing import Annotated

import typer

from tune.commands.dataset.arguments import BaseModel, Environment, Force, Model
from tune.endings import ending_in_words
from tune.terminal.arguments import Folder
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER

Source = Annotated[Path, typer.Argument(metavar="SOURCE", help="File with all records, in any format.")]
Output = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder for the three files.")]
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

    The question decides where a record goes, which is all before its last answer. So a record stays where it is
    when others are added or removed, and the same question always goes to the same file. The shares are
    approximate; the more questions, the closer. Lines are copied byte by byte. With a base model, it warns of a
    number of records or a format that the model does not accept.

    Exit codes: 0 written; 1 the file is refused; 2 it could not read or write, or an option is wrong.

    python -m tune dataset split all.jsonl data --validation 10% --test 5%
    python -m tune dataset split all.jsonl data --validation 10% --environment dev
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
