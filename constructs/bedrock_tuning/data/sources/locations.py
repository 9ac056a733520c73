"""Places and keys in AWS, as a person writes them: a refusal says what is allowed and what to do."""

import re
from dataclasses import dataclass
from typing import Final

from bedrock_tuning.common.messages import shown

BUCKET_PATTERN: Final = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
KEY_PATTERN: Final = r"kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/[a-zA-Z0-9-]+"  # an ARN behind its partition
_BUCKET: Final = re.compile(BUCKET_PATTERN)
# Printable ASCII without what a policy reads as a pattern (`*`, `?`) or a variable (`$`): the permission to read ends
# at this one key. IAM takes no characters beyond Latin 1 in a policy anyway.
_KEY: Final = re.compile(r"[ -~]{1,1024}")
_PATTERN: Final = frozenset("*?$")
_VERSION_ID: Final = re.compile(r"[!-~]{1,1024}")
_KEY_ARN: Final = re.compile(rf"arn:aws[a-z-]*:{KEY_PATTERN}")


@dataclass(frozen=True)
class S3Location:
    """An object in Amazon S3, whatever its version."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: object) -> "S3Location":
        """Return the place that `s3://bucket/key` names; raise ValueError for anything else."""
        form = "must be s3://bucket/key, with a key of printable ASCII without * ? $"
        scheme, bucket, key = _split(uri)
        if scheme != "s3" or not _BUCKET.fullmatch(bucket) or not _KEY.fullmatch(key):
            raise ValueError(f"{form} (got {shown(uri)}); correct the location")
        if _PATTERN & set(key):
            raise ValueError(f"{form} (got {shown(uri)}, a pattern in a policy); copy the object to such a key")
        if key.endswith("/"):
            raise ValueError(f"{form} (got {shown(uri)}, a prefix); write the key of one object")
        return cls(bucket, key)


def check_version_id(value: object) -> str:
    """Return the id of an object's version; raise ValueError for anything else."""
    if not isinstance(value, str) or not _VERSION_ID.fullmatch(value):
        form = 'must be the VersionId that S3 gave the object, or "null" in a bucket without versioning'
        raise ValueError(f"{form} (got {shown(value)}); run aws s3api head-object to find it")
    return value


def check_key_arn(value: object) -> str:
    """Return the ARN of a KMS key; raise ValueError for anything else, an alias among it."""
    if not isinstance(value, str) or not _KEY_ARN.fullmatch(value):
        form = "must be the ARN of a KMS key, arn:aws:kms:<region>:<account>:key/<id>"
        raise ValueError(f"{form} (got {shown(value)}); run aws kms describe-key --key-id alias/NAME to find it")
    return value


def region_of_key(arn: str) -> str:
    """Return the Region of a key, which is also that of every bucket it encrypts."""
    found = _KEY_ARN.fullmatch(arn)
    if found is None:
        raise ValueError(f"must be the ARN of a KMS key (got {shown(arn)})")
    return found["region"]


def _split(uri: object) -> tuple[str, str, str]:
    scheme, _, rest = uri.partition("://") if isinstance(uri, str) else ("", "", "")
    bucket, _, key = rest.partition("/")
    return scheme, bucket, key
