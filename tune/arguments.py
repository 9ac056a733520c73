"""Arguments that several commands take, and the environment that they name."""

from pathlib import Path
from typing import Annotated

import typer

from stacks.settings import SettingsError
from tune.ending import refuse
from tune.environments import Target, UnknownEnvironment, find

Name = Annotated[str, typer.Argument(metavar="ENV", help="Name of a file in environments/, without .toml.")]
Folder = Annotated[Path, typer.Option("--environments", metavar="FOLDER", help="Folder with the settings files.")]
Extra = Annotated[list[str] | None, typer.Argument(metavar="[-- CDK ARGUMENTS]", help="Handed to cdk as they are.")]


def target_of(folder: Path, name: str) -> Target:
    """Return the environment that a command is about; end with what is wrong when there is none, or in its file."""
    try:
        return find(folder, name)
    except (UnknownEnvironment, SettingsError) as problem:
        refuse(str(problem))
