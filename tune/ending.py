"""How a command ends when it cannot do what it was asked."""

from typing import Final, NoReturn

import typer

USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130


def refuse(message: str) -> NoReturn:
    """Say what is wrong, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(USAGE_ERROR)
