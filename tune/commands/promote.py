"""`tune promote`: arguments in, exit code out."""

import json
from typing import Annotated

import typer

from tune.endings import ending_in_words
from tune.terminal.arguments import Folder, Json
from tune.terminal.completion import environment_names, model_names
from tune.terminal.folders import DEFAULT_FOLDER


@ending_in_words(interrupted="Nothing was written, or the whole file.")
def promote(
    giver: Annotated[
        str,
        typer.Argument(metavar="FROM", autocompletion=environment_names, help="The environment that has the model."),
    ],
    taker: Annotated[
        str, typer.Argument(metavar="TO", autocompletion=environment_names, help="The environment that will serve it.")
    ],
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL", autocompletion=model_names, help="Name of the model's file in FROM. Default: the only one."
        ),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    train_again: Annotated[
        bool,
        typer.Option("--again", help="Train again in TO instead, which is paid for and makes another model."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Write which model of one environment another one serves.

    Changes the model's file in TO, and nothing else: review it, commit it, deploy it. The model must be finished,
    and both environments in the same account and Region. Nothing is trained or copied.

    Exit codes: 0 written, or the same already; 1 the model cannot be promoted; 2 settings or credentials are
    wrong, or AWS does not answer.

    python -m tune promote dev staging
    python -m tune promote staging prod docstrings
    python -m tune promote dev elsewhere --again
    python -m tune promote dev staging docstrings --json
    """
    from tune.account.clients import clients
    from tune.promote import promoting
    from tune.promote.words import of_training
    from tune.terminal.exit_codes import refuse
    from tune.terminal.labels import name_of
    from tune.terminal.targets import target_of

    if train_again and as_json:
        refuse("--again prints no JSON document: leave out --json")
    target = target_of(folder, giver, which)
    model = target.model
    written = (
        promoting.again(target, taker) if train_again else promoting.promotion(target, taker, clients(target, "lookup"))
    )
    is_new = promoting.write(written, target.folder, taker)
    if written.warning:
        typer.echo(f"warning: {written.warning}", err=True)
    if as_json:
        typer.echo(json.dumps(promoting.document(written, taker, is_new=is_new), indent=2))
        return
    typer.echo(f"{name_of(written.path)} {'is written' if is_new else 'says so already'}.")
    if train_again:
        typer.echo(of_training(model, taker))
    else:
        typer.echo(f"It serves {written.name}; nothing is trained. To bring it there, review the change, then:")
    typer.echo(f"  python -m tune deploy {taker} {written.model}{target.option}")
