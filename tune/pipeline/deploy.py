"""The workflow that deploys, for the environments of a folder of settings."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from settings import EnvironmentLocation, load_pipeline, locate
from settings.promotion import named_givers
from tune.pipeline.files import text


def deploy_workflow(folder: Path) -> str:
    """Return `deploy.yml` for the environments that `[pipeline]` names; raise SettingsError, also without it."""
    environments = load_pipeline(folder).environments
    givers = {name: named_givers(folder, name) for name in environments}
    return workflow([locate(folder, name) for name in environments], givers)


def workflow(environments: Sequence[EnvironmentLocation], givers: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a workflow that deploys to some environments, one after the other. Its text holds only their places.

    givers: Which environments may give their models to one, by its name. Default: none gives any.
    """
    first, *_ = environments
    jobs = [_deploys(first, after="synth")]
    for number, its in enumerate(environments[1:], start=1):
        if giver := _giver(its, environments[:number], givers or {}):
            jobs.append(_filled("promote_job.yml", ENV=its.name, FROM=giver.name, REGION=giver.region))
        jobs.append(_filled("approve_job.yml", ENV=its.name, BEFORE=environments[number - 1].name))
        jobs.append(_deploys(its, after=f"approve-{its.name}"))
    matrix = [f"          - {{ environment: {its.name}, region: {its.region} }}\n" for its in environments]
    return _filled(
        "deploy.yml",
        ENVIRONMENTS=" ".join(its.name for its in environments),
        JOBS="".join(jobs).removesuffix("\n"),
        MATRIX="".join(matrix).removesuffix("\n"),
    )


def _giver(
    its: EnvironmentLocation, before: Sequence[EnvironmentLocation], givers: Mapping[str, Sequence[str]]
) -> EnvironmentLocation | None:
    """Return the last environment before one whose models may come there: those it trains, or was given itself."""
    allowed = set(givers.get(its.name, ()))
    fitting = (
        each for each in reversed(before) if each.name in allowed or not allowed.isdisjoint(givers.get(each.name, ()))
    )
    return next(fitting, None)


def _deploys(its: EnvironmentLocation, *, after: str) -> str:
    needs = ["synth", "continue"]
    if after not in needs:
        needs.append(after)
    return _filled("deploy_job.yml", ENV=its.name, REGION=its.region, AFTER=after, NEEDS=", ".join(needs))


def _filled(name: str, **values: str) -> str:
    found = text(name)
    for key, value in values.items():
        found = found.replace(f"@{key}@", value)
    return found
