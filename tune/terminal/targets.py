"""The environment and the models that a command names, or the end of the command."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import typer

from settings import SettingsError
from tune.terminal.environments import (
    DeployTarget,
    EnvironmentRef,
    UnknownEnvironment,
    find,
    find_ref,
    mistyped_model,
)
from tune.terminal.exit_codes import refuse

A = TypeVar("A")


def target_of(folder: Path, environment: str, model: str | None = None, *, command: str = "") -> DeployTarget:
    """Return what a command is about; end with what is wrong when there is none, or in its files.

    command: What it is called. Where some of several models are right, how it is about one of them is told.
    """
    try:
        return or_end(lambda: find(folder, environment, model))
    except typer.Exit:
        if command and model is None:
            tell_of_right_ones(folder, environment, command)
        raise


def tell_of_right_ones(folder: Path, environment: str, command: str, findings: Sequence[str] = ()) -> None:
    """Say how a command that a wrong file has stopped is about one model whose own files are right, if any is.

    findings: What was found besides in the data of models, each line beginning with environment and model.
    """
    begun = {finding.partition(": ")[0] for finding in findings}
    try:
        where = find_ref(folder, environment)
    except (UnknownEnvironment, SettingsError):
        return
    without = [name for name in where.models if f"{environment}/{name}" not in begun]
    if right := [name for name in without if _is_right(where.folder, environment, name)]:
        one = f"python -m tune {command} {where.arguments_of('MODEL')}"
        typer.echo(
            f"For one model, whatever is wrong with the others: {one}; MODEL is one of {', '.join(right)}", err=True
        )


def ref_of(
    folder: Path, environment: str, model: str | None = None, *, otherwise: Sequence[str] = (), unknown: str = ""
) -> EnvironmentRef:
    """As `target_of`, for a command that does without the models' settings.

    otherwise: Lines about what can be done when the file is there and does not tell where the environment is.
    unknown: What can be done when there is no file.
    """
    ref = or_end(lambda: find_ref(folder, environment, model), otherwise, unknown)
    if hint := mistyped_model(ref):
        typer.echo(f"warning: {hint}", err=True)
    return ref


def _is_right(folder: Path, environment: str, model: str) -> bool:
    try:
        find(folder, environment, model)
    except SettingsError:
        return False
    return True


def or_end(find_it: Callable[[], A], otherwise: Sequence[str] = (), unknown: str = "") -> A:
    """Return what the settings say; end with what is wrong in them."""
    try:
        return find_it()
    except UnknownEnvironment as problem:
        refuse(f"{problem}{unknown}")
    except SettingsError as problem:
        refuse("\n".join((str(problem), *otherwise)))
