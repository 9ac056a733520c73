"""The exit codes that are documented, and how a command refuses.

0 and 1 are a command's own. 2: settings or credentials are wrong, AWS does not answer, or something is missing here.
130, and for other signals 128 and their number: it was asked to end.
"""

from typing import Final, NoReturn

import typer

USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130


def refuse(message: str) -> NoReturn:
    """Say what is wrong, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(USAGE_ERROR)
