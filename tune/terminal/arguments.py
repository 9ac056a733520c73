"""Arguments that several commands take, and the environment that they name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand

from settings import SettingsError
from tune.terminal.environments import DeployTarget, EnvironmentRef, UnknownEnvironment, find, find_anchor
from tune.terminal.exit_codes import refuse

A = TypeVar("A")

Name = Annotated[str, typer.Argument(metavar="ENV", help="Name of a file in environments/, without .toml.")]
Folder = Annotated[Path, typer.Option("--environments", metavar="FOLDER", help="Folder with the settings files.")]
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


def cdk_arguments(extra: Sequence[str] | None) -> list[str]:
    """Return what is handed to the CDK CLI; refuse a word that is none of its options: it would be ignored."""
    given = list(extra or [])
    if given and not given[0].startswith("-"):
        refuse(f"{given[0]!r} is one too many: name one environment; {_AFTER_HYPHENS}")
    return given


def target_of(folder: Path, name: str) -> DeployTarget:
    """Return the environment that a command is about; end with what is wrong when there is none, or in its file."""
    return _found(find, folder, name)


def anchor_of(folder: Path, name: str, *, otherwise: Sequence[str] = ()) -> EnvironmentRef:
    """As `target_of`, for a command that does without the data files.

    otherwise: Lines about what can be done when the file is there and does not tell where the environment is.
    """
    return _found(find_anchor, folder, name, otherwise)


def _found(find_it: Callable[[Path, str], A], folder: Path, name: str, otherwise: Sequence[str] = ()) -> A:
    try:
        return find_it(folder, name)
    except UnknownEnvironment as problem:
        refuse(str(problem))
    except SettingsError as problem:
        refuse("\n".join((str(problem), *otherwise)))
