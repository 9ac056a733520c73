"""What a judge compares answers by: a file of this machine, where the judge reads it, and in no template."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, CustomResource
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.evaluation_identity import Judging
from bedrock_lifecycle.contract.evaluation_store import rubric_key
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.data.dataset_provider import DatasetProvider

_NAME: Final = "rubric"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Another model that compares the answers, two by two and in both orders.

    Args:
        model: The ID of the model, best of another family than the tuned one. Foundation's `evaluate_with` must have
            it.
        rubric: The file that says what a better answer is, at most 32 KiB of UTF-8. It is a CDK asset, so copies stay
            in the cloud assembly and in the bootstrap bucket.
        records: How many of the asked records are compared, 1 to 10,000; each is judged twice for each other model.
    """

    model: str
    rubric: Path
    records: int

    def __post_init__(self) -> None:
        if not 1 <= self.records <= contract.MAX_JUDGED_RECORDS:
            raise ValueError(f"`records` must be 1 to {contract.MAX_JUDGED_RECORDS:,} (got {self.records})")
        size = self.rubric.stat().st_size
        if not 1 <= size <= contract.MAX_RUBRIC_BYTES:
            raise ValueError(f"`rubric` must have 1 to {contract.MAX_RUBRIC_BYTES:,} bytes (got {size:,})")

    @property
    def judging(self) -> Judging:
        """What is part of the identity of an evaluation."""
        digest = hashlib.sha256(self.rubric.read_bytes()).hexdigest()
        return Judging(model=self.model, rubric_sha256=digest, records=self.records)


class Rubric(Construct):
    """The rubric of one evaluation in the data store, where it expires as answers do.

    Args:
        judge: The judge, whose rubric it is.
        data_store: The data store.
        reader: The function that copies it.
        evaluation_id: The evaluation: each one has it copied anew, since the copy of an earlier one may have expired.
        reconcile: Raise it by one to copy it again. Default: 0.

    Attributes:
        resource: The custom resource.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        judge: Judge,
        data_store: DataStore,
        reader: DatasetProvider,
        evaluation_id: str,
        reconcile: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        sha256 = judge.judging.rubric_sha256
        asset = assets.Asset(
            self,
            "File",
            path=str(judge.rubric.resolve()),
            asset_hash=sha256,
            asset_hash_type=AssetHashType.CUSTOM,
        )
        reader.allow_copy_of_rubric(asset)
        self.resource: CustomResource = CustomResource(
            self,
            "Copy",
            resource_type=contract.DATASET,
            service_token=reader.service_token,
            properties=DatasetProperties.write_text(
                source=DatasetProperties.write_source(bucket=asset.s3_bucket_name, key=asset.s3_object_key),
                file_name=_NAME,
                sha256=sha256,
                destination_bucket=data_store.bucket.bucket_name,
                destination_key=rubric_key(sha256),
                copied_for=f"{evaluation_id}-{reconcile}",
            ),
        )
        # The reader's permissions come before what it reads with them.
        self.resource.node.add_dependency(reader)
