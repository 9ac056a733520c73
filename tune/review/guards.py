"""Guard rails: what keeps from spending, losing and being seen, and is lower in the head than in the base."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.contract.model_customization import ModelCustomizationProperties
from bedrock_lifecycle.contract.properties import Received
from bedrock_lifecycle.contract.served_model import ProvisionedThroughputProperties
from bedrock_lifecycle.contract.serving_bake import ServingBakeProperties
from tune.review import evaluations
from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding
from tune.review.statements import public_part

KEPT: Final = ("Retain", "RetainExceptOnCreate", "Snapshot")
# What is lost with them is data, or what data cannot be read without.
_HOLD_DATA: Final = ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::DynamoDB::Table", "AWS::Logs::LogGroup")
# What protects a resource, by its type: properties that are better there than gone.
_PROTECTIONS: Final[Mapping[str, Sequence[str]]] = {
    "AWS::DynamoDB::Table": ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification"),
    "AWS::Lambda::Function": ("DeadLetterConfig", "KmsKeyArn", "VpcConfig"),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::S3::Bucket": (
        "BucketEncryption",
        "LoggingConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "VersioningConfiguration",
    ),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::StepFunctions::StateMachine": ("EncryptionConfiguration", "LoggingConfiguration", "TracingConfiguration"),
}
# What tells of a failure, or acts on one, and what of it may be another number or another aim.
_WATCHES: Final[Mapping[str, Sequence[str]]] = {
    "AWS::CloudWatch::Alarm": (
        "AlarmActions",
        "DatapointsToAlarm",
        "EvaluationPeriods",
        "Threshold",
        "TreatMissingData",
    ),
    "AWS::Events::Rule": ("EventPattern", "ScheduleExpression", "Targets"),
    "AWS::Lambda::EventInvokeConfig": ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
}
_SUBSCRIPTION: Final = "AWS::SNS::Subscription"
_ON: Final = (True, "true", "Enabled")
_OPEN_ACLS: Final = ("PublicRead", "PublicReadWrite", "AuthenticatedRead")
_KEY_WAITS: Final = 30


def of_properties(stack: StackTemplate, path: str, its: Received, old: Received | None) -> Iterator[ReviewFinding]:
    """Yield what the properties of a custom resource loosen; `old` are those of the base, None for a new resource."""
    for is_loose, says, source in _LOOSE:
        if is_loose(its) and not (old and is_loose(old)):
            yield stack.finding(path, "loosens", says, source=source)
    if isinstance(its, ServingBakeProperties) and isinstance(old, ServingBakeProperties):
        yield from _of_bake(stack, path, its, old)
    yield from evaluations.loosened(stack, path, its, old)
    if _asks_for_a_bake(old) and not _asks_for_a_bake(its):
        says = "a commitment may be bought for a model that has not passed a bake"
        yield stack.finding(path, "loosens", says, source="CommitBakedOnly")
    if isinstance(its, ModelProperties) and isinstance(old, ModelProperties) and _meet_the_same(its, old):
        for quota in sorted(old.quotas.keys() - its.quotas.keys()):
            says = f"quota {quota} is no longer checked before anything is paid for"
            yield stack.finding(path, "loosens", says, was=old.quotas[quota], source="Quotas")


def _asks_for_a_bake(its: Received | None) -> bool:
    return isinstance(its, ProvisionedThroughputProperties) and its.commit_baked_only


def of_removed(stack: StackTemplate, path: str, old: Received | None) -> Iterator[ReviewFinding]:
    """Yield what a custom resource that is gone no longer guards."""
    yield from evaluations.removed(stack, path, old)
    if isinstance(old, ServingBakeProperties):
        said = "no questions are sent to" if old.questions else "alarms are watched for a shorter time of"
        says = f"{said} the model that serves before a deploy counts as good: a step of its bake is removed"
        yield stack.finding(path, "loosens", says, was=_asked(old))


def _of_bake(
    stack: StackTemplate, path: str, its: ServingBakeProperties, old: ServingBakeProperties
) -> Iterator[ReviewFinding]:
    """Yield what a bake finds less of than before."""
    for says, source, was, now in (
        ("the bake sends fewer questions", "Questions", old.questions, its.questions),
        ("fewer answers must be right", "RightAnswers", old.right, its.right),
        ("alarms are watched for a shorter time", "Minutes", old.minutes, its.minutes),
    ):
        if now < was:
            yield stack.finding(path, "loosens", says, was=str(was), now=str(now), source=source)
    if gone := sorted({*old.alarms} - {*its.alarms}):
        says = "alarms no longer fail a bake"
        yield stack.finding(path, "loosens", says, was=", ".join(gone), source="Alarms")
    if old.questions_sha256 != its.questions_sha256:
        says = "the questions of the bake are different: templates do not show whether they are easier"
        before, after = (each.questions_sha256 or "" for each in (old, its))
        yield stack.finding(path, "loosens", says, certainty="atMost", was=before, now=after, source="QuestionsSha256")


def _asked(its: ServingBakeProperties) -> str:
    return f"{its.right} of {its.questions} answers right, {len(its.alarms)} alarms, {its.minutes} min"


def _meet_the_same(its: ModelProperties, old: ModelProperties) -> bool:
    """Tell whether the same quotas count: those of a way to serve go with it."""
    if isinstance(its, ModelCustomizationProperties) and isinstance(old, ModelCustomizationProperties):
        return its.serving.mode == old.serving.mode
    return type(its) is type(old)


_LOOSE: Final[Sequence[tuple[Callable[[Received], bool], str, str]]] = (
    (
        lambda its: isinstance(its, ProvisionedThroughputProperties) and its.detach_when_committed,
        "a destroy inside the term of a commitment leaves the throughput behind, still billed",
        "DetachWhenCommitted",
    ),
    (
        lambda its: isinstance(its, ProvisionedThroughputProperties) and bool(its.acknowledge_commitment),
        "a commitment is acknowledged",
        "AcknowledgeCommitment",
    ),
    (
        lambda its: isinstance(its, ModelCustomizationProperties) and not its.stop_on_delete,
        "when the stack is deleted, a training run in progress continues and is billed",
        "StopOnDelete",
    ),
)


def of_stack(before: StackTemplate | None, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield what a stack and its resources, as CloudFormation knows them, lose of their guard rails."""
    if before and before.is_protected and not after.is_protected:
        says = "the stack is no longer protected from being deleted"
        yield after.finding("", "loosens", says, source="terminationProtection")
    yield from _of_acknowledgements(before, after)
    if before:
        yield from _of_watches(before, after)
        yield from _of_subscriptions(before, after)
    for logical_id, resource in after.resources.items():
        old = before.resources.get(logical_id) if before else None
        path = after.path_of(logical_id)
        yield from _of_acl(after, path, old, resource)
        if old:
            yield from _of_policies(after, path, old, resource)
            yield from _of_protections(after, path, old, resource)
            yield from _of_retention(after, path, old, resource)


