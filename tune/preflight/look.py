"""Looks at one environment, before its next deploy."""

from bedrock_lifecycle import contract
from bedrock_tuning.data.sources import FileSource, S3Source
from tune import synthesis
from tune.account import clients, templates
from tune.account.location import place_of
from tune.plan.environment import Names
from tune.preflight.deploying import bootstrap_parameters
from tune.preflight.observe import PreflightObserver, PreflightResult
from tune.terminal.environments import DeployTarget


def look(target: DeployTarget) -> PreflightResult:
    """Look at an environment; raise CannotBeDone, or what botocore raises."""
    looker = PreflightObserver(clients.clients(target), place_of(target), _copied(target))
    bodies = synthesis.bodies(target.settings)
    return looker.look(Names.of(target), templates.read_all(bodies), bootstrap_parameters(bodies))


def _copied(target: DeployTarget) -> dict[str, str]:
    data = target.settings.data
    if data is None:
        return {}
    files = {contract.TRAIN_PREFIX: data.train, contract.VALIDATION_PREFIX: target.settings.used_validation}
    return {prefix: _where(source) for prefix, source in files.items() if isinstance(source, FileSource | S3Source)}


def _where(source: FileSource | S3Source) -> str:
    return str(source.path) if isinstance(source, FileSource) else source.uri
