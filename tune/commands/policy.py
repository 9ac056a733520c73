"""`tune policy`: arguments in, exit code out."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tune.policy.needs import COMMANDS, Command
from tune.terminal.arguments import Folder, Name
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER


def policy(
    name: Name,
    folder: Folder = DEFAULT_FOLDER,
    command: Annotated[
        Command | None,
        typer.Option(
            "--command",
            metavar="COMMAND",
            help=f"What a role of the environment's account needs to run {', '.join(COMMANDS[:-1])} or {COMMANDS[-1]}.",
        ),
    ] = None,
    lookup_role: Annotated[
        bool, typer.Option("--lookup-role", help="What the bootstrap's lookup role needs besides its own permissions.")
    ] = False,
    buckets: Annotated[
        list[str] | None,
        typer.Option(
            "--bucket",
            metavar="NAME",
            help="One of the environment's buckets, which CloudFormation names. Can be given several times.",
        ),
    ] = None,
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
    """Print the IAM policy that a command needs, for this environment.

    Without --command: the policy of a pipeline that acts through the roles of the CDK's bootstrap, and may do nothing
    but assume them. They serve every command except `metrics`, `report`, `push` and `purge`, which need a role
    with the policy that --command prints. No policy lets the lookup role decrypt: through it an evaluation is shown
    without its numbers. It asks AWS nothing.

    --bootstrap prints a list: IAM limits the length of a policy. Nobody has deployed with these policies on AWS.

    Exit codes: 0 printed; 2 settings are wrong, the buckets to purge were not named, or a file cannot be written.

    python -m tune policy dev
    python -m tune policy dev --lookup-role
    python -m tune policy dev --command push
    python -m tune policy dev --bootstrap --output policies
    """
    from tune.policy.document import for_assuming, for_command, for_the_lookup_role, where
    from tune.terminal.targets import or_end, ref_of

    if [bool(command), lookup_role, bootstrap].count(True) > 1:
        refuse("only one of --command, --lookup-role and --bootstrap is possible")
    if output and not bootstrap:
        refuse("--output needs --bootstrap")
    if bootstrap:
        _print_execution_policies(name, folder, output)
        return
    ref = ref_of(folder, name)
    if command == "purge" and not buckets:
        refuse(
            "a policy for purge lets buckets be deleted: name each of them with --bucket; "
            f"python -m tune purge {ref.arguments} lists them before it asks"
        )
    its = or_end(lambda: where(ref, buckets or ()))
    found = for_command(command, its) if command else for_the_lookup_role(its) if lookup_role else for_assuming(ref)
    typer.echo(json.dumps(found, indent=2))


def _print_execution_policies(name: str, folder: Path, output: Path | None) -> None:
    from tune.execution_policy.bootstrap import NOT_PROVEN, WITHOUT_BOUNDARY, policies, scope_of, steps, write
    from tune.terminal.targets import or_end, ref_of

    ref = ref_of(folder, name)
    scope = or_end(lambda: scope_of(ref))
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
