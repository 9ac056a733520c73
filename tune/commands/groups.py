"""What all commands have in common."""

from typing import Any

from typer.core import TyperGroup

from tune.endings import ending_in_words


class Group(TyperGroup):
    """Commands of which any can be asked for its help at once."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return `--help` with a default that is no None: Typer would import pydantic to validate it."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


class Commands(Group):
    """All commands: none ends in a traceback of what AWS, the CDK's library or the operating system refuse."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with ending_in_words():
            return super().invoke(ctx)
