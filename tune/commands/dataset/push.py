"""`tune dataset push`: arguments in, exit code out."""

import json
from functools import partial
from typing import Annotated

import typer

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Json, Model, Name
from tune.terminal.folders import DEFAULT_FOLDER


@ending_in_words(interrupted="Nothing was sent.")
def push(
    name: Name,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would do, and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Check a model's data files and bake questions, upload them, name them by digest.

    The settings file then has sha256 = "…" instead of path = "…": a pull request shows which data is trained on, and
    a pipeline needs no copy of it. It uploads nothing if the check finds an error. After an
    interruption, run the same command: it continues, and sends nothing twice.

    Exit codes: 0 pushed; 1 the check found an error; 2 settings or credentials are wrong, or AWS does not answer.

    python -m tune dataset push dev --dry-run
    python -m tune dataset push dev docstrings
    """
    from tune.account.clients import clients
    from tune.dataset.upload.pushing import document, push_data
    from tune.terminal.targets import target_of

    target = target_of(folder, name, model)
    pushed = push_data(target, clients(target), partial(typer.echo, err=as_json), dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(document(target, pushed, dry_run=dry_run), indent=2))
