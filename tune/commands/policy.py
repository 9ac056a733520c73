"""`tune policy`: arguments in, exit code out."""

import json
from typing import Annotated, Literal

import typer

from tune.terminal.arguments import Folder, Name
from tune.terminal.exit_codes import refuse
from tune.terminal.folders import DEFAULT_FOLDER


def policy(
    name: Name,
    folder: Folder = DEFAULT_FOLDER,
    command: Annotated[
        Literal["deploy", "destroy", "plan", "preflight", "probe", "purge", "push", "status"] | None,
        typer.Option(
            "--command",
            metavar="COMMAND",
            help="What a role of the environment's account needs to run deploy, destroy, plan, preflight, probe, "
            "purge, push or status.",
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
) -> None:
    """Print the IAM policy that a command needs, for this environment.

    Without --command: the policy of a pipeline that acts through the roles of the CDK's bootstrap, and may do nothing
    but assume them. They serve every command except `push` and `purge`, which need a role with the policy that
    --command prints. It asks AWS nothing.

    Exit codes: 0 printed; 2 settings are wrong, or the buckets to purge were not named.

    python -m tune policy dev
    python -m tune policy dev --lookup-role
    python -m tune policy dev --command push
    """
    from tune.policy.document import for_assuming, for_command, for_the_lookup_role, where
    from tune.terminal.targets import or_end, ref_of

    if command and lookup_role:
        refuse("--command and --lookup-role cannot be combined")
    ref = ref_of(folder, name)
    if command == "purge" and not buckets:
        refuse(
            "a policy for purge lets buckets be deleted: name each of them with --bucket; "
            f"python -m tune purge {ref.arguments} lists them before it asks"
        )
    its = or_end(lambda: where(ref, buckets or ()))
    found = for_command(command, its) if command else for_the_lookup_role(its) if lookup_role else for_assuming(ref)
    typer.echo(json.dumps(found, indent=2))
