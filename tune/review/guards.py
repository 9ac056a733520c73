"""Guard rails: what keeps from spending, losing and being seen, and is lower in the head than in the base."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import Received
from bedrock_lifecycle.contract.served_model import ProvisionedThroughputProperties, ServedModelProperties
from tune.review.assembly import StackTemplate
from tune.review.findings import Finding, FindingClass

_KEEP: Final = ServedModelProperties.keep_models
KEPT: Final = ("Retain", "RetainExceptOnCreate", "Snapshot")
# What is lost with them is data, or what data cannot be read without.
_HOLD_DATA: Final = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::Logs::LogGroup")


def of_properties(stack: StackTemplate, path: str, its: Received, old: Received | None) -> Iterator[Finding]:
    """Yield what the properties of a custom resource loosen; `old` are those of the base, None for a new resource."""
    if isinstance(its, ServedModelProperties):
        yield from _of_kept_models(stack, path, its, old if isinstance(old, ServedModelProperties) else None)
    for is_loose, says, source in _LOOSE:
        if is_loose(its) and not (old and is_loose(old)):
            yield _found(stack, path, "loosens", says, source=source)
    if isinstance(its, ModelProperties) and isinstance(old, ModelProperties) and _meet_the_same(its, old):
        for quota in sorted(old.quotas.keys() - its.quotas.keys()):
            says = f"quota {quota} is no longer checked before it costs"
            yield _found(stack, path, "loosens", says, was=old.quotas[quota], source="Quotas")


def _meet_the_same(its: ModelProperties, old: ModelProperties) -> bool:
    """Tell whether the same quotas count: those of a way to serve go with it."""
    if isinstance(its, ModelCustomizationProperties) and isinstance(old, ModelCustomizationProperties):
        return its.serving.mode == old.serving.mode
    return type(its) is type(old)


_LOOSE: Final[Sequence[tuple[Callable[[Received], bool], str, str]]] = (
    (
        lambda its: isinstance(its, ProvisionedThroughputProperties) and its.detach_when_committed,
        "a destroy inside the term of a commitment leaves the throughput behind, and it goes on billing",
        "DetachWhenCommitted",
    ),
    (
        lambda its: isinstance(its, ProvisionedThroughputProperties) and bool(its.acknowledge_commitment),
        "a commitment is acknowledged",
        "AcknowledgeCommitment",
    ),
    (
        lambda its: isinstance(its, ModelCustomizationProperties) and not its.stop_on_delete,
        "a training that runs goes on, and bills, when its stack is deleted",
        "StopOnDelete",
    ),
)


def _of_kept_models(
    stack: StackTemplate, path: str, its: ServedModelProperties, old: ServedModelProperties | None
) -> Iterator[Finding]:
    now = its.keep_models if _KEEP in its else None
    was = old.keep_models if old and _KEEP in old else None
    if now is not None and (was is None or now < was):
        yield _found(
            stack,
            path,
            "deletes",
            f"each update of what serves deletes the models beyond the newest {now} for good",
            certainty="atMost",
            was="every model is kept" if was is None else f"the newest {was} are kept",
            now=f"the newest {now} are kept",
            source="KeepModels",
        )


def of_stack(before: StackTemplate | None, after: StackTemplate) -> Iterator[Finding]:
    """Yield what a stack and its resources, as CloudFormation knows them, lose of their guard rails."""
    if before and before.is_protected and not after.is_protected:
        says = "the stack is no longer protected from being deleted"
        yield _found(after, "", "loosens", says, source="terminationProtection")
    yield from _of_acknowledgements(before, after)
    for logical_id, resource in after.resources.items():
        old = before.resources.get(logical_id) if before else None
        path = after.path_of(logical_id)
        if old:
            yield from _of_policies(after, path, old, resource)
            yield from _of_retention(after, path, old, resource)


def _of_policies(stack: StackTemplate, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    for policy, when in (("DeletionPolicy", "when it is deleted"), ("UpdateReplacePolicy", "when it is replaced")):
        was, now = str(old.get(policy, "Delete")), str(new.get(policy, "Delete"))
        if was in KEPT and now not in KEPT:
            says = f"what {new['Type']} holds is lost {when}"
            yield _found(stack, path, "loosens", says, was=was, now=now, source=policy)


def _of_retention(stack: StackTemplate, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Finding]:
    before, after = old.get("Properties", {}), new.get("Properties", {})
    if new["Type"] == "AWS::Logs::LogGroup":
        was, now = before.get("RetentionInDays"), after.get("RetentionInDays")
        if isinstance(now, int) and (was is None or (isinstance(was, int) and now < was)):
            kept = "for ever" if was is None else f"{was} days"
            yield _found(
                stack,
                path,
                "loosens",
                "logs are deleted earlier",
                was=kept,
                now=f"{now} days",
                source="RetentionInDays",
            )
    if new["Type"] == "AWS::S3::Bucket" and before.get("LifecycleConfiguration") != after.get("LifecycleConfiguration"):
        expiring = _expirations(after) - _expirations(before)
        for prefix, days in sorted(expiring):
            where = f"what lies under {prefix}" if prefix else "every object"
            yield _found(
                stack,
                path,
                "deletes",
                f"{where} is deleted for good {days} days after it was written",
                certainty="atMost",
                now=f"{days} days",
                source="LifecycleConfiguration",
            )
    if new["Type"] == "AWS::KMS::Key" and before.get("EnableKeyRotation") and not after.get("EnableKeyRotation"):
        yield _found(stack, path, "loosens", "the key is no longer rotated", source="EnableKeyRotation")
    for name in (
        "PublicAccessBlockConfiguration",
        "BucketEncryption",
        "VersioningConfiguration",
        "LoggingConfiguration",
    ):
        if new["Type"] == "AWS::S3::Bucket" and before.get(name) and before.get(name) != after.get(name):
            yield _found(
                stack, path, "loosens", f"the bucket's {name} is another one, or gone", certainty="atMost", source=name
            )


def _expirations(properties: Mapping[str, Any]) -> set[tuple[str, int]]:
    rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
    return {
        (str(rule.get("Prefix", "")), int(days))
        for rule in rules
        if rule.get("Status", "Enabled") == "Enabled" and isinstance(days := rule.get("ExpirationInDays"), int | str)
    }


def _of_acknowledgements(before: StackTemplate | None, after: StackTemplate) -> Iterator[Finding]:
    given = after.acknowledged.keys() - before.acknowledged.keys() if before else set()
    for path, rule in sorted(given):
        reason = after.acknowledged[path, rule]
        says = f"a finding of the rule packs is acknowledged: {rule}"
        yield _found(after, path, "loosens", says, now=reason, source="acknowledged rules")


def holds_data(resource_type: str) -> bool:
    """Tell whether data is lost with a resource of a type."""
    return resource_type in _HOLD_DATA


def _found(stack: StackTemplate, path: str, finding_class: FindingClass, says: str, **more: Any) -> Finding:
    return Finding(
        finding_class=finding_class, says=says, environment=stack.environment, stack=stack.id, path=path, **more
    )
