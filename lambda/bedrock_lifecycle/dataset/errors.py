"""Why a dataset file cannot be copied, each in one line for the person who deploys."""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.dataset.findings import Finding
from bedrock_lifecycle.engine.outcome import Refusal

_FINDINGS_TOLD: Final = 3


@dataclass(frozen=True)
class S3Object:
    """Where an object is. `name` is what its user calls it; an asset's own key is only a digest."""

    bucket: str
    key: str
    name: str = ""

    @property
    def file(self) -> str:
        return self.name or self.key.rpartition("/")[2]

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class DatasetError(Refusal):
    """A copy that no retry can make succeed."""


class DatasetRefused(DatasetError):
    """The file breaks the rules of its base model."""

    def __init__(self, source: S3Object, findings: tuple[Finding, ...], finding_count: int) -> None:
        told = "; ".join(finding.describe(source.file) for finding in findings[:_FINDINGS_TOLD])
        more = finding_count - min(len(findings), _FINDINGS_TOLD)
        super().__init__(f"{told}; and {more} more" if more else told)
        self.findings = findings
        self.finding_count = finding_count


class DigestMismatch(DatasetError):
    """The bytes are not those that the template was made for."""

    def __init__(self, where: S3Object, expected: str, received: str) -> None:
        super().__init__(
            f"{where} has changed: expected sha256 {expected}, received {received}; "
            "bring the bytes back or deploy with the new digest"
        )


class SourceMissing(DatasetError):
    """There is no object to copy."""

    def __init__(self, where: S3Object) -> None:
        super().__init__(f"{where} does not exist: upload it or correct the location")


class SourceDenied(DatasetError):
    """The function may not read the object, or may not know that it does not exist."""

    def __init__(self, where: S3Object) -> None:
        super().__init__(
            f"reading {where} is denied: allow the dataset function s3:GetObject on it and kms:Decrypt on its key; "
            "without s3:ListBucket a missing object is denied as well"
        )


class DestinationDenied(DatasetError):
    """The function may not look or write where the copy goes."""

    def __init__(self, where: S3Object) -> None:
        super().__init__(
            f"writing {where} is denied: allow the dataset function s3:ListBucket on the bucket, s3:GetObject, "
            "s3:PutObject and s3:AbortMultipartUpload on its objects, kms:Decrypt and kms:GenerateDataKey on its key"
        )
