"""The command: arguments in, exit code out."""

import json
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from tune.arguments import Folder, Name, anchor_of
from tune.aws import WrongCredentials, clients
from tune.ending import INTERRUPTED, refuse
from tune.environments import DEFAULT_FOLDER
from tune.screen import screen_of
from tune.status.document import document
from tune.status.look import Looker
from tune.status.watch import watch
from tune.status.words import lines


def status(
    name: Name,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Look again until nothing is in progress; Ctrl-C ends the looking alone.")
    ] = False,
) -> None:
    """Tell where training and serving of one environment stand, and what bills. Changes nothing.

    Exits with 0 whatever it tells, with 2 when settings or credentials are wrong or AWS does not answer. It reads
    name, account and region of the settings file; the data files need not be there.
    """
    anchor = anchor_of(folder, name)
    screen = screen_of(Console(stderr=as_json))
    try:
        looker = Looker(clients(anchor), anchor)
        found = looker.look()
        if watching:
            if not as_json:
                screen.say("\n".join(lines(found)))
            found = watch(found, looker.look, screen)
    except WrongCredentials as problem:
        refuse(str(problem))
    except (ClientError, BotoCoreError) as problem:
        refuse(f"AWS does not tell: {problem}")
    except KeyboardInterrupt:
        screen.status(None)
        screen.say("Interrupted. Only the looking has ended.")
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(json.dumps(document(found), indent=2) if as_json else "\n".join(lines(found)))
