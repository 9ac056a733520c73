"""`tune deploy`: one environment, with what is in progress waited for."""

import os

import typer
from rich.console import Console

from tune.endings import ending_in_words
from tune.terminal.arguments import Extra, Folder, Model, Name, model_and_cdk_arguments
from tune.terminal.folders import DEFAULT_FOLDER
from tune.terminal.signals import stoppable


def deploy(name: Name, model: Model = None, extra: Extra = None, folder: Folder = DEFAULT_FOLDER) -> None:
    """Deploy one environment, or one model in it: wait for what is in progress, then deploy, and show the trainings.

    Several models deploy side by side. Where one is named, the files of the others may be wrong.
    Started again after an interruption, it goes on waiting for the same trainings.
    """
    from tune.account.clients import clients
    from tune.deployment.cdk_cli import CdkCli
    from tune.deployment.deploy import LOST, Deployment
    from tune.terminal.screen import screen_of
    from tune.terminal.targets import target_of

    model, given = model_and_cdk_arguments(model, extra)
    target = target_of(folder, name, model, command="deploy")
    screen = screen_of(Console())
    with ending_in_words(interrupted="Nothing was begun.", screen=screen), stoppable():
        deployment = Deployment(target, clients(target), CdkCli(screen, os.environ, target.assembly), screen)
        with ending_in_words(interrupted=deployment.goes_on, lost=LOST, screen=screen):
            code = deployment.run(given)
    raise typer.Exit(code)
