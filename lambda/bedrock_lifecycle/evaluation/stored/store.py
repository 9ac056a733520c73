"""The bucket of an evaluation: objects are read whole, and most are written once."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import clock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Missing(LookupError):
    """An object is not there that must be; it names the key alone."""


class Store:
    """What an evaluation keeps, see `bedrock_lifecycle.contract.evaluation_store` for the keys."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self.bucket = bucket

    def has(self, key: str) -> bool:
        """Tell whether there is an object, without reading it.

        Without the right to list the whole bucket, S3 answers a read of what is not there as one that is denied (Amazon
        S3 API reference, GetObject); a list by prefix tells the two apart.
        """
        return next(self.keys(key), None) == key

    def found(self, key: str) -> bytes | None:
        """Return an object, None if there is none."""
        try:
            return self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if _code(error) == "NoSuchKey":
                return None
            raise

    def read(self, key: str) -> bytes:
        """Return an object; `Missing` if there is none."""
        body = self.found(key)
        if body is None:
            raise Missing(f"{key} is missing: it has expired, or was deleted")
        return body

    def write(self, key: str, body: bytes) -> None:
        """Write an object, over another one if need be."""
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def write_once(self, key: str, body: bytes) -> bool:
        """Write an object unless there is one; False if there was."""
        try:
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) == "PreconditionFailed":
                return False
            raise
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield all keys that begin with a prefix, in order."""
        for page in self._pages(prefix):
            yield from (each["Key"] for each in page.get("Contents", ()))

    def young_keys(self, prefix: str, age: timedelta) -> Iterator[str]:
        """Yield those of objects that were written so short a time ago, by the clock of S3."""
        for page in self._pages(prefix):
            since = clock.service_time(page) - age
            yield from (each["Key"] for each in page.get("Contents", ()) if each["LastModified"] >= since)

    def _pages(self, prefix: str) -> Iterable[Any]:
        return self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
