"""`tune sandbox`: a local AWS, for as long as somebody wants it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tune.terminal.exit_codes import refuse


def sandbox(
    rate: Annotated[
        float,
        typer.Option("--rate", metavar="NUMBER", min=1, max=600, help="Simulated seconds for each real second."),
    ] = 300,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Behave as this file of answers from probe says."),
    ] = None,
) -> None:
    """Keep a local AWS running until Ctrl-C, and print how to reach it.

    Deploy to it with the environment local, or with any environment whose account is 000000000000. It costs
    nothing.

    Exit codes: 0 you ended it; 1 it could not start, or ended by itself; 2 the file of answers is wrong.

    python -m tune sandbox
    python -m tune sandbox --rate 600
    python -m tune sandbox --answers answers.json
    """
    from sandbox.assumptions.answers import AnswersError, read_answers
    from tune.terminal.screen import screen_of

    try:
        given = read_answers(answers).given if answers else {}
    except AnswersError as problem:
        refuse(str(problem))
    try:
        from tune.demo import sandbox_session
    except ModuleNotFoundError as missing:
        refuse(f"{missing.name} is not installed; the local AWS needs it: run make setup")
    raise typer.Exit(sandbox_session.run(screen_of(Console()), rate=rate, answers=given))
