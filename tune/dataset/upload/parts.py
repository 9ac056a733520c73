"""The parts of a multipart upload, the same on every machine, so that what one has sent another finds."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_MIB: Final = 1 << 20
_PART_BYTES: Final = 8 * _MIB
# Amazon S3 user guide, "Amazon S3 multipart upload limits": 10,000 parts.
_MAX_PARTS: Final = 10_000


def part_bytes(size: int) -> int:
    """Return how large the parts of a file of `size` bytes are; the last one may be smaller."""
    needed = -(-size // _MAX_PARTS)
    return max(_PART_BYTES, -(-needed // _MIB) * _MIB)


@dataclass(frozen=True)
class UploadPart:
    """A part that S3 has."""

    number: int
    size: int
    checksum: str
    etag: str

    @classmethod
    def listed(cls, part: Mapping[str, Any]) -> "UploadPart":
        """Read one of ListParts; without a SHA-256 checksum it is like no part of ours."""
        return cls(part["PartNumber"], part["Size"], part.get("ChecksumSHA256", ""), part["ETag"])

    def holds(self, data: bytes, checksum: str) -> bool:
        return self.size == len(data) and self.checksum == checksum

    def completed(self) -> "CompletedPartTypeDef":
        """Return how CompleteMultipartUpload wants it named."""
        return {"PartNumber": self.number, "ETag": self.etag, "ChecksumSHA256": self.checksum}


def checksum_of(data: bytes) -> str:
    """Return the SHA-256 of a part as S3 writes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
