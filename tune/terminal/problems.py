"""What keeps a command from doing what it was asked, for whoever reads its one line."""

from typing import ClassVar

import typer

from tune.terminal.exit_codes import USAGE_ERROR


class CannotBeDone(Exception):
    """The message says what is wrong, and what to do; a command ends with it and with the code."""

    code: ClassVar[int] = USAGE_ERROR

    def tell(self) -> None:
        """Say it to whoever has asked for the command."""
        typer.echo(str(self), err=True)


class NoAssembly(CannotBeDone):
    """There is no cloud assembly where one is needed, or it is of another app."""
