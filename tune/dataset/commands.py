"""The commands on data files."""

import typer

from tune.dataset.check import check
from tune.dataset.convert import convert
from tune.dataset.push.command import push
from tune.dataset.split import split
from tune.dataset.stats import stats

app = typer.Typer(help="Check, convert, split and push data files.", no_args_is_help=True)
for command in (check, stats, convert, split, push):
    app.command()(command)
