"""The test file as it streams by, twice: first to see what is in it, then to write its questions down."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import Split, data_key
from bedrock_lifecycle.dataset.rules.lines import Line, LineSplitter
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.questions.conversation import Conversation, NotAConversation, conversation
from bedrock_lifecycle.evaluation.questions.sampling import NOT_DRAWN, Cut, Survey

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES: Final = 1024 * 1024
# What a request to Bedrock may have (InvokeModel's body, botocore 1.43.106): a longer line cannot be asked.
_MAX_LINE_BYTES: Final = 25_000_000
_MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket", "404"})


class NotUsable(ValueError):
    """The file cannot be evaluated with, in words for the person who deploys; without a word of it."""


class StoredFile:
    """A file of the data store, by what it is for and its digest."""

    def __init__(self, s3: "S3Client", bucket: str, split: Split, sha256: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._split = split
        self._sha256 = sha256

    def lines(self) -> Iterator[Line]:
        """Yield the lines that are not blank, to the end of the file.

        Raises:
            NotUsable: The file is not there, or is another one.
        """
        digest, splitter = hashlib.sha256(), LineSplitter(_MAX_LINE_BYTES)
        with closing(self._opened()) as body:
            while chunk := body.read(_CHUNK_BYTES):
                digest.update(chunk)
                yield from (line for line in splitter.feed(chunk) if line.data.strip())
        yield from (line for line in splitter.finish() if line.data.strip())
        if digest.hexdigest() != self._sha256:
            raise NotUsable(f"{self} was overwritten: its sha256 is {digest.hexdigest()}; push the file again")

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{data_key(self._split, self._sha256)}"

    def _opened(self) -> "StreamingBody":
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=data_key(self._split, self._sha256))["Body"]
        except ClientError as error:
            # Without the right to list, what is not there is told as denied (Amazon S3 API reference, GetObject).
            code = aws_errors.code(error)
            if code in _MISSING or aws_errors.is_denied(error):
                raise NotUsable(f"{self} cannot be read ({code}): push the file, then deploy again") from None
            raise


def survey(file: StoredFile, group_by: str | None) -> Survey:
    """Read a test file once.

    `NotUsable` if a record of it cannot be asked or has no answer, or if none has the field `group_by`.
    """
    seen, bad, first = Survey(), 0, ""
    for line in file.lines():
        try:
            its = _read(line, group_by)
        except NotAConversation as problem:
            bad, first = bad + 1, first or f"line {line.number} {problem}"
        else:
            seen.see(line.number, its.digest, its.group)
    if bad:
        more = f", and {bad - 1:,} more lines" if bad > 1 else ""
        raise NotUsable(f"{file}: {first}{more}: correct the file")
    if not seen.groups:
        raise NotUsable(f"{file} has no records: push a file with at least one")
    if group_by and not seen.grouped:
        raise NotUsable(
            f"{file}: no record has the field {group_by!r} of [evaluation] group_by, so each would stand alone: "
            "correct the name, or leave it out"
        )
    return seen


def drawn(file: StoredFile, group_by: str | None, its: Cut) -> Iterator[tuple[int, int, Conversation]]:
    """Yield shard, record and question of all that are asked, in the order of a file that was surveyed."""
    for line, shard in zip(file.lines(), its.places, strict=True):
        if shard != NOT_DRAWN:
            yield shard, line.number, _read(line, group_by)


def digests(file: StoredFile) -> set[int]:
    """Return the digests of the questions of a file, of which those that are none are left out."""
    found = set()
    for line in file.lines():
        try:
            found.add(_read(line, None).digest)
        except NotAConversation:
            continue
    return found


def _read(line: Line, group_by: str | None) -> Conversation:
    if line.too_long:
        raise NotAConversation(f"has more than {_MAX_LINE_BYTES:,} bytes")
    return conversation(line.data, group_by)
