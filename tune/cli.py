"""The commands, by their names."""

import os
import sys
from typing import Final

import typer
from typer._completion_classes import completion_init

from tune.commands.completion import completion
from tune.commands.dataset.check import check
from tune.commands.dataset.convert import convert
from tune.commands.dataset.push import push
from tune.commands.dataset.split import split
from tune.commands.dataset.stats import stats
from tune.commands.demo import demo
from tune.commands.deploy import deploy
from tune.commands.destroy import destroy
from tune.commands.evaluate import evaluate
from tune.commands.groups import Commands, Group
from tune.commands.metrics import metrics
from tune.commands.pipeline.digest import digest
from tune.commands.pipeline.github import github
from tune.commands.plan import plan
from tune.commands.policy import policy
from tune.commands.preflight import preflight
from tune.commands.probe import probe
from tune.commands.promote import promote
from tune.commands.purge import purge
from tune.commands.report import report
from tune.commands.review import review
from tune.commands.sandbox import sandbox
from tune.commands.status import status
from tune.terminal.arguments import TakesCdkArguments
from tune.terminal.completion import VARIABLE
from tune.terminal.exit_codes import USAGE_ERROR
from tune.terminal.help import Command

_HELP: Final = """Fine-tune, evaluate, serve, promote and delete Amazon Bedrock custom models, as infrastructure code.

Each command's help ends with examples.

python -m tune plan dev
python -m tune deploy dev
python -m tune status dev --watch
"""

app = typer.Typer(
    cls=Commands,
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


for panel, of_panel in (
    ("Environments", (plan, preflight, deploy, evaluate, promote, status, metrics, report, destroy, purge, probe)),
    ("Without an AWS account", (review, policy, demo, sandbox)),
):
    for command in of_panel:
        app.command(cls=TakesCdkArguments if command in (deploy, evaluate) else Command, rich_help_panel=panel)(command)
dataset = typer.Typer(cls=Group, help="Check, convert, split and push data files.", no_args_is_help=True)
for on_data in (check, stats, convert, split, push):
    dataset.command(cls=Command)(on_data)
app.add_typer(dataset, name="dataset", rich_help_panel="Data")
pipeline = typer.Typer(cls=Group, help="What a pipeline of yours needs.", no_args_is_help=True)
for of_pipeline in (github, digest):
    pipeline.command(cls=Command)(of_pipeline)
app.add_typer(pipeline, name="pipeline", rich_help_panel="Without an AWS account")
app.command(cls=Command, rich_help_panel="This command line")(completion)


def main() -> None:
    """Run the command line."""
    try:
        if VARIABLE in os.environ:
            completion_init()
        app(complete_var=VARIABLE)
    except SystemExit as end:
        if not isinstance(end.code, int) or (end.code != USAGE_ERROR and end.code <= 128):
            raise
        # What ended it has ended the process of the CDK's libraries too, about which their exit handler would complain.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)
