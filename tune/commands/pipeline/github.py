"""`tune pipeline github`: arguments in, exit code out."""

from typing import Annotated

import typer

from tune.terminal.exit_codes import refuse


def github(
    review: Annotated[
        bool, typer.Option("--review", help="review.yml: a comment on every pull request; asks no AWS.")
    ] = False,
    printed: Annotated[bool, typer.Option("--print", help="Print it, and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that you have changed.")] = False,
) -> None:
    """Write a workflow for GitHub Actions into .github/workflows.

    From then on the file is yours: no command reads it, and another run replaces it only with --force.

    Exit codes: 0 written, printed, or the same already; 2 the file differs, or nothing was asked for.

    python -m tune pipeline github --review
    python -m tune pipeline github --review --print
    """
    if not review:
        refuse("say what to write: --review")

    from tune.pipeline.files import GITHUB, text, write
    from tune.terminal.folders import ROOT

    name = "review.yml"
    if printed:
        typer.echo(text(name), nl=False)
    elif write(name, ROOT / GITHUB, force=force):
        typer.echo(f"{GITHUB / name} is written: read it, and commit it. It is yours.")
    else:
        typer.echo(f"{GITHUB / name} is the same already.")
