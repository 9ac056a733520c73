"""`tune plan`: what the next deploy would do, and everything that bills."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tune.terminal.arguments import Folder, Json, Model
from tune.terminal.completion import environment_names
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER


def plan(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="ENV",
            autocompletion=environment_names,
            help="Name of a folder in environments/. Default: every environment.",
        ),
    ] = None,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    fail_on_orphans: Annotated[
        bool,
        typer.Option(
            "--fail-on-orphans",
            help="Exit with 1 if something bills or serves that no stack holds, or that no settings file asks for.",
        ),
    ] = False,
    fail_on_drift: Annotated[
        bool,
        typer.Option("--fail-on-drift", help="Exit with 1 if what a stack holds was changed outside CloudFormation."),
    ] = False,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Your prices. Default: prices.toml beside the environments."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what the next deploy would do and who pays, and everything that bills.

    Changes nothing. Without an environment it lists everything of this app in the account and Region of the
    credentials. Either way it also looks for what bills in the other Regions of the settings files and base
    models. Where settings or data are wrong, it cannot plan the deploy and still lists what bills. It looks at the
    stacks of [[access]] in other accounts, with the CDK's lookup role there, and names those that it may not look at.
    Of a training run that the deploy begins it estimates the tokens, and with your prices.toml their cost.

    Exit codes: 0 reported; 1 --fail-on-orphans or --fail-on-drift found something; 2 it could not look, or settings
    or data are wrong.

    python -m tune plan dev
    python -m tune plan dev docstrings --json
    python -m tune plan dev --fail-on-orphans --fail-on-drift
    """
    from tune.plan.json_document import document
    from tune.plan.look import account_plan, environment_plan
    from tune.plan.text import show
    from tune.terminal.screen import working
    from tune.terminal.targets import tell_of_right_ones

    if prices and name is None:
        refuse("--prices needs an environment, because it shows the cost of the environment's training runs")
    if fail_on_drift and name is None:
        refuse("--fail-on-drift needs an environment: its settings say what should be there")
    with working("planning: synthesizing, then asking AWS" if name else "asking AWS"):
        found = environment_plan(folder, name, model, prices) if name else account_plan(folder)
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
    else:
        show(found, Console())
    if name and found.not_planned:
        if model is None:
            tell_of_right_ones(folder, name, "plan", found.not_planned)
        raise typer.Exit(ExitCode.NOT_POSSIBLE)
    failed = (fail_on_orphans and found.unwanted) or (fail_on_drift and found.has_drift)
    raise typer.Exit(ExitCode.FAILED if failed else ExitCode.DONE)
