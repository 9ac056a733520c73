"""`tune plan`: what the next deploy would do, and all that bills."""

import json
from typing import Annotated

import typer
from rich.console import Console

from tune.terminal.arguments import Folder, Model
from tune.terminal.exit_codes import USAGE_ERROR
from tune.terminal.folders import DEFAULT_FOLDER


def plan(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ENV", help="As for deploy; without it what there is of every environment is told."),
    ] = None,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    fail_on_orphans: Annotated[
        bool,
        typer.Option(
            "--fail-on-orphans",
            help="Exit with 1 when something bills or serves that no stack holds, or no settings file asks for.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell what the next deploy would do and who pays, and all that bills: with a stack, without one, or kept.

    Without an environment: everything of this app in the account and Region of the credentials. Either way it looks for
    what bills in the other Regions of the settings files and base models too. Changes nothing.
    Where settings or data are wrong the next deploy is not planned, all that bills is told, and it ends with 2.
    """
    from tune.plan.json_document import document
    from tune.plan.look import account_plan, environment_plan
    from tune.plan.text import show
    from tune.terminal.targets import tell_of_right_ones

    found = environment_plan(folder, name, model) if name else account_plan(folder)
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
    else:
        show(found, Console())
    if name and found.not_planned:
        if model is None:
            tell_of_right_ones(folder, name, "plan", found.not_planned)
        raise typer.Exit(USAGE_ERROR)
    raise typer.Exit(1 if fail_on_orphans and found.unwanted else 0)
