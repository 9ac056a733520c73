"""`tune dataset push`: arguments in, exit code out."""

from typing import Annotated

import typer

from tune.account.clients import clients
from tune.dataset.endings import endings
from tune.dataset.upload.pushing import NOTHING_SENT, push_data
from tune.terminal.arguments import Folder, Name, target_of
from tune.terminal.environments import DEFAULT_FOLDER


@endings(interrupted=NOTHING_SENT)
def push(
    name: Name,
    folder: Folder = DEFAULT_FOLDER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
) -> None:
    """Check an environment's data files, upload them, and name them by digest.

    The settings file then has { sha256 = "…" } in place of { path = "…" }: a
    pull request shows which data is trained on, and a pipeline needs no copy
    of it. Nothing is uploaded when the check finds an error. Broken off, the
    same command goes on where it was; what is there is not sent again.

    python -m tune dataset push dev --dry-run
    """
    target = target_of(folder, name)
    push_data(target, clients(target), typer.echo, dry_run=dry_run)
