"""`tune dataset check`: every finding in data files, before anything is paid for."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import typer
from rich.console import Console

from bedrock_lifecycle.dataset.rules.findings import PLACES_PER_RULE
from bedrock_tuning.base_models import BaseModelProfile
from tune.dataset.arguments import BaseModel, Environment, TestFile, Train, ValidationFile, files_of, rules_of
from tune.dataset.checking import checked, of_other_shapes
from tune.dataset.endings import DATA_REFUSED, endings
from tune.dataset.files import Unusable
from tune.dataset.formats import what_helps
from tune.dataset.reports import github, text
from tune.dataset.reports.checked import CheckedFile
from tune.dataset.reports.document import document
from tune.dataset.reports.sarif import sarif
from tune.terminal.arguments import Folder
from tune.terminal.environments import DEFAULT_FOLDER

Format = Literal["text", "json", "github", "sarif"]
_WITH_DIGEST: Final = ("json", "sarif")
Output = Annotated[Format, typer.Option("--format", help="For people, tools, GitHub Actions, code scanning.")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")]
Places = Annotated[
    int, typer.Option("--places", min=1, max=PLACES_PER_RULE, help="Places that the text names for each rule.")
]
ShowContent = Annotated[
    bool, typer.Option("--show-content", help="Show how the lines begin; as text and on a terminal alone.")
]


@endings(interrupted="Nothing was changed.")
def check(
    train: Train = None,
    validation: ValidationFile = None,
    test: TestFile = None,
    base_model: BaseModel = None,
    environment: Environment = None,
    folder: Folder = DEFAULT_FOLDER,
    output: Output = "text",
    strict: Strict = False,
    places: Places = text.PLACES,
    show_content: ShowContent = False,
) -> None:
    """Check data files against everything that a base model asks of them.

    Ends with 0 when there is no error, also with warnings; with 1 when there
    is one; with 2 when it could not check. No content of a record is shown.

    python -m tune dataset check train.jsonl --environment dev
    python -m tune dataset check --environment dev --strict --format github
    """
    if show_content and (output != "text" or not sys.stdout.isatty()):
        raise Unusable("--show-content is for --format text on a terminal: elsewhere the content would be kept")
    rules = rules_of(base_model, environment, folder)
    paths = files_of(train, validation, test, rules.target)
    files = tuple(checked(paths, rules.base_model, digest=output in _WITH_DIGEST).values())
    if output == "text":
        text.show(files, Console(), places=places, show_content=show_content)
        for told in filter(None, (what_helps(path, rules.base_model) for path in of_other_shapes(files))):
            typer.echo(told)
    else:
        typer.echo(_for_tools(output, files, rules.base_model))
    found = sum(file.report.error_count + strict * file.report.warning_count for file in files)
    raise typer.Exit(DATA_REFUSED if found else 0)


def _for_tools(output: Format, files: Sequence[CheckedFile], base_model: BaseModelProfile) -> str:
    if output == "github":
        return "\n".join(github.commands(files))
    return json.dumps(sarif(files) if output == "sarif" else document(files, base_model.id), indent=2)
