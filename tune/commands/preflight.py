"""The command: arguments in, exit code out."""

import json
from typing import Annotated

import typer
from rich.console import Console

from bedrock_lifecycle import contract
from bedrock_tuning.data.sources import FileSource, S3Source
from tune.account import templates
from tune.account.clients import clients
from tune.account.location import place_of
from tune.plan.environment import Names
from tune.preflight.deploying import bootstrap_parameters
from tune.preflight.observe import PreflightObserver, PreflightResult
from tune.preflight.text import document, show
from tune.terminal.arguments import Folder, Name, target_of
from tune.terminal.environments import DEFAULT_FOLDER, DeployTarget


def preflight(
    name: Name,
    folder: Folder = DEFAULT_FOLDER,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at everything that would stop the next deploy before it costs anything. Changes nothing.

    The lifecycle looks at the same before it creates a job or buys a throughput. Exits with 0 when nothing stands in
    the way, with 1 when something does, with 2 when settings or credentials are wrong or AWS does not answer.
    """
    target = target_of(folder, name)
    looked = look(target)
    if target.settings.unused_validation:
        typer.echo(f"warning: {target.settings.unused_validation}", err=True)
    if as_json:
        typer.echo(json.dumps(document(looked), indent=2))
    else:
        show(looked, Console())
    raise typer.Exit(1 if looked.problems else 0)


def look(target: DeployTarget) -> PreflightResult:
    """Look at an environment; raise CannotBeDone, or what botocore raises."""
    looker = PreflightObserver(clients(target), place_of(target), _copied(target))
    bodies = templates.bodies(target.settings)
    return looker.look(Names.of(target), templates.read_all(bodies), bootstrap_parameters(bodies))


def _copied(target: DeployTarget) -> dict[str, str]:
    data = target.settings.data
    if data is None:
        return {}
    files = {contract.TRAIN_PREFIX: data.train, contract.VALIDATION_PREFIX: target.settings.used_validation}
    return {prefix: _where(source) for prefix, source in files.items() if isinstance(source, FileSource | S3Source)}


def _where(source: FileSource | S3Source) -> str:
    return str(source.path) if isinstance(source, FileSource) else source.uri
