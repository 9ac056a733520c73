"""`tune preflight`: arguments in, exit code out."""

import json

import typer
from rich.console import Console

from tune.terminal.arguments import Folder, Json, Model, Name
from tune.terminal.folders import DEFAULT_FOLDER


def preflight(
    name: Name,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Json = False,
) -> None:
    """Check everything that would stop the next deploy, before it costs anything.

    Changes nothing. The lifecycle runs the same checks before it creates a job or buys a throughput.

    Exit codes: 0 nothing stands in the way; 1 something does; 2 settings or credentials are wrong, or AWS does not
    answer.

    python -m tune preflight dev
    python -m tune preflight dev docstrings
    python -m tune preflight dev --json
    """
    from tune.preflight.look import look
    from tune.preflight.text import document, show
    from tune.terminal.screen import working
    from tune.terminal.targets import target_of

    target = target_of(folder, name, model, command="preflight")
    with working("checking: synthesizing, then asking AWS"):
        looked = look(target)
    for each in target.settings:
        if each.unused_validation:
            typer.echo(f"warning: {each.name}: {each.unused_validation}", err=True)
    if as_json:
        typer.echo(json.dumps(document(looked), indent=2))
    else:
        show(looked, Console())
    raise typer.Exit(1 if looked.problems else 0)
