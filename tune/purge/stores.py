"""Buckets and keys of an account, by the tags that they carry. Reads only."""

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.aws import Aws
from tune.environments import Anchor
from tune.purge.kept import Bucket, Key
from tune.purge.proof import Proof

# What cannot be read proves nothing, so it is left alone: no tags, no such bucket, or somebody else's.
_UNPROVEN: Final = frozenset(
    {"NoSuchTagSet", "NoSuchBucket", "AccessDenied", "AccessDeniedException", "NotFoundException"}
)


class Stores:
    """Finds an environment's buckets and keys."""

    def __init__(self, aws: Aws, anchor: Anchor) -> None:
        self._s3 = aws("s3")
        self._kms = aws("kms")
        self._proof = Proof.of(anchor)
        self._account = anchor.settings.account

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the environment's buckets. That of the access logs is last: the others are logged in it."""
        names = [each["Name"] for each in self._s3.list_buckets()["Buckets"]]
        ours = [name for name in names if self.is_bucket(name)]
        logs = {name for name in map(self._log_bucket, ours) if name}
        return tuple(self._bucket(name) for name in sorted(ours, key=lambda name: (name in logs, name)))

    def keys(self) -> tuple[Key, ...]:
        """Return the environment's keys."""
        pages = self._kms.get_paginator("list_keys").paginate()
        ids = [each["KeyId"] for page in pages for each in page["Keys"]]
        return tuple(self._key(each) for each in ids if self.is_key(each))

    def is_bucket(self, name: str) -> bool:
        """Tell whether a bucket is this account's and this environment's."""
        try:
            found = self._s3.get_bucket_tagging(Bucket=name, ExpectedBucketOwner=self._account)["TagSet"]
        except ClientError as error:
            return _unproven(error)
        return self._proof.is_store({tag["Key"]: tag["Value"] for tag in found})

    def is_key(self, key_id: str) -> bool:
        """Tell whether a key is this environment's."""
        try:
            pages = self._kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
            found = [tag for page in pages for tag in page["Tags"]]
        except ClientError as error:
            return _unproven(error)
        return self._proof.is_store({tag["TagKey"]: tag["TagValue"] for tag in found})

    def versions(self, bucket: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the versions and delete markers of a bucket, up to a thousand at a time."""
        pages = self._s3.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=bucket, ExpectedBucketOwner=self._account):
            yield [*page.get("Versions", []), *page.get("DeleteMarkers", [])]

    def _bucket(self, name: str) -> Bucket:
        found = [each.get("Size", 0) for page in self.versions(name) for each in page]
        return Bucket(name, len(found), sum(found))

    def _log_bucket(self, name: str) -> str | None:
        logging = self._s3.get_bucket_logging(Bucket=name, ExpectedBucketOwner=self._account)
        target: str | None = logging.get("LoggingEnabled", {}).get("TargetBucket")
        return target

    def _key(self, key_id: str) -> Key:
        found = self._kms.describe_key(KeyId=key_id)["KeyMetadata"]
        return Key(found["KeyId"], found["Arn"], found.get("Description", ""), found.get("DeletionDate"))


def _unproven(error: ClientError) -> bool:
    if aws_errors.code(error) in _UNPROVEN:
        return False
    raise error
