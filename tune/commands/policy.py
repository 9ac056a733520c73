"""`tune policy`: arguments in, exit code out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tune.terminal.arguments import Folder, Name
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER


def policy(
    name: Name,
    folder: Folder = DEFAULT_FOLDER,
    bootstrap: Annotated[
        bool,
        typer.Option(
            "--bootstrap", help="What CloudFormation needs to deploy: for cdk bootstrap, not AdministratorAccess."
        ),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FOLDER", help="With --bootstrap: write each policy to a file, and print how to use it."
        ),
    ] = None,
) -> None:
    """Print the IAM policies that an environment needs. It asks AWS nothing.

    Exit codes: 0 printed; 2 settings are wrong, or the files cannot be written.

    python -m tune policy dev --bootstrap
    python -m tune policy dev --bootstrap --output policies
    """
    if not bootstrap:
        refuse("name what the policy is for: --bootstrap")
    _print_execution_policies(name, folder, output)


def _print_execution_policies(name: str, folder: Path, output: Path | None) -> None:
    from settings import SettingsError
    from tune.permissions.bootstrap import NOT_PROVEN, WITHOUT_BOUNDARY, policies, scope_of, steps, write
    from tune.terminal.targets import ref_of

    ref = ref_of(folder, name)
    try:
        scope = scope_of(ref)
    except SettingsError as problem:
        refuse(str(problem))
    found = policies(scope)
    if output is None:
        typer.echo(json.dumps([*found.values()], indent=2))
    else:
        try:
            files = write(output, found)
        except OSError as error:
            refuse(f"{output}: cannot be written: {error.strerror}")
        typer.echo("\n".join(steps(scope, files)))
    typer.echo(NOT_PROVEN, err=True)
    if scope.organization.permissions_boundary is None and scope.organization.roles is None:
        typer.echo(WITHOUT_BOUNDARY, err=True)
