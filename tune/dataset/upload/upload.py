"""Has one file under a key that names its digest. Broken off, the next upload goes on where this one was."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from bedrock_lifecycle.engine import aws_errors
from tune.dataset.files import Unusable
from tune.dataset.progress import Advance
from tune.dataset.upload.parts import UploadPart
from tune.dataset.upload.sending import Sent, send
from tune.terminal.labels import name_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import MultipartUploadTypeDef

_ALGORITHM: Final = "SHA256"


@dataclass(frozen=True)
class FileToUpload:
    """A file as it was when it was checked."""

    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True)
class UploadOutcome:
    """What it took: parts sent now, and parts that had been sent before. An object that was there took neither."""

    sent: int = 0
    found: int = 0


class Upload:
    """One file on its way to one key."""

    def __init__(self, s3: "S3Client", bucket: str, key: str, file: FileToUpload) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key
        self._file = file

    def is_there(self) -> bool:
        """Tell whether the object exists; raise Unusable when what lies under its key cannot be it."""
        try:
            size = self._s3.head_object(Bucket=self._bucket, Key=self._key)["ContentLength"]
        except ClientError as error:
            # HEAD has no body to carry a code; botocore gives the status in its place.
            if aws_errors.code(error) in ("404", "NoSuchKey"):
                return False
            raise
        if size != self._file.bytes:
            where = f"s3://{self._bucket}/{self._key}"
            raise Unusable(f"{where} has {size} bytes, not the {self._file.bytes} of this digest: delete that object")
        return True

    def run(self, advance: Advance) -> UploadOutcome:
        """Have the object there, and tell what that took.

        Raises:
            Unusable: When the file is no longer what was checked; what was uploaded of it is gone then.
            ClientError, BotoCoreError: As boto3 raises them. Parts that were sent stay, and the next run finds them.
        """
        if self.is_there():
            return UploadOutcome()
        try:
            upload_id = self._begun() or self._begin()
            sent = self._send(upload_id, advance)
            self._complete(upload_id, sent)
        except ClientError as error:
            # Two that push the same data at the same time may share an upload, and one of them completes it first.
            if aws_errors.code(error) == "NoSuchUpload" and self.is_there():
                return UploadOutcome()
            raise
        return UploadOutcome(sent.new, len(sent.parts) - sent.new)

    def _begun(self) -> str | None:
        pages = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=self._key)
        begun = [each for page in pages for each in page.get("Uploads", []) if self._is_ours(each)]
        newest = max(begun, key=lambda each: each["Initiated"], default=None)
        return newest["UploadId"] if newest else None

    def _is_ours(self, upload: "MultipartUploadTypeDef") -> bool:
        # An upload takes checksums of the algorithm that it was begun with, and no other.
        return upload["Key"] == self._key and upload.get("ChecksumAlgorithm", _ALGORITHM) == _ALGORITHM

    def _begin(self) -> str:
        # Nothing is said of encryption: the bucket's own applies.
        begun = self._s3.create_multipart_upload(Bucket=self._bucket, Key=self._key, ChecksumAlgorithm=_ALGORITHM)
        return begun["UploadId"]

    def _send(self, upload_id: str, advance: Advance) -> Sent:
        def send_part(number: int, data: bytes, checksum: str) -> UploadPart:
            answer = self._s3.upload_part(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=upload_id,
                PartNumber=number,
                Body=data,
                ChecksumSHA256=checksum,
            )
            return UploadPart(number, len(data), checksum, answer["ETag"])

        pages = self._s3.get_paginator("list_parts").paginate(Bucket=self._bucket, Key=self._key, UploadId=upload_id)
        there = {part["PartNumber"]: UploadPart.listed(part) for page in pages for part in page.get("Parts", [])}
        try:
            sent = send(self._file.path, there, send_part, advance)
            if sent.sha256 != self._file.sha256:
                raise Unusable(f"{name_of(self._file.path)} has changed since it was checked: run the command again")
        except Unusable:
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=upload_id)
            raise
        return sent

    def _complete(self, upload_id: str, sent: Sent) -> None:
        self._s3.complete_multipart_upload(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=upload_id,
            MultipartUpload={"Parts": [part.completed() for part in sent.parts]},
        )
