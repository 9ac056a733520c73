"""Buckets and keys of an account with their tags: what a Foundation stack leaves on purpose. Reads only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine import aws_errors
from tune.account.aws import Aws
from tune.account.items import InventoryItem, bucket_item, key_item

# It has no tags, or has gone since it was listed.
_NO_TAGS: Final = frozenset({"NoSuchTagSet", "NoSuchBucket", "NotFoundException"})
# An account may have hundreds of buckets, and each is asked for its tags.
_AT_ONCE: Final = 8

Tags = Mapping[str, str]


@dataclass(frozen=True)
class OwnStore:
    """A bucket or a key that this project made. `item` has its cost by nature and the command that removes it."""

    kind: Literal["bucket", "key"]
    name: str
    tags: Tags
    item: InventoryItem
    deletion_date: datetime | None = None

    @property
    def environment(self) -> str:
        return self.tags.get(contract.TAG_ENVIRONMENT, "")


@dataclass(frozen=True)
class Seen:
    """What was found; `unseen` says why it may not be all, nothing when it is."""

    stored: tuple[OwnStore, ...] = ()
    unseen: str = ""


class Stores:
    """Buckets and keys of one account and Region.

    `denied` are those that do not let their tags be read, as far as they were asked: what is not known to be this
    project's is left alone.
    """

    def __init__(self, aws: Aws, account: str) -> None:
        self._s3 = aws("s3")
        self._kms = aws("kms")
        self._account = account
        self.denied: list[str] = []

    def bucket_names(self) -> list[str]:
        return [each["Name"] for each in self._s3.list_buckets()["Buckets"]]

    def key_ids(self) -> list[str]:
        pages = self._kms.get_paginator("list_keys").paginate()
        return [each["KeyId"] for page in pages for each in page["Keys"]]

    def bucket_tags(self, name: str) -> Tags:
        """Return the tags of a bucket; none when it is not this account's, or does not tell."""
        try:
            found = self._s3.get_bucket_tagging(Bucket=name, ExpectedBucketOwner=self._account)["TagSet"]
        except ClientError as error:
            return self._without_tags(name, error)
        return {tag["Key"]: tag["Value"] for tag in found}

    def key_tags(self, key_id: str) -> Tags:
        """Return the tags of a key; none when it does not tell."""
        try:
            pages = self._kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
            return {tag["TagKey"]: tag["TagValue"] for page in pages for tag in page["Tags"]}
        except ClientError as error:
            return self._without_tags(key_id, error)

    def key(self, key_id: str) -> Mapping[str, Any]:
        """Return what KMS tells of a key."""
        found: Mapping[str, Any] = self._kms.describe_key(KeyId=key_id)["KeyMetadata"]
        return found

    def ours(self, owner_prefix: str, region: str) -> Iterator[OwnStore]:
        """Yield what this project made in a Region: its owner tag begins as those of that Region's stacks do."""
        names = self.bucket_names()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for name, tags in zip(names, pool.map(self.bucket_tags, names), strict=True):
                if _is_ours(tags, owner_prefix):
                    yield OwnStore("bucket", name, tags, bucket_item(name, region))
        for key_id in self.key_ids():
            tags = self.key_tags(key_id)
            if _is_ours(tags, owner_prefix):
                yield self._stored_key(key_id, tags, region)

    def _without_tags(self, name: str, error: ClientError) -> Tags:
        if aws_errors.is_denied(error):
            self.denied.append(name)
        elif aws_errors.code(error) not in _NO_TAGS:
            raise error
        return {}

    def _stored_key(self, key_id: str, tags: Tags, region: str) -> OwnStore:
        deletion_date = self.key(key_id).get("DeletionDate")
        return OwnStore("key", key_id, tags, key_item(key_id, region, deletion_date), deletion_date)


def seen(aws: Aws, account: str, owner_prefix: str, region: str) -> Seen:
    """Return every bucket and key that this project made in a Region, as far as the credentials may look."""
    stores, found = Stores(aws, account), list[OwnStore]()
    try:
        found.extend(stores.ours(owner_prefix, region))
    except ClientError as error:
        if not aws_errors.is_denied(error):
            raise
        return Seen(in_order(found), f"not all buckets and keys could be read: {aws_errors.sentence(error)}")
    return Seen(in_order(found), _untold(stores.denied))


def without_needed_keys(stored: Iterable[OwnStore], models: Iterable[InventoryItem]) -> tuple[OwnStore, ...]:
    """Return an environment's buckets and keys, without a command for a key that others may need.

    `models` are the environment's: one that another environment holds cannot be read without its key.
    """
    holders = sorted({holder for model in models for holder in model.holders})
    return tuple(_needed(its, holders) if its.kind == "key" and holders else its for its in stored)


def _needed(key: OwnStore, holders: Sequence[str]) -> OwnStore:
    needed = f"{key.item.cost}; needed by {', '.join(holders)}, which may serve a model that is encrypted with it"
    return replace(key, item=replace(key.item, cost=needed, command=""))


def _untold(denied: Sequence[str]) -> str:
    if not denied:
        return ""
    # Names of another team's buckets are no business of whoever reads this.
    return f"buckets and keys whose tags cannot be read, so nobody knows whose they are: {len(denied)}"


def in_order(stored: Sequence[OwnStore]) -> tuple[OwnStore, ...]:
    """Return things in the order in which they are removed: what is logged before its logs, and last the keys."""
    return tuple(sorted(stored, key=lambda its: (its.kind != "bucket", _holds_logs(its), its.name)))


def _holds_logs(its: OwnStore) -> bool:
    # CloudFormation names a bucket after its logical id, and cuts that where the stack's name is long.
    return its.tags.get(contract.TAG_RESOURCE) == contract.ACCESS_LOGS or "accesslogs" in its.name.replace("-", "")


def _is_ours(tags: Tags, owner_prefix: str) -> bool:
    return tags.get(contract.TAG_OWNER, "").startswith(owner_prefix)
