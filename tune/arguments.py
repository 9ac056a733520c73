"""Arguments that several commands take, and the environment that they name."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from stacks.settings import SettingsError
from tune.ending import refuse
from tune.environments import Anchor, Target, UnknownEnvironment, find, find_anchor

A = TypeVar("A")

Name = Annotated[str, typer.Argument(metavar="ENV", help="Name of a file in environments/, without .toml.")]
Folder = Annotated[Path, typer.Option("--environments", metavar="FOLDER", help="Folder with the settings files.")]
Extra = Annotated[list[str] | None, typer.Argument(metavar="[-- CDK ARGUMENTS]", help="Handed to cdk as they are.")]


def target_of(folder: Path, name: str) -> Target:
    """Return the environment that a command is about; end with what is wrong when there is none, or in its file."""
    return _found(find, folder, name)


def anchor_of(folder: Path, name: str) -> Anchor:
    """As `target_of`, for a command that does without the data files."""
    return _found(find_anchor, folder, name)


def _found(find_it: Callable[[Path, str], A], folder: Path, name: str) -> A:
    try:
        return find_it(folder, name)
    except (UnknownEnvironment, SettingsError) as problem:
        refuse(str(problem))
