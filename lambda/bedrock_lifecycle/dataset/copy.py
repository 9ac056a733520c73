"""Has a dataset file where Bedrock reads it, checked: copied there, or checked where it lies."""

from contextlib import closing
from dataclasses import dataclass

from bedrock_lifecycle.dataset import objects
from bedrock_lifecycle.dataset.checked_reader import CheckedReader, TimeLeft, without_end
from bedrock_lifecycle.dataset.errors import DatasetRefused, DigestMismatch, S3Object, StoredDataChanged
from bedrock_lifecycle.dataset.objects import S3
from bedrock_lifecycle.dataset.rules.findings import FileFinding, FileFindings
from bedrock_lifecycle.dataset.rules.limits import Limits
from bedrock_lifecycle.dataset.rules.records import too_large
from bedrock_lifecycle.dataset.upload import WrittenMeanwhile, upload


@dataclass(frozen=True)
class StoredDataset:
    """A file that was accepted: what it turned out to be, and the version of the object that was."""

    report: FileFindings
    version_id: str


def copy_dataset(
    s3: S3,
    source: S3Object,
    destination: S3Object,
    expected_sha256: str,
    limits: Limits,
    time_left: TimeLeft = without_end,
) -> StoredDataset:
    """Check `source` and have its bytes at `destination`, whose key names their digest.

    What is at `destination` already is checked there and never written again, so the source may be gone by then.
    Raises `DatasetError` when the bytes or the permissions have to change first; then nothing has been written.
    Everything else that boto3 raises passes through: it may pass by itself.
    """
    if objects.exists(s3, destination):
        return check_in_place(s3, destination, expected_sha256, limits, time_left)
    try:
        with closing(_reader(s3, source, expected_sha256, limits, time_left)[0]) as reader:
            version = upload(s3, reader, destination)
            return StoredDataset(reader.report(), version)
    except WrittenMeanwhile:
        return check_in_place(s3, destination, expected_sha256, limits, time_left)


def check_in_place(
    s3: S3, where: S3Object, expected_sha256: str, limits: Limits, time_left: TimeLeft = without_end
) -> StoredDataset:
    """Check the object that is at `where` now, and write nothing; raises as `copy_dataset` does."""
    reader, version = _reader(s3, where, expected_sha256, limits, time_left)
    try:
        with closing(reader):
            return StoredDataset(reader.report(), version)
    except DigestMismatch as mismatch:
        raise StoredDataChanged(where, expected_sha256, mismatch.received) from None


def _reader(
    s3: S3, where: S3Object, expected_sha256: str, limits: Limits, time_left: TimeLeft
) -> tuple[CheckedReader, str]:
    answer = objects.opened(s3, where)
    size = int(answer["ContentLength"])
    if finding := too_large(size, limits):
        answer["Body"].close()
        raise DatasetRefused(where, _unread(finding, size))
    reader = CheckedReader(answer["Body"], where, expected_sha256, limits, size=size, time_left=time_left)
    return reader, objects.version_in(answer)


def _unread(finding: FileFinding, size: int) -> FileFindings:
    """Return the report on a file that was not read, because of what is known before."""
    return FileFindings(findings=(finding,), counts={finding.rule: 1}, records=0, bytes=size, sha256="", characters=0)
