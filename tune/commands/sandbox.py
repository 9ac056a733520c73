"""`tune sandbox`: a local AWS, for as long as somebody wants it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tune.terminal.exit_codes import refuse


def sandbox(
    rate: Annotated[
        float, typer.Option("--rate", min=1, max=600, help="How many simulated seconds pass in a real one.")
    ] = 300,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Let Bedrock do as a file says that tune probe has written."),
    ] = None,
) -> None:
    """Keep a local AWS running until Ctrl-C, and tell how to reach it."""
    from sandbox.assumptions.answers import AnswersError, read_answers
    from tune.terminal.screen import screen_of

    try:
        given = read_answers(answers).given if answers else {}
    except AnswersError as problem:
        refuse(str(problem))
    try:
        from tune.demo import sandbox_session
    except ModuleNotFoundError as missing:
        refuse(f"{missing.name} is not installed, which the local AWS needs: run make setup")
    raise typer.Exit(sandbox_session.run(screen_of(Console()), rate=rate, answers=given))
