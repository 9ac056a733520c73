"""`tune pipeline github`: arguments in, exit code out."""

from typing import Annotated

import typer

from tune.terminal.exit_codes import refuse


def github(
    review: Annotated[
        bool, typer.Option("--review", help="review.yml: a comment on every pull request; asks no AWS.")
    ] = False,
    deploy: Annotated[
        bool, typer.Option("--deploy", help="deploy.yml: what is on main, to the environments of app.toml.")
    ] = False,
    printed: Annotated[bool, typer.Option("--print", help="Print it, and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that you have changed.")] = False,
) -> None:
    """Write workflows for GitHub Actions into .github/workflows.

    From then on the files are yours: no command reads them, and another run replaces them only with --force. If one
    of them may not be replaced, none is written.

    Exit codes: 0 written, printed, or the same already; 2 a file differs, settings are wrong, or nothing was asked for.

    python -m tune pipeline github --review
    python -m tune pipeline github --review --deploy
    python -m tune pipeline github --deploy --print
    """
    if not (review or deploy):
        refuse("say what to write: --review, --deploy or both")

    from tune.pipeline.deploy import deploy_workflow
    from tune.pipeline.files import GITHUB, refuse_below_the_top, text, write
    from tune.terminal.folders import DEFAULT_FOLDER, ROOT
    from tune.terminal.targets import or_end

    wanted = {"review.yml": text("review.yml")} if review else {}
    if deploy:
        wanted["deploy.yml"] = or_end(lambda: deploy_workflow(DEFAULT_FOLDER))
    if printed:
        typer.echo("".join(wanted.values()), nl=False)
        return
    refuse_below_the_top(ROOT)
    written = write(wanted, ROOT / GITHUB, force=force)
    for name in wanted:
        if name in written:
            typer.echo(f"{GITHUB / name} is written: read it, and commit it. It is yours.")
        else:
            typer.echo(f"{GITHUB / name} is the same already.")
