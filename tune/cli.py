"""The commands, by their names."""

import os
import sys

import typer

from tune.commands.dataset.check import check
from tune.commands.dataset.convert import convert
from tune.commands.dataset.push import push
from tune.commands.dataset.split import split
from tune.commands.dataset.stats import stats
from tune.commands.demo import demo
from tune.commands.deploy import deploy
from tune.commands.destroy import destroy
from tune.commands.groups import Commands, Group
from tune.commands.plan import plan
from tune.commands.preflight import preflight
from tune.commands.probe import probe
from tune.commands.purge import purge
from tune.commands.review import review
from tune.commands.sandbox import sandbox
from tune.commands.status import status
from tune.terminal.arguments import TakesCdkArguments
from tune.terminal.exit_codes import USAGE_ERROR

app = typer.Typer(
    cls=Commands,
    help="Fine-tuning on Amazon Bedrock as infrastructure code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(plan)
app.command()(review)
app.command()(preflight)
app.command(cls=TakesCdkArguments)(deploy)
for command in (status, probe, destroy, purge, demo, sandbox):
    app.command()(command)
dataset = typer.Typer(cls=Group, help="Check, convert, split and push data files.", no_args_is_help=True)
for on_data in (check, stats, convert, split, push):
    dataset.command()(on_data)
app.add_typer(dataset, name="dataset")


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
