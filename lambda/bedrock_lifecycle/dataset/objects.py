"""Objects in Amazon S3, and what the calls on them are answered with in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import UNVERSIONED
from bedrock_lifecycle.dataset.errors import DestinationDenied, S3Object, SourceDenied, SourceMissing
from bedrock_lifecycle.engine import aws_errors

# HEAD has no body to carry a code; botocore gives the status in its place. A version that marks a deletion is
# answered with MethodNotAllowed.
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket", "NoSuchVersion", "MethodNotAllowed", "404"})
_DENIED: Final = frozenset({"AccessDenied", "AllAccessDisabled", "403"})


class S3(Protocol):
    """The calls of boto3's S3 client that a dataset needs."""

    meta: Any

    def get_object(self, *, Bucket: str, Key: str, VersionId: str = ...) -> Any: ...  # noqa: N803

    def head_object(self, *, Bucket: str, Key: str) -> Any: ...  # noqa: N803

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str = ...) -> Any: ...  # noqa: N803

    def upload_fileobj(self, Fileobj: Any, Bucket: str, Key: str, *, Config: TransferConfig) -> None: ...  # noqa: N803


def exists(s3: S3, where: S3Object) -> bool:
    """Tell whether there is an object now."""
    try:
        with writing(where):
            s3.head_object(Bucket=where.bucket, Key=where.key)
    except ClientError as error:
        if aws_errors.code(error) in _MISSING:
            return False
        raise
    return True


def opened(s3: S3, where: S3Object) -> Any:
    """Return the answer to `GetObject`; raise `SourceMissing` or `SourceDenied` for the errors that mean those."""
    version = {"VersionId": where.version_id} if where.version_id else {}
    try:
        return s3.get_object(Bucket=where.bucket, Key=where.key, **version)
    except ClientError as error:
        if aws_errors.code(error) in _MISSING:
            raise SourceMissing(where) from None
        if aws_errors.code(error) in _DENIED:
            raise SourceDenied(where) from None
        raise


@contextmanager
def writing(where: S3Object) -> Iterator[None]:
    """Raise `DestinationDenied` in place of S3's refusal."""
    try:
        yield
    except ClientError as error:
        if aws_errors.code(error) in _DENIED:
            raise DestinationDenied(where) from None
        raise


def version_in(answer: Any) -> str:
    """Return the version that an answer of S3 speaks of."""
    return str(answer.get("VersionId") or UNVERSIONED)
