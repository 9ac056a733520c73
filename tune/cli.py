"""The commands: arguments in, exit code out."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from sandbox.assumptions.answers import AnswersError, read_answers
from tune.account import ownership, templates
from tune.account.clients import clients
from tune.account.location import ambient, place_of
from tune.account.settings_files import SettingsFiles
from tune.commands.dataset.check import check
from tune.commands.dataset.push import push
from tune.commands.dataset.stats import stats
from tune.commands.destroy import destroy
from tune.commands.preflight import preflight
from tune.commands.probe import probe
from tune.commands.purge import purge
from tune.commands.status import status
from tune.dataset.convert import convert
from tune.dataset.endings import endings
from tune.dataset.split import split
from tune.deployment.cdk_cli import CdkCli
from tune.deployment.deploy import LOST, Deployment
from tune.deployment.exports.look import look
from tune.plan.environment import Names, Plan, Planner
from tune.plan.json_document import document
from tune.plan.text import show
from tune.terminal.arguments import Extra, Folder, Name, TakesCdkArguments, cdk_arguments, target_of
from tune.terminal.environments import DEFAULT_FOLDER, DeployTarget
from tune.terminal.exit_codes import USAGE_ERROR, ending_in_words, refuse
from tune.terminal.screen import screen_of
from tune.terminal.signals import stoppable


class Commands(TyperGroup):
    """All commands: none ends in a traceback of what AWS, the CDK's library or the operating system refuse."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with ending_in_words():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    help="Fine-tuning on Amazon Bedrock as infrastructure code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SystemExit as end:
        if not isinstance(end.code, int) or (end.code != USAGE_ERROR and end.code <= 128):
            raise
        # What ended it has ended the process of the CDK's libraries too, about which their exit handler would complain.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)


@app.command()
def plan(
    name: Annotated[
        str | None,
        typer.Argument(metavar="ENV", help="As for deploy; without it what there is of every environment is told."),
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    fail_on_orphans: Annotated[
        bool,
        typer.Option(
            "--fail-on-orphans",
            help="Exit with 1 when something bills or serves that no stack holds, or no settings file asks for.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell what the next deploy would do and who pays, and all that bills: with a stack, without one, or kept.

    Without an environment: everything of this project in the account and Region of the credentials. Changes nothing.
    """
    found = _environment_plan(target_of(folder, name)) if name else _account_plan(folder)
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
    else:
        show(found, Console())
    raise typer.Exit(1 if fail_on_orphans and found.unwanted else 0)


app.command()(preflight)


@app.command(cls=TakesCdkArguments)
def deploy(name: Name, extra: Extra = None, folder: Folder = DEFAULT_FOLDER) -> None:
    """Deploy one environment: wait for what is in progress, then deploy, and show the training.

    Started again after an interruption, it goes on waiting for the same training.
    """
    given = cdk_arguments(extra)
    target = target_of(folder, name)
    screen = screen_of(Console())
    with ending_in_words(interrupted="Nothing was begun.", screen=screen), stoppable():
        deployment = Deployment(target, clients(target), CdkCli(screen, os.environ, target.assembly), screen)
        with ending_in_words(interrupted=deployment.goes_on, lost=LOST, screen=screen):
            code = deployment.run(given)
    raise typer.Exit(code)


app.command()(status)
app.command()(probe)


app.command()(destroy)
app.command()(purge)
dataset = typer.Typer(help="Check, convert, split and push data files.", no_args_is_help=True)
for command in (check, stats, convert, split, push):
    dataset.command()(command)
app.add_typer(dataset, name="dataset")


@app.command()
def demo(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="Train on your own file: prompts and completions, or messages."),
    ] = None,
    show_content: Annotated[
        bool, typer.Option("--show-content", help="With --data, show two of its questions and their answers.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the CDK CLI's own output.")] = False,
) -> None:
    """Go from a dataset to a served model and back to nothing, on a local AWS.

    Your own file is converted if it has to be, split, and checked before
    anything starts. It stays on this machine.
    """
    if show_content and data is None:
        refuse("--show-content is for --data: the content of the example is shown in any case")
    try:
        from tune.demo.run import run
    except ModuleNotFoundError as missing:
        refuse(f"{missing.name} is not installed, which the local AWS needs: run make setup")
    with endings(interrupted="Nothing was started."):
        code = run(Console(), data=data, show_content=show_content, verbose=verbose)
    raise typer.Exit(code)


@app.command()
def sandbox(
    rate: Annotated[
        float, typer.Option("--rate", min=1, max=600, help="How many simulated seconds pass in a real one.")
    ] = 300,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Let Bedrock do as a file says that tune probe has written."),
    ] = None,
) -> None:
    """Keep a local AWS running until Ctrl-C, and tell how to reach it."""
    try:
        given = read_answers(answers).given if answers else {}
    except AnswersError as problem:
        refuse(str(problem))
    try:
        from tune.demo import sandbox_session
    except ModuleNotFoundError as missing:
        refuse(f"{missing.name} is not installed, which the local AWS needs: run make setup")
    raise typer.Exit(sandbox_session.run(screen_of(Console()), rate=rate, answers=given))


def _environment_plan(target: DeployTarget) -> Plan:
    aws, place = clients(target), place_of(target)
    if taken := ownership.taken(aws("cloudformation"), target.name, target.stacks):
        raise ownership.NameTaken(taken)
    bodies = templates.bodies(target.settings)
    planner = Planner(aws, place, SettingsFiles(target.folder, place))
    plan = planner.environment(Names.of(target), templates.read_all(bodies))
    return replace(plan, exports=look(aws("cloudformation"), target, bodies[target.stack("Foundation")]))


def _account_plan(folder: Path) -> Plan:
    aws, place = ambient()
    return Planner(aws, place, SettingsFiles(folder.resolve(), place)).account()
