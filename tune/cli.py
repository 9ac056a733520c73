"""The commands: arguments in, exit code out."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from tune.arguments import Extra, Folder, Name, target_of
from tune.aws import WrongCredentials, clients
from tune.cdk_cli import CdkCli, CdkMissing
from tune.dataset import commands as dataset
from tune.dataset.endings import endings
from tune.deploy import Deployment
from tune.destroy import Destruction, Extent, report
from tune.ending import INTERRUPTED, refuse
from tune.environments import DEFAULT_FOLDER, Target
from tune.exports.gate import ExportsInUse
from tune.exports.look import look
from tune.inventory import store_of
from tune.plan import desired
from tune.plan.document import document
from tune.plan.environment import Names, Plan, Planner
from tune.plan.orphans import Standing
from tune.plan.place import ambient, place_of
from tune.plan.render import show
from tune.preflight.command import preflight
from tune.purge.command import purge
from tune.screen import screen_of
from tune.status.command import status

app = typer.Typer(
    help="Fine-tuning on Amazon Bedrock as infrastructure code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(dataset.app, name="dataset")

app.command()(preflight)
app.command()(status)
app.command()(purge)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except SystemExit as end:
        if end.code != INTERRUPTED:
            raise
        # The interrupt has ended the process of the CDK's libraries too, about which their exit handler would complain.
        sys.stdout.flush()
        os._exit(INTERRUPTED)


@app.command()
def deploy(name: Name, extra: Extra = None, folder: Folder = DEFAULT_FOLDER) -> None:
    """Deploy one environment: wait for what is in progress, then deploy, and show the training.

    Started again after an interruption, it goes on waiting for the same training.
    """
    target = target_of(folder, name)
    screen = screen_of(Console())
    try:
        deployment = Deployment(target, clients(target), CdkCli(screen, os.environ), screen)
        code = deployment.run(extra or [])
    except (WrongCredentials, CdkMissing, ExportsInUse) as problem:
        refuse(str(problem))
    except KeyboardInterrupt:
        screen.status(None)
        screen.say("Interrupted. The deployment goes on in CloudFormation; the same command waits for it again.")
        raise typer.Exit(INTERRUPTED) from None
    raise typer.Exit(code)


@app.command()
def destroy(
    name: Name,
    extra: Extra = None,
    folder: Folder = DEFAULT_FOLDER,
    everything: Annotated[
        bool, typer.Option("--all", help="Foundation too. Its buckets and key are kept all the same.")
    ] = False,
    serving_only: Annotated[
        bool, typer.Option("--serving-only", help="Only what serves; the training's stack stays.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy what serves and trains in one environment, and list what is left.

    Models, data and key are kept; the list has the command that removes each.
    """
    if everything and serving_only:
        refuse("--all and --serving-only exclude each other")
    extent: Extent = "all" if everything else "serving" if serving_only else "default"
    target = target_of(folder, name)
    screen = screen_of(Console())
    try:
        aws = clients(target)
        if not yes:
            _confirm(target, extent)
        store = store_of(aws, target)
        destruction = Destruction(target, aws, CdkCli(screen, os.environ), screen, extra=extra or [])
        code = destruction.run(extent)
        left = destruction.left(extent, store)
    except (WrongCredentials, CdkMissing) as problem:
        refuse(str(problem))
    except KeyboardInterrupt:
        screen.status(None)
        screen.say("Interrupted. What CloudFormation has begun goes on there; run the same command again.")
        raise typer.Exit(INTERRUPTED) from None
    screen.say("")
    for line in report(left, name, target.option):
        screen.say(line)
    raise typer.Exit(code or (1 if left.billing or left.deployed else 0))


@app.command()
def plan(
    name: Annotated[
        str | None, typer.Argument(metavar="ENV", help="As for deploy; without it only what exists is told.")
    ] = None,
    folder: Folder = DEFAULT_FOLDER,
    fail_on_orphans: Annotated[
        bool, typer.Option("--fail-on-orphans", help="Exit with 1 when something bills or serves that no stack holds.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Tell what the next deploy would do and who pays, and what bills or serves without a stack. Changes nothing."""
    target = target_of(folder, name) if name else None
    try:
        found = _environment_plan(target) if target else Planner(*ambient()).account()
    except WrongCredentials as problem:
        refuse(str(problem))
    except (ClientError, BotoCoreError) as problem:
        refuse(f"AWS does not tell: {problem}")
    if as_json:
        typer.echo(json.dumps(document(found), indent=2))
    else:
        show(found, Console())
    raise typer.Exit(1 if fail_on_orphans and found.survey.of(Standing.ORPHAN) else 0)


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
        from tune.demo.journey import run
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
) -> None:
    """Keep a local AWS running until Ctrl-C, and tell how to reach it."""
    try:
        from tune import local_aws
    except ModuleNotFoundError as missing:
        refuse(f"{missing.name} is not installed, which the local AWS needs: run make setup")
    raise typer.Exit(local_aws.run(screen_of(Console()), rate=rate))


def _environment_plan(target: Target) -> Plan:
    aws = clients(target)
    bodies = desired.bodies(target.settings)
    plan = Planner(aws, place_of(target)).environment(Names.of(target), desired.read_all(bodies))
    return replace(plan, exports=look(aws("cloudformation"), target, bodies[target.stack("Foundation")]))


def _confirm(target: Target, extent: Extent) -> None:
    stacks = {"serving": "Serving", "default": "Serving and Training", "all": "Serving, Training and Foundation"}
    typer.echo(f"This destroys {stacks[extent]} of environment {target.name} in account {target.settings.account}.")
    try:
        if extent == "all":
            agreed = typer.prompt(f"Type the environment's name to go on ({target.name})") == target.name
        else:
            agreed = typer.confirm("Go on?")
    except typer.Abort:
        agreed = False
    if not agreed:
        refuse("nothing was destroyed; to agree without being asked, give --yes")
