"""The data that a request asks for, read from its properties."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.dataset.checked_reader import TimeLeft
from bedrock_lifecycle.dataset.copy import StoredDataset, check_in_place, copy_dataset
from bedrock_lifecycle.dataset.errors import NotPushed, S3Object, SourceMissing
from bedrock_lifecycle.dataset.objects import S3
from bedrock_lifecycle.dataset.rules.limits import Limits


@dataclass(frozen=True)
class DatasetRequest:
    """Data of one digest, checked against its limits, at its place in the data store.

    `source` is where it comes from; None when it was pushed, so that it lies in its place already.
    """

    source: S3Object | None
    destination: S3Object
    report: S3Object | None
    sha256: str
    limits: Limits

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "DatasetRequest":
        """Read the properties of a request; `BadProperty` names what is wrong."""
        properties = DatasetProperties(Properties(raw))
        name, bucket = properties.file_name or "", properties.destination_bucket
        return cls(
            source=_source(properties, name),
            destination=S3Object(bucket, properties.destination_key, name),
            report=S3Object(bucket, properties.report_key) if properties.report_key else None,
            sha256=properties.sha256,
            limits=Limits.from_properties(raw),
        )

    def ensure(self, s3: S3, time_left: TimeLeft) -> StoredDataset:
        """Ensure that the data is in its place and checked; raises as `copy_dataset` does, and may be repeated."""
        if self.source:
            return copy_dataset(s3, self.source, self.destination, self.sha256, self.limits, time_left)
        try:
            return check_in_place(s3, self.destination, self.sha256, self.limits, time_left)
        except SourceMissing:
            raise NotPushed(self.destination) from None


def _source(properties: DatasetProperties, name: str) -> S3Object | None:
    if properties.is_pushed:
        return None
    return S3Object(properties.source_bucket, properties.source_key, name, properties.source_version_id)
