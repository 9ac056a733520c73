"""`tune status`: arguments in, exit code out."""

import json
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Json, Model
from tune.terminal.completion import environment_names
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER

_LOST: Final = "Only this command has ended; what is in progress continues"
_WIDE_COLUMNS: Final = 240


def status(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ENV", autocompletion=environment_names, help="Name of a folder in environments/."),
    ] = None,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    every: Annotated[
        bool, typer.Option("--all", help="Every environment of the folder in one table, a row for each model.")
    ] = False,
    as_json: Json = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Repeat until nothing is in progress. Ctrl-C ends only this command.")
    ] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 3 while something is in progress.")] = False,
) -> None:
    """Show how far training and serving of an environment are, and what bills.

    Changes nothing. It reads only account, Region and names from the settings; the data files need not exist. It looks
    at the stacks of [[access]] in other accounts once, with the CDK's lookup role there, and names those that it may
    not look at.

    With --all it asks in the account of each environment, and names those that it could not ask. The commit is that
    of the last change by deploy --detach: CloudFormation keeps it at the events of the stack.

    Exit codes: 0 reported, whatever the state is; 1 --all could not ask some of the environments; 2 settings or
    credentials are wrong, or AWS does not answer; 3 --exit-code, and something is in progress.

    python -m tune status dev
    python -m tune status dev docstrings --watch
    python -m tune status --all --json
    """
    if every:
        if name or watching:
            refuse("--all is about every environment, once: leave out the environment and --watch")
        _all(folder, as_json=as_json, exit_code=exit_code)
    elif name is None:
        refuse("name an environment, or give --all")
    else:
        _one(folder, name, model, as_json=as_json, watching=watching, exit_code=exit_code)


def _all(folder: Path, *, as_json: bool, exit_code: bool) -> NoReturn:
    from tune.account.clients import clients
    from tune.status.every import look_at_all, table
    from tune.status.json_document import document_of_all
    from tune.terminal.screen import working

    with working("asking AWS for every environment"):
        found = look_at_all(folder.resolve(), clients)
    if as_json:
        typer.echo(json.dumps(document_of_all(found), indent=2))
    else:
        # What is read by a program, or from a log, is not folded.
        console = Console()
        Console(width=None if console.is_terminal else _WIDE_COLUMNS).print(table(found))
    for name, why in found.not_asked.items():
        typer.echo(f"Could not ask for {name}: {why}", err=True)
    is_moving = any(status.is_moving for status in found.statuses)
    raise typer.Exit(found.code or _code(is_moving=is_moving, exit_code=exit_code))


def _one(folder: Path, name: str, model: str | None, *, as_json: bool, watching: bool, exit_code: bool) -> NoReturn:
    from tune.account.access_stacks import access_stacks
    from tune.account.clients import clients
    from tune.account.stacks import with_stacks
    from tune.status.json_document import document
    from tune.status.observe import StatusObserver
    from tune.status.text import lines
    from tune.status.watch import watch
    from tune.terminal.screen import screen_of
    from tune.terminal.targets import ref_of

    ref = ref_of(folder, name, model)
    screen = screen_of(Console(stderr=as_json))
    with ending_in_words(interrupted="Only this command has ended.", lost=_LOST if watching else "", screen=screen):
        aws = clients(ref, "lookup")
        access = access_stacks(ref, lambda there: clients(there, "lookup"))
        looker = StatusObserver(aws, with_stacks(ref, aws("cloudformation")), access)
        first = found = looker.look()
        if watching:
            if not as_json:
                screen.say("\n".join(lines(first)))
            found = watch(first, looker.look, screen)
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
    elif found is not first or not watching:
        typer.echo("\n".join(lines(found)))
    raise typer.Exit(_code(is_moving=found.is_moving, exit_code=exit_code))


def _code(*, is_moving: bool, exit_code: bool) -> ExitCode:
    return ExitCode.GOES_ON if is_moving and exit_code else ExitCode.DONE
