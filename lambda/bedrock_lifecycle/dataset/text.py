"""Has a text without records, such as a rubric, where an evaluation reads it."""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

from bedrock_lifecycle.contract import MAX_RUBRIC_BYTES
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.dataset import objects
from bedrock_lifecycle.dataset.errors import DatasetError, DigestMismatch, S3Object
from bedrock_lifecycle.dataset.objects import S3

_TYPE: Final = "text/plain; charset=utf-8"


class TextTooLarge(DatasetError):
    """The object is larger than any text that is copied."""

    def __init__(self, where: S3Object, size: int) -> None:
        super().__init__(f"{where.file} must have at most {MAX_RUBRIC_BYTES:,} bytes (got {size:,}); shorten it")


def copy_text(s3: S3, raw: Mapping[str, Any]) -> None:
    """Copy what the properties name, over an earlier copy, so that it expires later; may be repeated.

    Raises `DatasetError` when the bytes or the permissions have to change first; then nothing has been written.
    """
    properties = DatasetProperties(Properties(raw))
    name = properties.file_name or ""
    source = S3Object(properties.source_bucket, properties.source_key, name)
    answer = objects.opened(s3, source)
    with closing(answer["Body"]) as body:
        if answer["ContentLength"] > MAX_RUBRIC_BYTES:
            raise TextTooLarge(source, answer["ContentLength"])
        text = body.read()
    received = hashlib.sha256(text).hexdigest()
    if received != properties.sha256:
        raise DigestMismatch(source, properties.sha256, received)
    destination = S3Object(properties.destination_bucket, properties.destination_key, name)
    with objects.writing(destination):
        s3.put_object(Bucket=destination.bucket, Key=destination.key, Body=text, ContentType=_TYPE)
