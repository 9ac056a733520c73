"""`Custom::BedrockTuningDataset`: the properties of a data file, beside its limits, and what it answers with."""

from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION
from bedrock_lifecycle.contract.properties import Received, flag, optional_text, text, written

# Attributes.
RECORDS: Final = "Records"
BYTES: Final = "Bytes"
WARNINGS: Final = "Warnings"
VERSION_ID: Final = "VersionId"


class DatasetProperties(Received):
    """Where data comes from, and its place in the data store; without a source it lies there already."""

    source_bucket = text("SourceBucket")
    source_key = text("SourceKey")
    source_version_id = optional_text("SourceVersionId")
    file_name = optional_text("FileName")
    sha256 = text("Sha256")
    destination_bucket = text("DestinationBucket")
    destination_key = text("DestinationKey")
    report_key = optional_text("ReportKey")
    # A text without records, such as a rubric: it is copied and not checked.
    is_text = flag("IsText", default=False)

    @property
    def is_pushed(self) -> bool:
        return DatasetProperties.source_bucket not in self

    @classmethod
    def write_source(cls, *, bucket: str, key: str, version_id: str | None = None) -> dict[str, Any]:
        return written({cls.source_bucket: bucket, cls.source_key: key, cls.source_version_id: version_id})

    @classmethod
    def write(
        cls,
        *,
        source: dict[str, Any],
        file_name: str,
        reconcile: int,
        sha256: str,
        destination_bucket: str,
        destination_key: str,
        report_key: str,
    ) -> dict[str, Any]:
        """Return the properties; `source` is that of `write_source`, or empty."""
        return {
            **written({cls.contract_version: CONTRACT_VERSION}),
            **source,
            **written(
                {
                    cls.file_name: file_name,
                    cls.reconcile: reconcile,
                    cls.sha256: sha256,
                    cls.destination_bucket: destination_bucket,
                    cls.destination_key: destination_key,
                    cls.report_key: report_key,
                }
            ),
        }

    @classmethod
    def write_text(
        cls,
        *,
        source: dict[str, Any],
        file_name: str,
        sha256: str,
        destination_bucket: str,
        destination_key: str,
        copied_for: str,
    ) -> dict[str, Any]:
        """Return the properties of a text; another `copied_for` has it copied again."""
        return {
            **written({cls.contract_version: CONTRACT_VERSION}),
            **source,
            **written(
                {
                    cls.file_name: file_name,
                    cls.reconcile: copied_for,
                    cls.sha256: sha256,
                    cls.destination_bucket: destination_bucket,
                    cls.destination_key: destination_key,
                    cls.is_text: True,
                }
            ),
        }
