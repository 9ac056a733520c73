"""Why a dataset file cannot be used, each in one line for the person who deploys."""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.dataset.rules.findings import FileFindings
from bedrock_lifecycle.engine.outcome import Refusal

_ERRORS_TOLD: Final = 3
_GIGABYTE: Final = 1_000_000_000


@dataclass(frozen=True)
class S3Object:
    """Where an object is. `name` is what its user calls it; an asset's own key is only a digest.

    `version_id` is the one version that is meant; None means the current one.
    """

    bucket: str
    key: str
    name: str = ""
    version_id: str | None = None

    @property
    def file(self) -> str:
        return self.name or self.key.rpartition("/")[2]

    def __str__(self) -> str:
        version = f" (version {self.version_id})" if self.version_id else ""
        return f"s3://{self.bucket}/{self.key}{version}"


@dataclass(frozen=True, kw_only=True)
class Helps:
    """What the app has told to help people with; empty for nothing.

    push: The command that pushes data.
    source_key: Where the key of a data file that is copied is named.
    """

    push: str = ""
    source_key: str = ""


class DatasetError(Refusal):
    """What no retry can make succeed."""

    def told(self, helps: Helps) -> str:
        """Return it in words, with what the app has told where that helps."""
        return str(self)


class _Helped(DatasetError):
    """What helps, if the app has told it, is named between the two parts of the words."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(before + after)
        self._parts = (before, after)

    def told(self, helps: Helps) -> str:
        named = self._named(helps)
        return f" ({named})".join(self._parts) if named else str(self)

    def _named(self, helps: Helps) -> str:
        return helps.push


class DatasetRefused(DatasetError):
    """The file breaks the rules of its base model; `report` has all that was found."""

    def __init__(self, where: S3Object, report: FileFindings) -> None:
        told = "; ".join(f"{each.describe(where.file)} ({each.rule})" for each in report.errors[:_ERRORS_TOLD])
        more = report.error_count - min(len(report.errors), _ERRORS_TOLD)
        super().__init__(f"{told}; and {more} more" if more else told)
        self.report = report


class DigestMismatch(DatasetError):
    """The bytes are not those that the template was made for."""

    def __init__(self, where: S3Object, expected: str, received: str) -> None:
        super().__init__(
            f"{where} is not the data of this deployment: its sha256 must be {expected} (got {received}); "
            "restore the file, or deploy with the new digest"
        )
        self.received = received


class StoredDataChanged(DatasetError):
    """The object in the data store is not what its key says."""

    def __init__(self, where: S3Object, expected: str, received: str) -> None:
        super().__init__(
            f"{where} was overwritten: its sha256 must be {expected} (got {received}); delete the object (its "
            "versions stay) and write the right file again: push it if it was pushed, then raise `reconcile` by one"
        )


class SourceMissing(DatasetError):
    """There is no object to copy."""

    def __init__(self, where: S3Object) -> None:
        super().__init__(f"{where} does not exist: upload it, or correct the location")


class NotPushed(_Helped):
    """The data store has no such data."""

    def __init__(self, where: S3Object) -> None:
        super().__init__(f"{where} does not exist: push the file with this digest", ", then deploy again")


class SourceDenied(_Helped):
    """The function may not read the object, or may not know that it does not exist."""

    def __init__(self, where: S3Object) -> None:
        action = "s3:GetObjectVersion" if where.version_id else "s3:GetObject"
        super().__init__(
            f"reading {where} is denied: allow the dataset function {action} on its bucket and kms:Decrypt on its key, "
            "and name the key if it is your own",
            "; AWS also denies reading an object or version that does not exist",
        )

    def _named(self, helps: Helps) -> str:
        return helps.source_key


class DestinationDenied(DatasetError):
    """The function may not look or write where the copy goes."""

    def __init__(self, where: S3Object) -> None:
        super().__init__(
            f"writing {where} is denied: allow the dataset function s3:ListBucket on the bucket, s3:GetObject, "
            "s3:PutObject and s3:AbortMultipartUpload on its objects, kms:Decrypt and kms:GenerateDataKey on its key"
        )


class OutOfTime(_Helped):
    """The function's time is nearly up, and the file is not read to its end."""

    def __init__(self, where: S3Object, *, done_bytes: int, size_bytes: int) -> None:
        super().__init__(
            f"{where.file} was not checked in time, so it is not trained on: {_gigabytes(done_bytes)} of "
            f"{_gigabytes(size_bytes)} GB in the 15 minutes that a Lambda function has; deploy again, push the file "
            "first",
            ", since data in the data store is not copied again, or train on fewer records",
        )


def _gigabytes(size: int) -> str:
    return f"{size / _GIGABYTE:.1f}"
