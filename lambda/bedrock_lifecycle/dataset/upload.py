"""Writes an object once: what is there already is never written over, and the version that was written is known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import UNVERSIONED
from bedrock_lifecycle.dataset.checked_reader import CheckedReader
from bedrock_lifecycle.dataset.errors import S3Object
from bedrock_lifecycle.dataset.objects import S3, version_in, writing
from bedrock_lifecycle.engine import aws_errors

# "classic" is the transfer manager whose failure handling the tests show; the other one is picked by the machine.
# Four parts of 8 MiB in flight, and what waits for them, fit a function of 256 MB.
TRANSFER: Final = TransferConfig(max_concurrency=4, preferred_transfer_client="classic")

# The calls with which the transfer manager makes an object appear, whole.
_APPEARS: Final = ("PutObject", "CompleteMultipartUpload")
_WRITTEN_MEANWHILE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class WrittenMeanwhile(Exception):
    """Somebody else has written the object since it was looked for."""


def upload(s3: S3, reader: CheckedReader, where: S3Object) -> str:
    """Write what the reader lets through, unless an object is there; return the version that was written.

    Raises `WrittenMeanwhile` when there is one, and whatever the reader raises; then nothing was written.
    """
    try:
        with writing(where), _once(s3) as versions:
            s3.upload_fileobj(reader, where.bucket, where.key, Config=TRANSFER)
    except ClientError as error:
        if aws_errors.code(error) in _WRITTEN_MEANWHILE:
            raise WrittenMeanwhile from None
        raise
    return versions[-1] if versions else UNVERSIONED


@contextmanager
def _once(s3: S3) -> Iterator[list[str]]:
    """Have the client write only where nothing is, and note the versions that it writes.

    The transfer manager (s3transfer 0.19.3) neither takes `IfNoneMatch` nor returns the version, so both are seen to
    on the way, by botocore's events.
    """
    versions: list[str] = []

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["IfNoneMatch"] = "*"

    def note(parsed: dict[str, Any], **_: Any) -> None:
        if "Error" not in parsed:
            versions.append(version_in(parsed))

    hooks: list[tuple[str, Callable[..., None]]] = [
        *((f"before-parameter-build.s3.{call}", ask) for call in _APPEARS),
        *((f"after-call.s3.{call}", note) for call in _APPEARS),
    ]
    for event, hook in hooks:
        s3.meta.events.register(event, hook)
    try:
        yield versions
    finally:
        for event, hook in hooks:
            s3.meta.events.unregister(event, hook)
