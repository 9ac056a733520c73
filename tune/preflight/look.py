"""Looks at one environment, before its next deploy."""

from bedrock_lifecycle import contract
from bedrock_tuning.data.sources import FileSource, S3Source
from tune import synthesis
from tune.account import clients, templates
from tune.account.location import place_of
from tune.preflight.deploying import bootstrap_parameters
from tune.preflight.observe import PreflightObserver, PreflightResult
from tune.terminal.environments import DeployTarget


def look(target: DeployTarget) -> PreflightResult:
    """Look at an environment; raise CannotBeDone, or what botocore raises."""
    looker = PreflightObserver(clients.clients(target, "lookup"), place_of(target), _copied(target))
    bodies = synthesis.bodies(target.synthesized, target.app_context)
    return looker.look(target, templates.read_all(bodies), bootstrap_parameters(bodies))


def _copied(target: DeployTarget) -> dict[str, str]:
    """Return what a deploy copies, by the key that it is copied to."""
    copied = {}
    for model in target.settings:
        for split, source in model.used_data.items():
            if isinstance(source, FileSource | S3Source):
                copied[contract.data_key(split, source.sha256)] = _where(source)
    return copied


def _where(source: FileSource | S3Source) -> str:
    return str(source.path) if isinstance(source, FileSource) else source.uri
