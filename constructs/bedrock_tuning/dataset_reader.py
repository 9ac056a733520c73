"""The function that checks dataset files and has them in the data store."""

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_tuning.acknowledge import acknowledge
from bedrock_tuning.data_sources import S3Source
from bedrock_tuning.data_sources.locations import region_of_key
from bedrock_tuning.data_store import DataStore
from bedrock_tuning.function_settings import FunctionSettings
from bedrock_tuning.lambda_function import LifecycleFunction
from bedrock_tuning.lifecycle_workflow import LAST_RESORT_ANSWERS, LifecycleWorkflow


class DatasetReader(Construct):
    """Serves `Custom::BedrockTuningDataset`. It may read and write single objects, not buckets or prefixes.

    Args:
        data_store: Where the data goes: `train/`, `validation/`, `test/`.
        workflow: Whose last resort answers CloudFormation when the function died.
        functions: What the organization prescribes for functions. Default: nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        functions: FunctionSettings | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._function = LifecycleFunction(
            self,
            "Reader",
            handler="bedrock_lifecycle.functions.dataset_reader.on_event",
            description="Checks dataset files and has them in the data store",
            timeout=Duration.minutes(15),
            key=data_store.key,
            # A larger share of a CPU: the time goes into checking records.
            memory_size=Size.mebibytes(1769),
            settings=functions,
        )
        self._bucket = data_store.bucket
        # Without it, S3 answers "denied" instead of "not there" for an object that does not exist yet; the request
        # carries no prefix that a condition could name.
        self._function.allow("s3:ListBucket", on=[self._bucket.bucket_arn])
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
            maximum_retry_attempts=2,
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=last_resort)
            ),
        )
        acknowledge(self._function.function, "LambdaDLQ", LAST_RESORT_ANSWERS)

    def allow_check(self, key: str, *, report: str) -> None:
        """Allow reading one object of the data store where it lies, and writing the report on it."""
        self._function.allow("s3:GetObject", on=[self._bucket.arn_for_objects(key)])
        self._function.allow("s3:PutObject", on=[self._bucket.arn_for_objects(report)])

    def allow_copy_of_asset(self, asset: assets.Asset, *, to: str) -> None:
        """Allow copying one asset, a single object of the bootstrap bucket, to one key of the data store."""
        self._allow_writing(to)
        self._function.allow("s3:GetObject", on=[self._object(asset.s3_bucket_name, asset.s3_object_key)])

    def allow_copy_of_version(self, source: S3Source, *, to: str) -> None:
        """Allow copying a single object of any bucket to one key of the data store, and decrypting it with its key."""
        self._allow_writing(to)
        bucket, key = source.location.bucket, source.location.key
        self._function.allow("s3:GetObjectVersion", on=[self._object(bucket, key)])
        if source.kms_key_arn:
            self._function.role.add_to_policy(self._decryption(source.kms_key_arn, bucket, key))

    def _allow_writing(self, key: str) -> None:
        self._function.allow("s3:PutObject", "s3:AbortMultipartUpload", on=[self._bucket.arn_for_objects(key)])

    def _decryption(self, key_arn: str, bucket: str, key: str) -> iam.PolicyStatement:
        # The encryption context is the object's ARN, or the bucket's where a bucket key is in use (Amazon S3 user
        # guide, "Using server-side encryption with AWS KMS keys").
        context = [self._object(bucket, key), f"arn:{Stack.of(self).partition}:s3:::{bucket}"]
        return iam.PolicyStatement(
            actions=["kms:Decrypt"],
            resources=[key_arn],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"s3.{region_of_key(key_arn)}.amazonaws.com",
                    "kms:EncryptionContext:aws:s3:arn": context,
                }
            },
        )

    def _object(self, bucket: str, key: str) -> str:
        return f"arn:{Stack.of(self).partition}:s3:::{bucket}/{key}"
