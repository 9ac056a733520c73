"""Arguments that several commands take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tune.terminal.completion import environment_names, model_names
from tune.terminal.exit_codes import refuse
from tune.terminal.help import Command


def _model(*, default: str) -> Any:
    return typer.Argument(
        metavar="MODEL",
        autocompletion=model_names,
        help=f"Name of a file in that folder, without .toml. Default: {default}.",
    )


Name = Annotated[
    str, typer.Argument(metavar="ENV", autocompletion=environment_names, help="Name of a folder in environments/.")
]
Model = Annotated[str | None, _model(default="every model")]
OnlyModel = Annotated[str | None, _model(default="the only one")]
Folder = Annotated[
    Path,
    typer.Option(
        "--environments",
        metavar="FOLDER",
        show_default=False,
        help="Folder with the environments. Default: environments/ of this checkout.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]
Extra = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- CDK ARGUMENTS", help="Passed to the CDK CLI unchanged; with make: CDK_ARGS."),
]

_AFTER_HYPHENS = (
    "arguments for the CDK CLI go after two hyphens, as in -- --require-approval never (with make: "
    "CDK_ARGS='--require-approval never')"
)


class TakesCdkArguments(Command):
    """A command whose unknown option may be meant for the CDK CLI."""

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
        refuse(f"{given[0]!r} is one too many: name one environment and at most one model; {_AFTER_HYPHENS}")
    return model, given
