"""Buckets and keys of an environment, by the tags that they carry. Reads only."""

from collections.abc import Iterator
from typing import Any

from tune.account import stores
from tune.account.aws import Aws
from tune.purge.kept import KeptBucket, KeptKey
from tune.purge.proof import Proof
from tune.terminal.environments import EnvironmentRef


class EnvironmentStores:
    """Finds an environment's buckets and keys."""

    def __init__(self, aws: Aws, anchor: EnvironmentRef) -> None:
        self._s3 = aws("s3")
        self._account = anchor.account
        self._all = stores.Stores(aws, self._account)
        self._proof = Proof.of(anchor)

    def buckets(self) -> tuple[KeptBucket, ...]:
        """Return the environment's buckets. That of the access logs is last: the others are logged in it."""
        ours = [name for name in self._all.bucket_names() if self.is_bucket(name)]
        logs = {name for name in map(self._log_bucket, ours) if name}
        return tuple(self._bucket(name) for name in sorted(ours, key=lambda name: (name in logs, name)))

    def keys(self) -> tuple[KeptKey, ...]:
        """Return the environment's keys."""
        return tuple(self._key(each) for each in self._all.key_ids() if self.is_key(each))

    def is_bucket(self, name: str) -> bool:
        """Tell whether a bucket is this account's and this environment's."""
        return self._proof.is_store(self._all.bucket_tags(name))

    def is_key(self, key_id: str) -> bool:
        """Tell whether a key is this environment's."""
        return self._proof.is_store(self._all.key_tags(key_id))

    def versions(self, bucket: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the versions and delete markers of a bucket, up to a thousand at a time."""
        pages = self._s3.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, ExpectedBucketOwner=self._account):
            yield [*page.get("Versions", []), *page.get("DeleteMarkers", [])]

    def _bucket(self, name: str) -> KeptBucket:
        found = [each.get("Size", 0) for page in self.versions(name) for each in page]
        return KeptBucket(name, len(found), sum(found))

    def _log_bucket(self, name: str) -> str | None:
        logging = self._s3.get_bucket_logging(Bucket=name, ExpectedBucketOwner=self._account)
        target: str | None = logging.get("LoggingEnabled", {}).get("TargetBucket")
        return target

    def _key(self, key_id: str) -> KeptKey:
        found = self._all.key(key_id)
        return KeptKey(found["KeyId"], found["Arn"], found.get("Description", ""), found.get("DeletionDate"))
