"""`tune status`: arguments in, exit code out."""

import json
from typing import Annotated, Final

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Model, Name
from tune.terminal.folders import DEFAULT_FOLDER

_LOST: Final = "Only this command has ended; what is in progress goes on"


def status(
    name: Name,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")] = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Repeat until nothing is in progress. Ctrl-C ends only this command.")
    ] = False,
) -> None:
    """Show how far training and serving of an environment are, and what bills.

    Changes nothing. It reads only account, Region and names from the settings; the data files need not exist.

    Exit codes: 0 whatever it shows; 2 settings or credentials are wrong, or AWS does not answer.

    python -m tune status dev
    python -m tune status dev --watch
    python -m tune status dev docstrings --json
    """
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
        looker = StatusObserver(aws, with_stacks(ref, aws("cloudformation")))
        first = found = looker.look()
        if watching:
            if not as_json:
                screen.say("\n".join(lines(first)))
            found = watch(first, looker.look, screen)
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
    elif found is not first or not watching:
        typer.echo("\n".join(lines(found)))
