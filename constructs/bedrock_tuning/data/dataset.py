"""A file of records, checked, where Bedrock may read it."""

from typing import Any

from aws_cdk import AssetHashType, CustomResource
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.contract.dataset import RECORDS, VERSION_ID, DatasetProperties
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data.checker.limits import limits_of
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.data.dataset_provider import DatasetProvider
from bedrock_tuning.data.sources import DataSource, FileSource, S3Source


class Dataset(Construct):
    """One data file of a training run, at `<split>/<sha256>.jsonl` in the data store.

    Before anything else uses it, every record is checked against the base model's limits, and the bytes against their
    digest. A file with errors fails the deployment with line, field and rule, never content, and is not copied. A copy
    is never overwritten, and stays when the stack is deleted. In both cases a full report is at `report_uri`.

    Args:
        source: Where the data comes from: `DataSource.file(…)`, `.pushed(…)` or `.s3(…)`. A file is a CDK asset, so
            copies stay in the cloud assembly and in the bootstrap bucket; pushed data is checked in place and copied
            nowhere.
        split: Its use: `train`, `validation` or `test`.
        base_model: The base model, whose format and limits the records must meet.
        data_store: The data store that has it, or gets the copy.
        reader: The function that checks and copies it.
        customization_type: The customization type that it is used for. Default: `FINE_TUNING`.
        reconcile: Raise it by one to check the data again, and to restore a copy that was deleted. Default: 0.

    Attributes:
        source: Where the data comes from.
        split: What it is for.
        customization_type: How it is used to customize the base model.
        sha256: Digest of the bytes, the identity of the data whatever its source.
        uri: `s3://` URI in the data store.
        report_uri: `s3://` URI of the report of the last check.
        version_id: Version of the object that was checked, known at deployment.
        records: Number of records, known at deployment.

    Raises:
        OSError: If the file cannot be read.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        source: DataSource,
        split: Split,
        base_model: BaseModelProfile,
        data_store: DataStore,
        reader: DatasetProvider,
        customization_type: str = contract.FINE_TUNING,
        reconcile: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        self.source = source
        self.split: Split = split
        self.customization_type: str = customization_type
        self.sha256: str = source.sha256
        limits = limits_of(base_model, split, customization_type)
        key = contract.data_key(split, self.sha256)
        report_key = contract.dataset_report_key(split, self.sha256, base_model.id, customization_type)
        self.resource: CustomResource = CustomResource(
            self,
            "Copy",
            resource_type=contract.DATASET,
            service_token=reader.service_token,
            properties={
                **DatasetProperties.write(
                    source=self._source_properties(reader),
                    file_name=source.file_name or f"{split} data",
                    reconcile=reconcile,
                    sha256=self.sha256,
                    destination_bucket=data_store.bucket.bucket_name,
                    destination_key=key,
                    report_key=report_key,
                ),
                **limits.to_properties(),
            },
        )
        # The reader's permissions come before what it reads with them.
        self.resource.node.add_dependency(reader)
        self.uri: str = data_store.uri(key)
        self.report_uri: str = data_store.uri(report_key)
        self.version_id: str = self.resource.get_att_string(VERSION_ID)
        self.records: str = self.resource.get_att_string(RECORDS)

    def _source_properties(self, reader: DatasetProvider) -> dict[str, Any]:
        """Return where the data is copied from, having allowed that; nothing for data that is in its place."""
        match self.source:
            case FileSource(path=path):
                asset = assets.Asset(
                    self,
                    "File",
                    path=str(path.resolve()),
                    # Named by the digest that is known already: CDK would read the whole file again for its own.
                    asset_hash=self.sha256,
                    asset_hash_type=AssetHashType.CUSTOM,
                )
                reader.allow_copy_of_asset(asset, to=self.split)
                return DatasetProperties.write_source(bucket=asset.s3_bucket_name, key=asset.s3_object_key)
            case S3Source(location=location, version_id=version_id):
                reader.allow_copy_of_version(self.source, to=self.split)
                return DatasetProperties.write_source(bucket=location.bucket, key=location.key, version_id=version_id)
            case _:
                return {}