def _of_watches(before: StackTemplate, after: StackTemplate) -> Iterator[ReviewFinding]:
    for logical_id, old in before.resources.items():
        kind, new = old["Type"], after.resources.get(logical_id)
        if kind not in _WATCHES:
            continue
        if new is None:
            says = f"failures are no longer reported or handled: {kind} is removed"
            yield after.finding(before.path_of(logical_id), "loosens", says)
            continue
        was, now = (its.get("Properties", {}) for its in (old, new))
        path = after.path_of(logical_id)
        if _watches(was) and not _watches(now):
            yield after.finding(path, "loosens", f"{kind} is turned off", source="State")
        changed = [name for name in _WATCHES[kind] if name in was and was[name] != now.get(name)]
        if changed:
            says = f"{kind} has a different {', '.join(changed)}"
            yield after.finding(path, "loosens", says, certainty="atMost", source=", ".join(changed))


def _of_subscriptions(before: StackTemplate, after: StackTemplate) -> Iterator[ReviewFinding]:
    """Yield whom a topic told and none tells any more. Another address is another subscription, if it has an old ID."""
    still = [_told(its) for its in after.resources.values() if its["Type"] == _SUBSCRIPTION]
    for logical_id, old in before.resources.items():
        if old["Type"] == _SUBSCRIPTION and (told := _told(old)) not in still:
            protocol, endpoint = told
            was = public_part(endpoint) if isinstance(endpoint, str) else str(protocol)
            says = "the topic no longer notifies this subscription's address"
            yield after.finding(before.path_of(logical_id), "loosens", says, was=was, source="Endpoint")


