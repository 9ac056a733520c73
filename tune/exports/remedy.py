"""What to do about an update that CloudFormation would refuse: what to keep for one deployment, or the long way."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from settings import Environment, Organization
from tune.exports.changes import Body, ExportChange
from tune.terminal.environments import DeployTarget

_KEY: Final = "AWS::KMS::Key"
# What `[organization.keep]` keeps of Foundation, but the role: type, how the logical id begins, what takes its place.
_MADE: Final[Mapping[str, tuple[str, str, str]]] = {
    "key": (_KEY, "DataStoreKey", "key_arn"),
    "operations_key": (_KEY, "OperationsKey", "operations_key_arn"),
    "bucket": ("AWS::S3::Bucket", "DataStoreBucket", "bucket"),
}


def remedy(target: DeployTarget, deployed: Body, refused: Sequence[ExportChange], values: Mapping[str, str]) -> str:
    """Return what to do about exports in use that an update would remove or change."""
    kept = target.environment.organization.keep
    keep: dict[str, Any] = kept.model_dump(exclude_defaults=True) if kept else {}
    model_keys = []
    for change in refused:
        line = _kept(target.environment.organization, deployed, change.resource)
        if not line:
            return _long_way(target)
        keep |= line
        if "key" in line and _serves_without(target, values[change.export]):
            model_keys.append(values[change.export])
    lines = ", ".join(f"{name} = {json.dumps(value)}" for name, value in sorted(keep.items()))
    if "service_role" in keep and target.environment.organization.roles is not None:
        why = "the service role goes before the others: without [organization.roles] write service_role_arn"
        return f"{why}, and [organization.keep] with {lines}; deploy; then write [organization.roles] instead"
    serving = f", and in [allow] model_key_arns with {json.dumps(model_keys)}" if model_keys else ""
    return f"write [organization.keep] with {lines}{serving}; deploy; remove [organization.keep], and deploy again"


def needless(settings: Environment, deployed: Body, wanted: Body) -> list[str]:
    """Return the lines of `[organization.keep]` that would make something new, which then stays and bills."""
    keep = settings.organization.keep
    asked = [name for name in _MADE if keep and getattr(keep, name)]
    return [name for name in asked if _made(name, wanted) - _made(name, deployed)]


def _made(name: str, body: Body) -> set[str]:
    kind, beginning, _ = _MADE[name]
    resources = body.get("Resources", {}).items()
    return {logical_id for logical_id, its in resources if its["Type"] == kind and logical_id.startswith(beginning)}


def _kept(organization: Organization, deployed: Body, logical_id: str | None) -> dict[str, Any]:
    """Return the line that keeps a resource, nothing when none does."""
    for name, (_, _, given) in _MADE.items():
        if logical_id in _made(name, deployed):
            return {name: True} if getattr(organization, given) else {}
    resource = deployed.get("Resources", {}).get(logical_id, {})
    if resource.get("Type") != "AWS::IAM::Role":
        return {}
    path = resource.get("Properties", {}).get("Path", "/")
    goes = organization.service_role_arn or organization.roles is not None
    return {"service_role": path} if goes or path != (organization.role_path or "/") else {}


def _serves_without(target: DeployTarget, key_arn: str) -> bool:
    serves = any(model.serving for model in target.settings)
    return serves and key_arn not in target.environment.allow.model_key_arns


def _long_way(target: DeployTarget) -> str:
    destroy = f"python -m tune destroy {target.name}{target.option} --every-model"
    cost = "nothing serves until then, a throughput is bought again, and one inside its commitment cannot be deleted"
    return f"undo the change, or {destroy} and deploy again: models are kept, but {cost}"
