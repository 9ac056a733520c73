"""`tune destroy`: arguments in, exit code out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Json, Model, Name
from tune.terminal.asking import answer
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER
from tune.terminal.signals import stoppable

if TYPE_CHECKING:
    from tune.account.aws import Aws
    from tune.deployment.destroy_text import Extent
    from tune.terminal.environments import EnvironmentRef


def destroy(
    name: Name,
    model: Model = None,
    folder: Folder = DEFAULT_FOLDER,
    everything: Annotated[bool, typer.Option("--all", help="Foundation too. Its buckets and key are kept.")] = False,
    serving_only: Annotated[
        bool, typer.Option("--serving-only", help="Only what serves. The Training stack is kept.")
    ] = False,
    every_model: Annotated[
        bool, typer.Option("--every-model", help="Every model of an environment that has several.")
    ] = False,
    region: Annotated[
        str | None,
        typer.Option(
            "--region",
            metavar="REGION",
            help="Look in this Region of the credentials' account: for an environment whose file no longer exists, or "
            "now names another account or Region.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete what serves and trains in an environment, and list what is left.

    It lists what goes, and asks first. Models, data and key are kept; the list at the end has the command that
    removes each. It deletes the stacks by name: from the settings it reads only account, Region and names, and
    nothing else has to be right or on this machine. If environment.toml does not say these, it prints the commands
    that delete the stacks without it. A model whose file was removed is destroyed too, as long as it has a stack.

    Exit codes: 0 what was to go is gone; 1 something still bills, or a stack is left; 2 nothing was destroyed:
    nobody agreed, no model of several was named, or settings or credentials are wrong.

    python -m tune destroy dev --serving-only
    python -m tune destroy dev docstrings
    python -m tune destroy dev --every-model --all
    """
    from tune.account import inventory
    from tune.account.stacks import with_stacks
    from tune.deployment import json_document
    from tune.deployment.destroy import GOES_ON, Teardown, stacks
    from tune.deployment.destroy_text import announced, not_found, report
    from tune.terminal.screen import screen_of

    extent = _extent(model, everything=everything, serving_only=serving_only)
    _check_asks(as_json=as_json, yes=yes)
    screen = screen_of(Console(stderr=as_json))
    with ending_in_words(interrupted="Nothing was destroyed.", screen=screen), stoppable():
        aws, ref = _found(folder, name, model, region, extent)
        anchor = with_stacks(ref, aws("cloudformation"))
        destruction = Teardown(anchor, aws, screen)
        if len(anchor.models) > 1 and not every_model:
            models = ", ".join(anchor.models)
            refuse(f"nothing was destroyed: {name} has several models ({models}); name one, or give --every-model")
        if destruction.is_of_nothing():
            refuse(f"nothing was destroyed: {not_found(stacks(anchor, extent), anchor)}")
        if going := destruction.going(extent):
            for line in announced(going, anchor, destruction.serving_and_training(), extent):
                screen.say(line)
            if not yes:
                _confirm(name, everything=everything)
        else:
            screen.say(not_found(stacks(anchor, extent), anchor))
        store = inventory.store_of(aws, anchor)
        with ending_in_words(interrupted=GOES_ON, lost=GOES_ON, screen=screen):
            code = destruction.run(extent)
            left = destruction.left(extent, store)
            states = destruction.states(extent)
    screen.say("")
    for line in report(left, anchor):
        screen.say(line)
    code = ExitCode.FAILED if left.billing or left.deployed else code
    if as_json:
        typer.echo(json.dumps(json_document.destroyed(anchor, states, left, code), indent=2))
    raise typer.Exit(code)


def _found(
    folder: Path, name: str, model: str | None, region: str | None, extent: "Extent"
) -> "tuple[Aws, EnvironmentRef]":
    """Return clients where the environment is, by its file or by the Region that was named."""
    from tune.account.ambient import in_region
    from tune.account.clients import clients
    from tune.deployment.destroy_text import by_hand, removed
    from tune.terminal.environments import find_elsewhere
    from tune.terminal.targets import ref_of

    if region is not None:
        aws, place = in_region(region)
        return aws, find_elsewhere(folder, name, model, account=place.account, region=place.region)
    otherwise = list(by_hand(folder, name, model, extent))
    unknown = f"; if its folder was removed, its stacks are found by their tags: {removed(folder, name)}"
    ref = ref_of(folder, name, model, otherwise=otherwise, unknown=unknown)
    return clients(ref, "deploy"), ref


def _extent(model: str | None, *, everything: bool, serving_only: bool) -> "Extent":
    if everything and serving_only:
        refuse("--all and --serving-only cannot be combined")
    if everything and model:
        refuse("--all deletes Foundation too, which all models share: do not name a model")
    return "all" if everything else "serving" if serving_only else "default"


def _check_asks(*, as_json: bool, yes: bool) -> None:
    if as_json and not yes:
        refuse("nothing was destroyed: --json asks no question; give --yes too")


def _confirm(name: str, *, everything: bool) -> None:
    if everything:
        agreed = answer(lambda: typer.prompt(f"Type the environment's name to continue ({name})") == name)
    else:
        agreed = answer(lambda: typer.confirm("Go on?"))
    if not agreed:
        refuse("nothing was destroyed; to skip the question, give --yes")
