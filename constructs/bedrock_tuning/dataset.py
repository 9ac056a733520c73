"""A file of records, checked and copied to where Bedrock may read it."""

import hashlib
from pathlib import Path
from typing import Final

from aws_cdk import CustomResource
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.base_models import BaseModelProfile
from bedrock_tuning.data_files.limits import Split, limits_of
from bedrock_tuning.data_store import DataStore
from bedrock_tuning.dataset_reader import DatasetReader

_PREFIXES: Final[dict[Split, str]] = {
    "train": contract.TRAIN_PREFIX,
    "validation": contract.VALIDATION_PREFIX,
    "test": contract.TEST_PREFIX,
}
_CHUNK_BYTES: Final = 1 << 20


class Dataset(Construct):
    """One data file of a training, at `<split>/<sha256>.jsonl` in the data store.

    The file travels as a CDK asset. Before anything else uses it, every record is checked against the base model's
    limits and its bytes against its digest, while it is streamed; a file that is refused is not written, and the
    deployment fails naming line, field and rule, never content. What was written once is never written again, and
    it stays when the stack is deleted.

    Args:
        path: The JSON Lines file.
        split: What it is for: `train`, `validation` or `test`.
        base_model: Whose format and limits the records must meet.
        data_store: Where it is copied to.
        reader: The function that copies it.
        reconcile: Counting it up sends an event, which brings back a copy that was deleted. Default: 0.

    Attributes:
        sha256: Digest of the file's bytes, its identity.
        uri: `s3://` URI of the copy.

    Raises:
        OSError: When the file cannot be read.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        path: Path,
        split: Split,
        base_model: BaseModelProfile,
        data_store: DataStore,
        reader: DatasetReader,
        reconcile: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        limits = limits_of(base_model, split)
        self.sha256 = _sha256(path)
        key = f"{_PREFIXES[split]}{self.sha256}.jsonl"
        asset = assets.Asset(self, "File", path=str(path.resolve()))
        reader.allow_copy(asset, to=key)
        self.resource = CustomResource(
            self,
            "Copy",
            resource_type=contract.DATASET,
            service_token=reader.service_token,
            properties={
                "ContractVersion": contract.CONTRACT_VERSION,
                "SourceBucket": asset.s3_bucket_name,
                "SourceKey": asset.s3_object_key,
                "FileName": path.name,
                "Reconcile": str(reconcile),
                "Sha256": self.sha256,
                "DestinationBucket": data_store.bucket.bucket_name,
                "DestinationKey": key,
                **limits.to_properties(),
            },
        )
        # The reader's permissions come before what it reads with them.
        self.resource.node.add_dependency(reader)
        self.uri = data_store.uri(key)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
