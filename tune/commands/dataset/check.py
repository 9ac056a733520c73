"""`tune dataset check`: every finding in data files, before anything is paid for."""

import json
import sys
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from bedrock_lifecycle.dataset.rules.findings import PLACES_PER_RULE
from tune.commands.dataset.arguments import BaseModel, Environment, Model, TestFile, Train, ValidationFile
from tune.dataset.reports import PLACES
from tune.endings import ending_in_words
from tune.terminal.arguments import Folder
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER

Format = Literal["text", "json", "github", "sarif"]
_WITH_DIGEST: Final = ("json", "sarif")
Output = Annotated[Format, typer.Option("--format", help="For people, tools, GitHub Actions or code scanning.")]
Strict = Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")]
Places = Annotated[
    int,
    typer.Option("--places", metavar="NUMBER", min=1, max=PLACES_PER_RULE, help="Places to name per rule."),
]
ShowContent = Annotated[
    bool, typer.Option("--show-content", help="Show how the lines begin. Only as text, on a terminal.")
]


@ending_in_words(interrupted="Nothing was changed.")
def check(
    train: Train = None,
    validation: ValidationFile = None,
    test: TestFile = None,
    base_model: BaseModel = None,
    environment: Environment = None,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    output: Output = "text",
    strict: Strict = False,
    places: Places = PLACES,
    show_content: ShowContent = False,
) -> None:
    """Check data files against every rule of a base model.

    It never shows the content of a record, unless you ask for it on a terminal.

    Exit codes: 0 no error, even with warnings; 1 errors; 2 it could not check.

    python -m tune dataset check train.jsonl --environment dev
    python -m tune dataset check --environment dev --strict --format github
    """
    from tune.dataset.checking import checked
    from tune.dataset.reports import github, text
    from tune.dataset.reports.document import document
    from tune.dataset.reports.refused import DATA_REFUSED
    from tune.dataset.reports.sarif import sarif
    from tune.dataset.subject import files_of, rules_of

    if show_content and (output != "text" or not sys.stdout.isatty()):
        refuse("--show-content is for --format text on a terminal: elsewhere the content would be kept")
    rules = rules_of(base_model, environment, model, folder)
    paths = files_of(train, validation, test, rules.model)
    files = tuple(checked(paths, rules, digest=output in _WITH_DIGEST).values())
    if output == "text":
        text.show(files, Console(), places=places, show_content=show_content)
    elif output == "github":
        typer.echo("\n".join(github.commands(files)))
    else:
        found = sarif(files) if output == "sarif" else document(files, rules.base_model.id)
        typer.echo(json.dumps(found, indent=2))
    counted = sum(file.report.error_count + strict * file.report.warning_count for file in files)
    raise typer.Exit(DATA_REFUSED if counted else 0)
