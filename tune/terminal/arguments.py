"""Arguments that several commands take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from tune.terminal.exit_codes import refuse

Name = Annotated[str, typer.Argument(metavar="ENV", help="Name of a folder in environments/.")]
Model = Annotated[
    str | None,
    typer.Argument(metavar="[MODEL]", help="Name of a file in that folder, without .toml. Default: every model."),
]
Folder = Annotated[Path, typer.Option("--environments", metavar="FOLDER", help="Folder with the environments.")]
Extra = Annotated[list[str] | None, typer.Argument(metavar="[-- CDK ARGUMENTS]", help="Handed to cdk as they are.")]

_AFTER_HYPHENS = "arguments for the CDK CLI go after two hyphens, as in -- --require-approval never"


class TakesCdkArguments(TyperCommand):
    """A command of which an option may be meant for the CDK CLI."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Say where options for the CDK CLI go, when one is not known here."""
        try:
            return super().parse_args(ctx, args)
        except typer.TyperException as error:
            if hasattr(error, "option_name"):
                error.message = f"{error.message}; {_AFTER_HYPHENS}"
            raise


def model_and_cdk_arguments(model: str | None, extra: Sequence[str] | None) -> tuple[str | None, list[str]]:
    """Return the model that is named, and what is handed to the CDK CLI.

    Refuses a word that is none of its options: it would be ignored.
    """
    given = list(extra or [])
    if model and model.startswith("-"):  # no model's name does: it stood after the two hyphens
        given.insert(0, model)
        model = None
    if given and not given[0].startswith("-"):
        refuse(f"{given[0]!r} is one too many: name one environment, and one model or none; {_AFTER_HYPHENS}")
    return model, given