def _told(subscription: Mapping[str, Any]) -> tuple[Any, Any]:
    properties = subscription.get("Properties", {})
    return properties.get("Protocol"), properties.get("Endpoint")


def _watches(properties: Mapping[str, Any]) -> bool:
    return properties.get("State", "ENABLED") != "DISABLED" and properties.get("ActionsEnabled", True) in (True, "true")


def _of_policies(
    stack: StackTemplate, path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[ReviewFinding]:
    for policy, when in (("DeletionPolicy", "when it is deleted"), ("UpdateReplacePolicy", "when it is replaced")):
        was, now = str(old.get(policy, "Delete")), str(new.get(policy, "Delete"))
        if new["Type"] in contract.SERVING_TYPES:
            if was not in KEPT and now in KEPT:
                says = f"what is billed by existing is kept, and still billed, {when}"
                yield stack.finding(path, "loosens", says, was=was, now=now, source=policy)
        elif was in KEPT and now not in KEPT:
            says = f"what {new['Type']} holds is lost {when}"
            yield stack.finding(path, "loosens", says, was=was, now=now, source=policy)


def _of_retention(
    stack: StackTemplate, path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[ReviewFinding]:
    before, after = old.get("Properties", {}), new.get("Properties", {})
    if new["Type"] == "AWS::Logs::LogGroup":
        was, now = before.get("RetentionInDays"), after.get("RetentionInDays")
        if isinstance(now, int) and (was is None or (isinstance(was, int) and now < was)):
            kept = "forever" if was is None else f"{was} days"
            yield stack.finding(
                path,
                "loosens",
                "logs are deleted earlier",
                was=kept,
                now=f"{now} days",
                source="RetentionInDays",
            )
    if new["Type"] == "AWS::S3::Bucket" and before.get("LifecycleConfiguration") != after.get("LifecycleConfiguration"):
        yield from _of_expirations(stack, path, before, after)
    if new["Type"] == "AWS::KMS::Key":
        yield from _of_key(stack, path, before, after)


def _of_key(
    stack: StackTemplate, path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ReviewFinding]:
    if before.get("EnableKeyRotation") and not after.get("EnableKeyRotation"):
        yield stack.finding(path, "loosens", "the key is no longer rotated", source="EnableKeyRotation")
    if before.get("Enabled", True) and not after.get("Enabled", True):
        says = "the key is disabled: nothing that it encrypted can be read"
        yield stack.finding(path, "loosens", says, source="Enabled")
    was, now = (its.get("PendingWindowInDays", _KEY_WAITS) for its in (before, after))
    if isinstance(was, int) and isinstance(now, int) and now < was:
        says = "a key that is scheduled for deletion is deleted earlier"
        yield stack.finding(path, "loosens", says, was=_days(was), now=_days(now), source="PendingWindowInDays")


def _of_protections(
    stack: StackTemplate, path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[ReviewFinding]:
    for name in _PROTECTIONS.get(new["Type"], ()):
        before, after = (its.get("Properties", {}).get(name) for its in (old, new))
        if not before or before == after:
            continue
        had, has = dict(_leaves(before)), dict(_leaves(after))
        lost = sorted(key for key, value in had.items() if value in _ON and has.get(key) not in _ON)
        of_it = f"{name} of {new['Type']}"
        if not after:
            yield stack.finding(path, "loosens", f"{of_it} is removed", source=name)
        elif lost:
            yield stack.finding(path, "loosens", f"{of_it} no longer has {', '.join(lost)}", source=name)
        elif any(has.get(key) != value and has.get(key) not in _ON for key, value in had.items()):
            yield stack.finding(path, "loosens", f"{of_it} is different", certainty="atMost", source=name)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping) or any(key.startswith("Fn::") or key == "Ref" for key in value):
        yield path, value
        return
    for key, each in value.items():
        yield from _leaves(each, f"{path}.{key}" if path else key)


def _of_expirations(
    stack: StackTemplate, path: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[ReviewFinding]:
    said: set[str] = set()
    for kind, what, since in (
        ("ExpirationInDays", "every object", "it was written"),
        ("NoncurrentDays", "every old version of an object", "a newer one was written"),
    ):
        old = _expirations(before, kind)
        for prefix, days in sorted(_expirations(after, kind) - old):
            if prefix in said or any(prefix.startswith(each) and its <= days for each, its in old):
                continue
            said.add(prefix)
            where = f"{what} under {prefix}" if prefix else f"{what} anywhere in the bucket"
            yield stack.finding(
                path,
                "deletes",
                f"{where} is permanently deleted {_days(days)} after {since}",
                certainty="atMost",
                now=_days(days),
                source="LifecycleConfiguration",
            )


def _expirations(properties: Mapping[str, Any], kind: str) -> set[tuple[str, int]]:
    """Return after how many days something is deleted, by the beginning of its key."""
    rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
    return {
        (str(rule.get("Prefix") or rule.get("Filter", {}).get("Prefix", "")), int(str(days)))
        for rule in rules
        if rule.get("Status", "Enabled") == "Enabled"
        and str(days := {**rule, **rule.get("NoncurrentVersionExpiration", {})}.get(kind)).isdecimal()
    }


def _days(number: int) -> str:
    return f"{number} day{'s' * (number != 1)}"


def _of_acl(
    stack: StackTemplate, path: str, old: Mapping[str, Any] | None, new: Mapping[str, Any]
) -> Iterator[ReviewFinding]:
    was, now = ((its or {}).get("Properties", {}).get("AccessControl", "") for its in (old, new))
    if new["Type"] == "AWS::S3::Bucket" and now in _OPEN_ACLS and now != was:
        says = "the bucket is open to accounts other than its own, unless its ACLs are turned off"
        yield stack.finding(path, "shares", says, certainty="atMost", was=was, now=now, source="AccessControl")


def _of_acknowledgements(before: StackTemplate | None, after: StackTemplate) -> Iterator[ReviewFinding]:
    given = after.acknowledged.keys() - before.acknowledged.keys() if before else set()
    for path, rule in sorted(given):
        reason = after.acknowledged[path, rule]
        says = f"a finding of the rule packs is acknowledged: {rule}"
        yield after.finding(path, "loosens", says, now=reason, source="acknowledged rules")
    skipped = _skipped(before) if before else _skipped(after)
    for (path, rule), reason in sorted(_skipped(after).items()):
        if (path, rule) not in skipped:
            says = f"a finding of checkov is acknowledged: {rule}"
            yield after.finding(path, "loosens", says, now=reason, source="checkov")


def _skipped(stack: StackTemplate) -> dict[tuple[str, str], str]:
    """Return the reasons why findings of checkov are skipped, by construct and rule."""
    return {
        (stack.path_of(logical_id), str(its.get("id"))): str(its.get("comment", ""))
        for logical_id, resource in stack.resources.items()
        for its in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }


def holds_data(resource_type: str) -> bool:
    """Tell whether data is lost with a resource of a type."""
    return resource_type in _HOLD_DATA
