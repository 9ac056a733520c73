"""What an evaluation keeps in the data store, as the lifecycle reads and writes it."""

from collections.abc import Callable
from typing import Any


class EvaluationStore:
    """Objects of a bucket by their keys. `aws` gives the client of a service by its name.

    An object that is not there is told by the list: without the right to list a whole bucket, S3 answers a read of it
    as it answers one that is denied (Amazon S3 API reference, GetObject).
    """

    def __init__(self, aws: Callable[[str], Any], bucket: str) -> None:
        self._aws = aws
        self.bucket = bucket

    def has(self, key: str) -> bool:
        """Tell whether there is an object of a key."""
        listed = self._aws("s3").list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        # The shortest key with this beginning comes first.
        return [each["Key"] for each in listed.get("Contents", [])] == [key]

    def read(self, key: str) -> bytes | None:
        """Return the content of an object; None where there is none."""
        if not self.has(key):
            return None
        content: bytes = self._aws("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def write(self, key: str, content: str) -> None:
        """Write an object, or write it anew."""
        self._aws("s3").put_object(Bucket=self.bucket, Key=key, Body=content.encode())
