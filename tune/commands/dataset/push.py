"""`tune dataset push`: arguments in, exit code out."""

from typing import Annotated

import typer

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Model, Name
from tune.terminal.folders import DEFAULT_FOLDER


@ending_in_words(interrupted="Nothing was sent.")
def push(
    name: Name,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
) -> None:
    """Check a model's data files, upload them, and name them by digest.

    The settings file then has { sha256 = "…" } in place of { path = "…" }: a
    pull request shows which data is trained on, and a pipeline needs no copy
    of it. Nothing is uploaded when the check finds an error. Broken off, the
    same command goes on where it was; what is there is not sent again.

    python -m tune dataset push dev --dry-run
    """
    from tune.account.clients import clients
    from tune.dataset.upload.pushing import push_data
    from tune.terminal.targets import target_of

    target = target_of(folder, name, model)
    push_data(target, clients(target), typer.echo, dry_run=dry_run)
