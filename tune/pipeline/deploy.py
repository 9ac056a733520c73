"""The workflow that deploys, for the environments of a folder of settings."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from settings import EnvironmentLocation, load_pipeline, locate
from tune.pipeline.files import text


def deploy_workflow(folder: Path) -> str:
    """Return `deploy.yml` for the environments that `[pipeline]` names; raise SettingsError, also without it."""
    environments = load_pipeline(folder).environments
    return workflow([locate(folder, name) for name in environments])


def workflow(environments: Sequence[EnvironmentLocation]) -> str:
    """Return a workflow that deploys to some environments, one after the other. Its text holds only their places."""
    first, *_ = environments
    jobs = [_deploys(first, after="synth")]
    for before, its in pairwise(environments):
        jobs.append(_filled("approve_job.yml", ENV=its.name, BEFORE=before.name))
        jobs.append(_deploys(its, after=f"approve-{its.name}"))
    matrix = [f"          - {{ environment: {its.name}, region: {its.region} }}\n" for its in environments]
    return _filled(
        "deploy.yml",
        ENVIRONMENTS=" ".join(its.name for its in environments),
        JOBS="".join(jobs).removesuffix("\n"),
        MATRIX="".join(matrix).removesuffix("\n"),
    )


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
