"""What a judge compares answers by: a file of this machine, where the judge reads it, and in no template."""

from typing import Final

from aws_cdk import AssetHashType, CustomResource
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.dataset import DatasetProperties
from bedrock_lifecycle.contract.evaluation_store import rubric_key
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.data.dataset_provider import DatasetProvider
from bedrock_tuning.evaluation.inputs import Judge

_NAME: Final = "rubric"


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
