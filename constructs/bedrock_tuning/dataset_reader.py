"""The function that checks dataset files and copies them into the data store."""

from aws_cdk import Duration, Size, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from bedrock_tuning.acknowledge import acknowledge
from bedrock_tuning.data_store import DataStore
from bedrock_tuning.function_settings import FunctionSettings
from bedrock_tuning.lambda_function import LifecycleFunction
from bedrock_tuning.lifecycle_workflow import LAST_RESORT_ANSWERS, LifecycleWorkflow


class DatasetReader(Construct):
    """Serves `Custom::BedrockTuningDataset`. It may read and write single objects, not buckets.

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
            description="Checks dataset files and copies them into the data store",
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
        self._function.role.add_to_policy(data_store.key_statement("Decrypt", "GenerateDataKey", via="s3"))
        self.service_token = self._function.function.function_arn
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

    def allow_copy(self, asset: assets.Asset, *, to: str) -> None:
        """Allow copying one asset, the single object that a dataset comes from, to one key of the data store."""
        self._function.allow(
            "s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject", on=[self._bucket.arn_for_objects(to)]
        )
        self._function.allow(
            "s3:GetObject",
            on=[f"arn:{Stack.of(self).partition}:s3:::{asset.s3_bucket_name}/{asset.s3_object_key}"],
        )
