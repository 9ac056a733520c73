"""The function that checks dataset files and has them in the data store."""

from typing import Final

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.contract.evaluation_store import RUBRICS
from bedrock_tuning.common.acknowledge import acknowledge, acknowledge_wildcard
from bedrock_tuning.common.remedies import Remedies
from bedrock_tuning.common.types import GivenKey
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.data.sources import S3Source
from bedrock_tuning.data.sources.locations import region_of_key
from bedrock_tuning.lifecycle.lifecycle_function import LifecycleFunction
from bedrock_tuning.lifecycle.lifecycle_workflow import LAST_RESORT_ANSWERS, LifecycleWorkflow
from bedrock_tuning.organization.function_settings import FunctionSettings

_BY_DIGEST: Final = "the objects of one prefix, which are named by their digests"


class DatasetProvider(Construct):
    """Serves `Custom::BedrockTuningDataset`. In the data store it may read data and write reports.

    It may write data only for uses that are copied, and read outside the data store only the objects that are copied.
    So new pushed data needs no new permission, and nothing changes in IAM.

    Args:
        data_store: Where the data goes: `train/`, `validation/`, `test/`.
        workflow: The lifecycle, whose last resort answers CloudFormation if the function fails, and whose key encrypts
            its log.
        functions: What the organization prescribes for functions. Default: nothing.
        bootstrap_key: Your own key of the CDK's bootstrap bucket (`cdk bootstrap --bootstrap-kms-key-id`), which
            decrypts files that are assets. Its policy must allow the account to use it. Default: none; the default
            bootstrap's key needs no permission.
        remedies: Your app's commands and settings, for messages about data that is missing or denied. Default: none.
        reads_data: Whether it checks data. If not, it only copies rubrics, and may read no data. Default: True.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        functions: FunctionSettings | None = None,
        bootstrap_key: GivenKey | None = None,
        remedies: Remedies | None = None,
        reads_data: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        self._bootstrap_key = bootstrap_key
        self._function = LifecycleFunction(
            self,
            "Reader",
            handler="bedrock_lifecycle.functions.dataset_reader.on_event",
            description="Checks dataset files and copies them to the data store",
            timeout=Duration.minutes(15),
            key=workflow.key,
            environment=_told(remedies or Remedies()),
            # A larger share of a CPU: the time goes into checking records.
            memory_size=Size.mebibytes(1769),
            settings=functions,
        )
        self._data_store = data_store
        # Without it, S3 answers "denied" instead of "not there" for an object that does not exist yet; the request
        # carries no prefix that a condition could name.
        self._function.allow("s3:ListBucket", on=[data_store.bucket.bucket_arn])
        if reads_data:
            self._allow_checking()
        stack = Stack.of(self)
        own = f"arn:{stack.partition}:cloudformation:{stack.region}:{stack.account}:stack/{stack.stack_name}/*"
        self._function.allow("cloudformation:DescribeStacks", on=[own])
        acknowledge_wildcard(self, own, "CloudFormation makes up the last part of a stack's ARN")
        key = data_store.key_statement("Decrypt", "GenerateDataKey", via="s3")
        for statement in (key, *data_store.older_data_statements()):
            self._function.role.add_to_policy(statement)
        self.service_token: str = self._function.function.function_arn
        last_resort = workflow.last_resort.function.function_arn
        self._function.allow("lambda:InvokeFunction", on=[last_resort])
        lambda_.CfnEventInvokeConfig(
            self,
            "OnFailure",
            function_name=self._function.function.function_name,
            qualifier="$LATEST",
            # Three tries that die of their time-out fit in, and one that waited that long still ends inside
            # CloudFormation's hour. An event that is older must not be acted on: its stack may have gone on.
            maximum_event_age_in_seconds=int(Duration.minutes(40).to_seconds()),
            maximum_retry_attempts=2,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=last_resort)
            ),
        )
        acknowledge(self._function.function, "LambdaDLQ", LAST_RESORT_ANSWERS)

    def _allow_checking(self) -> None:
        data = self._data_store.object_arns(*contract.DATA_PREFIXES.values())
        self._function.allow("s3:GetObject", on=data)
        reports = self._data_store.object_arns(contract.DATASET_REPORTS_PREFIX)
        # Read in a rollback, which checks nothing again; whether a request is of one only CloudFormation can tell.
        self._function.allow("s3:GetObject", "s3:PutObject", on=reports)
        for arn in (*data, *reports):
            acknowledge_wildcard(self, arn, _BY_DIGEST)

    def allow_copy_of_rubric(self, asset: assets.Asset) -> None:
        """Allow copying one asset to the rubrics of evaluations, which are written anew for each evaluation."""
        rubrics = self._data_store.object_arns(RUBRICS)
        self._function.allow("s3:PutObject", on=rubrics)
        for arn in rubrics:
            acknowledge_wildcard(self, arn, _BY_DIGEST)
        self._allow_reading_asset(asset)

    def allow_copy_of_asset(self, asset: assets.Asset, *, to: Split) -> None:
        """Allow copying one asset, a single object of the bootstrap bucket, to the data of one split."""
        self._allow_writing(to)
        self._allow_reading_asset(asset)

    def _allow_reading_asset(self, asset: assets.Asset) -> None:
        bucket, key = asset.s3_bucket_name, asset.s3_object_key
        self._function.allow("s3:GetObject", on=[self._object(bucket, key)])
        if self._bootstrap_key:
            region = Stack.of(self).region  # CloudFormation takes assets from a bucket of its Region alone
            self._function.role.add_to_policy(self._decryption(self._bootstrap_key.key_arn, region, bucket, key))

    def allow_copy_of_version(self, source: S3Source, *, to: Split) -> None:
        """Allow copying a single object of any bucket to the data of one split, and decrypting it with its key."""
        self._allow_writing(to)
        bucket, key = source.location.bucket, source.location.key
        self._function.allow("s3:GetObjectVersion", on=[self._object(bucket, key)])
        if source.kms_key_arn:
            region = region_of_key(source.kms_key_arn)
            self._function.role.add_to_policy(self._decryption(source.kms_key_arn, region, bucket, key))

    def _allow_writing(self, split: Split) -> None:
        objects = self._data_store.object_arns(contract.DATA_PREFIXES[split])
        self._function.allow("s3:PutObject", "s3:AbortMultipartUpload", on=objects)

    def _decryption(self, key_arn: str, region: str, bucket: str, key: str) -> iam.PolicyStatement:
        # The encryption context is the object's ARN, or the bucket's where a bucket key is in use (Amazon S3 user
        # guide, "Using server-side encryption with AWS KMS keys").
        context = [self._object(bucket, key), f"arn:{Stack.of(self).partition}:s3:::{bucket}"]
        return iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=[key_arn],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"s3.{region}.amazonaws.com",
                    "kms:EncryptionContext:aws:s3:arn": context,
                }
            },
        )

    def _object(self, bucket: str, key: str) -> str:
        return f"arn:{Stack.of(self).partition}:s3:::{bucket}/{key}"


def _told(remedies: Remedies) -> dict[str, str] | None:
    """Return what the function's messages may name, as its environment; None for nothing."""
    told = {contract.PUSH_VARIABLE: remedies.push, contract.SOURCE_KEY_VARIABLE: remedies.source_key}
    return {name: value for name, value in told.items() if value} or None
