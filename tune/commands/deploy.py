"""`tune deploy`: one environment, with what is in progress waited for."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Extra, Folder, Model, Name, model_and_cdk_arguments
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
            "[[access]]. It takes credentials of that account.",
        ),
    ] = None,
) -> None:
    """Deploy an environment, or one of its models, and show its trainings.

    It first waits for a deployment that is in progress. Several models deploy side by side. If you name one, the
    files of the others may be wrong. After an interruption, run the same command: it waits for the same trainings
    and trains nothing twice. Arguments after two hyphens go to the CDK CLI.

    Exit codes: 0 deployed; 1 (or the CDK CLI's own code) a stack failed, its time is up, or nothing serves; 2
    settings or credentials are wrong, AWS does not answer, or CloudFormation would refuse.

    python -m tune deploy dev
    python -m tune deploy dev docstrings
    python -m tune deploy dev --access 222222222222
    python -m tune deploy dev -- --require-approval never
    """
    from tune.account.clients import clients
    from tune.deployment.cdk_cli import CdkCli
    from tune.deployment.deploy import LOST, Deployment
    from tune.terminal.screen import screen_of
    from tune.terminal.targets import target_of

    model, given = model_and_cdk_arguments(model, extra)
    target = target_of(folder, name, model, command="deploy")
    screen = screen_of(Console())
    if access is not None:
        raise typer.Exit(_access(target, access, given, screen))
    with ending_in_words(interrupted="Nothing was started.", screen=screen), stoppable():
        deployment = Deployment(target, clients(target), CdkCli(screen, os.environ, target.assembly), screen)
        with ending_in_words(interrupted=deployment.goes_on, lost=LOST, screen=screen):
            code = deployment.run(given)
    raise typer.Exit(code)


def _access(target: "DeployTarget", account: str, given: Sequence[str], screen: "Screen") -> int:
    from tune.account.location import in_region
    from tune.deployment.access import check_access, deploy_access
    from tune.deployment.cdk_cli import CdkCli

    with ending_in_words(interrupted="Run the same command again.", screen=screen), stoppable():
        aws, place = in_region(target.region)
        check_access(target, account, place)
        return deploy_access(target, account, aws, CdkCli(screen, os.environ, target.assembly), screen, given)
