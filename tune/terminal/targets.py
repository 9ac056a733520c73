"""The environment and the models that a command names, or the end of the command."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from settings import SettingsError
from tune.terminal.environments import DeployTarget, EnvironmentRef, UnknownEnvironment, find, find_ref
from tune.terminal.exit_codes import refuse

A = TypeVar("A")


def target_of(folder: Path, environment: str, model: str | None = None) -> DeployTarget:
    """Return what a command is about; end with what is wrong when there is none, or in its files."""
    return _found(lambda: find(folder, environment, model))


def ref_of(
    folder: Path, environment: str, model: str | None = None, *, otherwise: Sequence[str] = (), unknown: str = ""
) -> EnvironmentRef:
    """As `target_of`, for a command that does without the models' settings.

    otherwise: Lines about what can be done when the file is there and does not tell where the environment is.
    unknown: What can be done when there is no file.
    """
    return _found(lambda: find_ref(folder, environment, model), otherwise, unknown)


def _found(find_it: Callable[[], A], otherwise: Sequence[str] = (), unknown: str = "") -> A:
    try:
        return find_it()
    except UnknownEnvironment as problem:
        refuse(f"{problem}{unknown}")
    except SettingsError as problem:
        refuse("\n".join((str(problem), *otherwise)))
