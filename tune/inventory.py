"""What an environment has in AWS: what bills by the hour, serves or trains, and what is kept on purpose."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.resources.bedrock import Bedrock
from tune import stack_states
from tune.aws import Aws
from tune.environments import Anchor
from tune.items import Item
from tune.plan.observe import Observer, Thing

# What Foundation leaves behind when it is deleted is made by its data store: logical ids begin so, and never change.
KEPT: Final = "DataStore"
_DELETED: Final = "DELETE_COMPLETE"


@dataclass(frozen=True)
class Store:
    """What Foundation leaves behind when it is deleted."""

    buckets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def billing(aws: Aws, target: Anchor) -> list[Item]:
    """Return the Provisioned Throughputs of the environment."""
    return _ours(_observer(aws, target).throughputs(), target)


def deployed(aws: Aws, target: Anchor) -> list[Item]:
    """Return the custom model deployments of the environment, which serve by the token."""
    return _ours(_observer(aws, target).deployments(), target)


def running(aws: Aws, target: Anchor) -> list[Item]:
    """Return the trainings of the environment that go on, with or without their stack."""
    return _ours(_observer(aws, target).jobs(statusEquals="InProgress"), target)


def kept(aws: Aws, target: Anchor, store: Store) -> list[Item]:
    """Return what stays when the stacks are gone: models, and of Foundation the buckets and the key."""
    models = _ours(_observer(aws, target).models(), target)
    return [*models, *store_items(store, target.settings.region)]


def store_of(aws: Aws, target: Anchor) -> Store:
    """Return Foundation's buckets and the key of data and models; nothing when the stack does not exist."""
    every = stack_states.resources(aws("cloudformation"), target.stack("Foundation"))
    found = [each for each in every if each["LogicalResourceId"].startswith(KEPT)]
    # The bucket that receives the access logs comes last: as long as the other one stands, it is written to.
    found.sort(key=lambda each: "AccessLogs" in each["LogicalResourceId"])
    return Store(_of_type(found, "AWS::S3::Bucket"), _of_type(found, "AWS::KMS::Key"))


def keys_that_go(aws: Aws, target: Anchor) -> tuple[str, ...]:
    """Return the ids of the keys that are deleted with Foundation."""
    every = stack_states.resources(aws("cloudformation"), target.stack("Foundation"))
    return _of_type((each for each in every if not each["LogicalResourceId"].startswith(KEPT)), "AWS::KMS::Key")


def store_items(store: Store, region: str) -> Iterator[Item]:
    """Yield the buckets and the key. The buckets are versioned, so they are emptied of every version."""
    for bucket in store.buckets:
        emptied = f"b = boto3.resource('s3', region_name='{region}').Bucket('{bucket}')"
        command = f'python -c "import boto3; {emptied}; b.object_versions.delete(); b.delete()"'
        yield Item("Bucket", bucket, "billed for what is stored in it", command)
    for key in store.keys:
        yield Item(
            "Key",
            key,
            "billed by the month; without it the custom models and the bucket's objects are unreadable for ever",
            f"aws kms schedule-key-deletion --key-id {key} --pending-window-in-days 30 --region {region}",
        )


def foundation_item(target: Anchor) -> Item:
    return Item(
        "Stack",
        target.stack("Foundation"),
        "buckets, keys and functions; billed for what is stored, and for the keys by the month",
        f"python -m tune destroy {target.name}{target.option} --all",
    )


def _of_type(resources: Iterable[Mapping[str, Any]], kind: str) -> tuple[str, ...]:
    return tuple(
        str(each["PhysicalResourceId"])
        for each in resources
        if each["ResourceType"] == kind and each.get("PhysicalResourceId") and each["ResourceStatus"] != _DELETED
    )


def _observer(aws: Aws, target: Anchor) -> Observer:
    return Observer(Bedrock(aws("bedrock")), target.settings.region)


def is_of(thing: Thing, anchor: Anchor) -> bool:
    """Tell whether this project made something for the environment."""
    return thing.is_ours and thing.tags.get(contract.TAG_ENVIRONMENT) == anchor.name


def _ours(things: Iterable[Thing], anchor: Anchor) -> list[Item]:
    return [thing.item for thing in things if is_of(thing, anchor)]
