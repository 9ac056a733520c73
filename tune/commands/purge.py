"""`tune purge`: arguments in, exit code out."""

import json
from typing import Annotated, Final

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Json, Model, Name
from tune.terminal.asking import answer
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER
from tune.terminal.signals import stoppable

_GOES_ON: Final = "What was not removed still exists; run the same command to continue"


def purge(
    name: Name,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    waiting_days: Annotated[
        int,
        typer.Option("--waiting-days", metavar="DAYS", min=7, max=30, help="How long the key can be kept after all."),
    ] = 30,
    yes_remove: Annotated[
        str | None,
        typer.Option("--yes-remove", metavar="NAME", help="The name of the environment or model: do not ask."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove for good what a destroyed environment left: models, buckets, key.

    It lists everything first, and removes nothing until you type the name of the environment or model. With the models
    it removes the deployments that an evaluation left of them. If you name a model, it removes only what was trained
    for it: bucket, data and key belong to all models. It refuses while a stack exists, a training run is running, or
    something serves one of the models. After an interruption, run the same command: it continues.

    Exit codes: 0 nothing is left to remove; 1 something is left, or may be; 2 nothing was removed.

    python -m tune purge dev
    python -m tune purge dev docstrings
    python -m tune purge dev --waiting-days 7 --yes-remove dev
    """
    from tune.account.clients import clients
    from tune.account.stacks import with_stacks
    from tune.purge import json_document
    from tune.purge.find import Finder
    from tune.purge.remove import Removal
    from tune.purge.text import STAYS, lines, unproven, warning
    from tune.terminal.screen import screen_of
    from tune.terminal.targets import ref_of

    ref = ref_of(folder, name, model)
    if as_json and yes_remove is None:
        refuse("nothing was removed: --json asks no question; give --yes-remove NAME too")
    screen = screen_of(Console(stderr=as_json))
    with ending_in_words(interrupted="Nothing was removed.", screen=screen), stoppable():
        aws = clients(ref)
        anchor = with_stacks(ref, aws("cloudformation"))
        finder = Finder(aws, anchor)
        kept = finder.kept()
        screen.say("\n".join([*lines(kept, anchor), *unproven(finder.unproven(kept))]))
        if obstacles := finder.obstacles(kept):
            refuse("nothing was removed:\n" + "\n".join(f"  {each}" for each in obstacles))
        stays: list[str] = []
        if kept.removable:
            screen.say(warning(waiting_days))
            _confirm(anchor.named or name, "model" if anchor.named else "environment", yes_remove)
            with ending_in_words(interrupted=_GOES_ON, lost=_GOES_ON, screen=screen):
                stays = Removal(aws, anchor, screen, waiting_days=waiting_days).run(kept)
        left, unseen = finder.kept() if as_json else kept, finder.unseen()
    told = [*(f"Kept: {reason}" for reason in stays), *([f"Perhaps left: {unseen}"] if unseen else [])]
    screen.say("\n".join(told) or STAYS)
    code = ExitCode.FAILED if told else ExitCode.DONE
    if as_json:
        why = [*stays, *filter(None, [unseen])]
        typer.echo(json.dumps(json_document.document(anchor, kept, left, why, code), indent=2))
    raise typer.Exit(code)


def _confirm(name: str, kind: str, yes_remove: str | None) -> None:
    typed = yes_remove
    if typed is None:
        typed = answer(lambda: typer.prompt(f"Type the {kind}'s name to remove all of it ({name})")) or ""
    if typed != name:
        refuse(f"nothing was removed: {typed!r} is not {name!r}; in scripts, give --yes-remove {name}")
