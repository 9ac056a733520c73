"""What all commands have in common."""

from typing import Any

import typer
from typer.core import TyperGroup

from tune.endings import ending_in_words
from tune.terminal.help import flowed, is_narrow, literal, narrow, untyped_flag


class Group(TyperGroup):
    """Commands of which any can be asked for its help at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.help = flowed(self.help or "")

    def get_help_option(self, ctx: Any) -> Any:
        """Return `--help` with a default that is no None: Typer would import pydantic to validate it."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return untyped_flag(option)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help: tables, or on a narrow terminal lines."""
        if is_narrow():
            typer.echo("\n".join(narrow(self, ctx)))
        else:
            with literal(self, *self.commands.values()):
                super().format_help(ctx, formatter)


class Commands(Group):
    """All commands: none ends in a traceback of what AWS, the CDK's library or the operating system refuse."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with ending_in_words():
            return super().invoke(ctx)
