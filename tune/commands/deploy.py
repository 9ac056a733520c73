"""`tune deploy`: one environment, with what is in progress waited for."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Extra, Folder, Json, Model, Name, model_and_cdk_arguments
from tune.terminal.exit_codes import ExitCode, refuse
from tune.terminal.folders import DEFAULT_FOLDER
from tune.terminal.signals import stoppable

if TYPE_CHECKING:
    from tune.terminal.environments import DeployTarget
    from tune.terminal.screen import Screen


def deploy(
    name: Name,
    model: Model = None,
    extra: Extra = None,
    folder: Folder = DEFAULT_FOLDER,
    access: Annotated[
        str | None,
        typer.Option(
            "--access",
            metavar="ACCOUNT",
            help="Deploy only what an account of an application has: the stacks of the models whose file names it in "
            "[[access]]. It takes credentials that may deploy there.",
        ),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Begin what can be begun now and end; the next run continues.")
    ] = False,
    retry: Annotated[
        bool,
        typer.Option("--retry", help="With --detach: begin again what has failed with the same template."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Deploy an environment, or one of its models, and show its training runs.

    It first waits for a deployment that is in progress. Several models deploy side by side. If you name one, the
    files of the others may be wrong. After an interruption, run the same command: it waits for the same training runs
    and trains nothing twice. Arguments after two hyphens go to the CDK CLI.

    With --detach it waits for nothing in AWS. It prepares the change sets of the stacks whose turn it is, executes
    them, and ends with 3. Run the same command later, on any machine, until it ends with 0: while something is in
    progress it begins nothing. What failed is not begun again until its template changes or you give --retry.

    Exit codes: 0 deployed; 1 a stack failed, or nothing serves; 2 settings or credentials are wrong, AWS does not
    answer, or CloudFormation would refuse; 3 nothing failed, and a stack, a training run or an evaluation is still
    in progress; 4 the gate of a model's evaluation refuses it, and nothing else failed.

    python -m tune deploy dev
    python -m tune deploy dev docstrings --detach
    python -m tune deploy dev -- --require-approval never
    """
    from tune.account.clients import clients
    from tune.deployment.cdk_cli import CdkCli
    from tune.deployment.deploy import LOST, StackDeployment
    from tune.deployment.detached import DetachedDeployment
    from tune.terminal.screen import screen_of
    from tune.terminal.targets import target_of

    model, given = model_and_cdk_arguments(model, extra)
    if retry and not detach:
        refuse("--retry belongs to --detach; without it, a deploy begins again what has failed")
    target = target_of(folder, name, model, command="deploy")
    screen = screen_of(Console(stderr=as_json))
    if access is not None:
        if detach or as_json:
            refuse("--access takes neither --detach nor --json: those stacks are deployed within a minute")
        raise typer.Exit(_access(target, access, given, screen))
    with ending_in_words(interrupted="Nothing was started.", screen=screen), stoppable():
        aws, cdk = clients(target, "deploy"), CdkCli(screen, os.environ, target.assembly)
        if detach:
            deployment: StackDeployment = DetachedDeployment(target, aws, cdk, screen, retry=retry)
        else:
            deployment = StackDeployment(target, aws, cdk, screen)
        with ending_in_words(interrupted=deployment.goes_on, lost=LOST, screen=screen):
            code = deployment.run(given)
            document = deployment.document(code) if as_json else None
    if document:
        typer.echo(json.dumps(document, indent=2))
    raise typer.Exit(code)


def _access(target: "DeployTarget", account: str, given: Sequence[str], screen: "Screen") -> ExitCode:
    from tune.account.clients import clients
    from tune.deployment.access import deploy_access, in_account
    from tune.deployment.cdk_cli import CdkCli

    with ending_in_words(interrupted="Run the same command again.", screen=screen), stoppable():
        there = in_account(target, account)
        return deploy_access(there, clients(there, "deploy"), CdkCli(screen, os.environ, target.assembly), given)
