"""The environment that a command names, or the end of the command."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from settings import SettingsError
from tune.terminal.environments import DeployTarget, EnvironmentRef, UnknownEnvironment, find, find_anchor
from tune.terminal.exit_codes import refuse

A = TypeVar("A")


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
