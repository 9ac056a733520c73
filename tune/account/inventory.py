"""What an environment has in AWS: what bills by the hour, serves or trains, and what is kept on purpose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.resources.bedrock import Bedrock
from settings.stack_names import StackKind, stack_id
from tune.account import ownership, stack_states, stores
from tune.account.aws import Aws
from tune.account.bedrock_resources import BedrockResource, Observer
from tune.account.held import Held, held_by
from tune.account.items import InventoryItem, bucket_item, key_item
from tune.account.location import place_of
from tune.account.stores import OwnStore, Seen
from tune.terminal.environments import EnvironmentRef

# What Foundation leaves behind when it is deleted is made by its data store: logical ids begin so, and never change.
KEPT: Final = "DataStore"
_DELETED: Final = "DELETE_COMPLETE"


@dataclass(frozen=True)
class FoundationStore:
    """What Foundation leaves behind when it is deleted. The bucket of data and models is the first."""

    buckets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def billing(aws: Aws, target: EnvironmentRef) -> list[InventoryItem]:
    """Return the Provisioned Throughputs of the environment."""
    return _ours(_observer(aws, target).throughputs(), target, _held(aws, target, "Serving"))


def deployed(aws: Aws, target: EnvironmentRef) -> list[InventoryItem]:
    """Return the custom model deployments of the environment, which serve by the token."""
    return _ours(_observer(aws, target).deployments(), target, _held(aws, target, "Serving"))


def running(aws: Aws, target: EnvironmentRef) -> list[InventoryItem]:
    """Return the trainings of the environment that go on, with or without their stack."""
    return _ours(_observer(aws, target).jobs(statusEquals="InProgress"), target, _held(aws, target, "Training"))


def kept(aws: Aws, target: EnvironmentRef, store: FoundationStore) -> list[InventoryItem]:
    """Return what stays when the stacks are gone: models, and of every Foundation the buckets and the keys.

    `store` is what the last Foundation is known to have had.
    """
    its_models, left = models(aws, target), left_stores(aws, target, store)
    return [*its_models, *(its.item for its in stores.without_needed_keys(left.stored, its_models))]


def models(aws: Aws, target: EnvironmentRef) -> list[InventoryItem]:
    """Return the custom models of the environment."""
    return _ours(_observer(aws, target).models(), target)


def store_of(aws: Aws, target: EnvironmentRef) -> FoundationStore:
    """Return Foundation's buckets and the key of data and models; nothing when the stack does not exist."""
    found = [each for each in _resources(aws, target, "Foundation") if each["LogicalResourceId"].startswith(KEPT)]
    # The bucket that receives the access logs comes last: as long as the other one stands, it is written to.
    found.sort(key=lambda each: "AccessLogs" in each["LogicalResourceId"])
    return FoundationStore(_of_type(found, "AWS::S3::Bucket"), _of_type(found, "AWS::KMS::Key"))


def bucket_of(aws: Aws, target: EnvironmentRef, given: str | None = None) -> str | None:
    """Return the bucket of data and models: the one that the organization gives, or Foundation's; None without one."""
    return given or next(iter(store_of(aws, target).buckets), None)


def keys_that_go(aws: Aws, target: EnvironmentRef) -> tuple[str, ...]:
    """Return the ids of the keys that are deleted with Foundation."""
    every = _resources(aws, target, "Foundation")
    return _of_type((each for each in every if not each["LogicalResourceId"].startswith(KEPT)), "AWS::KMS::Key")


def stores_by_tags(aws: Aws, target: EnvironmentRef) -> Seen:
    """Return the environment's buckets and keys, whichever of its Foundations made them."""
    place = place_of(target)
    found = stores.seen(aws, place.account, place.stack_owner(""), place.region)
    return Seen(tuple(its for its in found.stored if is_store_of(its, target)), found.unseen)


def left_stores(
    aws: Aws, target: EnvironmentRef, store: FoundationStore | None = None, tagged: Seen | None = None
) -> Seen:
    """Return the environment's buckets and keys that no Foundation holds now, those of `store` among them.

    `tagged` is what `stores_by_tags` has found, where that is known already.
    """
    region, found = target.region, tagged or stores_by_tags(aws, target)
    standing, before = store_of(aws, target), store or FoundationStore()
    known = {
        **{name: OwnStore("bucket", name, {}, bucket_item(name, region)) for name in before.buckets},
        **{name: OwnStore("key", name, {}, key_item(name, region)) for name in before.keys},
        **{its.name: its for its in found.stored},
    }
    held = {*standing.buckets, *standing.keys, *keys_that_go(aws, target)}
    return Seen(stores.in_order([its for name, its in known.items() if name not in held]), found.unseen)


def foundation_item(target: EnvironmentRef, name: str) -> InventoryItem:
    return InventoryItem(
        "Stack",
        name,
        "buckets, keys and functions; billed for what is stored, and for the keys by the month",
        f"python -m tune destroy {target.name}{target.option}{target.everything}",
    )


def _resources(aws: Aws, anchor: EnvironmentRef, kind: StackKind) -> list[Mapping[str, Any]]:
    """Return the resources of the environment's stacks of a kind; what another app has under such a name is not its."""
    cloudformation = aws("cloudformation")
    found = {name: stack_states.resources(cloudformation, name) for name in anchor.stacks(kind)}
    return [each for name, its in found.items() if its and not _is_anothers(aws, anchor, name) for each in its]


def _is_anothers(aws: Aws, anchor: EnvironmentRef, name: str) -> bool:
    """Tell whether another app has a stack of this name; who pushes data need not be allowed to ask."""
    cloudformation = aws("cloudformation")
    try:
        return ownership.is_anothers(cloudformation, anchor, stack_states.read(cloudformation, name))
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return False


def _of_type(resources: Iterable[Mapping[str, Any]], kind: str) -> tuple[str, ...]:
    return tuple(
        str(each["PhysicalResourceId"])
        for each in resources
        if each["ResourceType"] == kind and each.get("PhysicalResourceId") and each["ResourceStatus"] != _DELETED
    )


def _observer(aws: Aws, target: EnvironmentRef) -> Observer:
    return Observer(Bedrock(aws("bedrock")), target.region)


def is_of(thing: BedrockResource, anchor: EnvironmentRef, held: Held = frozenset()) -> bool:
    """Tell whether something is what a command is about: by its tags, or because it is among what the stacks hold."""
    is_tagged = thing.is_ours and ownership.is_made_for(anchor, thing.tags)
    return (is_tagged and anchor.is_about(thing.name)) or (thing.kind, thing.name) in held


def is_store_of(stored: OwnStore, anchor: EnvironmentRef) -> bool:
    """Tell whether a bucket or a key was made by a Foundation of the environment, whatever its prefix."""
    foundation = f"{anchor.name}-{stack_id('Foundation', '')}"
    return ownership.is_made_for(anchor, stored.tags) and stored.tags[contract.TAG_OWNER].endswith(foundation)


def _ours(things: Iterable[BedrockResource], anchor: EnvironmentRef, held: Held = frozenset()) -> list[InventoryItem]:
    return [thing.item for thing in things if is_of(thing, anchor, held)]


def _held(aws: Aws, anchor: EnvironmentRef, kind: StackKind) -> Held:
    return held_by(_resources(aws, anchor, kind))
