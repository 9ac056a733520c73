"""The role that Amazon Bedrock assumes while it trains."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.common.acknowledge import acknowledge_inline_policy, acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.organization.resource_naming import ROOT_PATH, keep_path
from bedrock_tuning.organization.vpc_access import interfaces, job_statements
from bedrock_tuning.organization.vpc_config import VpcConfig


class ServiceRole(Construct):
    """Lets Bedrock read training and validation data and write metrics, only for customization jobs of this account.

    The trust policy is that of the Bedrock user guide for model customization: the service principal, the account as
    `aws:SourceAccount`, and customization jobs of this Region as `aws:SourceArn`. It may read `train/` and
    `validation/`, write and read `output/`, list only these prefixes, and use the key through Amazon S3 for the data
    and through Bedrock for the model.

    Args:
        data_store: The bucket and key of the training runs.
        vpc_config: The network of the training runs, the same as for `ModelCustomization`. Default: none.
        path: Path of the role, with a slash at both ends; overrides `ResourceNaming`. Default: that of
            `ResourceNaming`, or /.

    Attributes:
        role: The role, for `ModelCustomization`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        data_store: DataStore,
        vpc_config: VpcConfig | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        if path:
            keep_path(self, path)
        account = Stack.of(self).account
        jobs = BedrockArns(Stack.of(self)).customization_jobs
        self.role: iam.Role = iam.Role(
            self,
            "Role",
            description="Assumed by Amazon Bedrock to read training data and to write metrics",
            path=path if path != ROOT_PATH else None,
            assumed_by=iam.ServicePrincipal(
                "bedrock.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnEquals": {"aws:SourceArn": jobs},
                },
            ),
        )
        # A training run that was begun before the data store was changed reads and writes to its end where it began.
        inputs = (contract.TRAIN_PREFIX, contract.VALIDATION_PREFIX)
        for statement in (
            iam.PolicyStatement(
                sid="ReadTrainingData", actions=["s3:GetObject"], resources=data_store.object_arns(*inputs, kept=True)
            ),
            iam.PolicyStatement(
                sid="WriteMetrics",
                actions=["s3:GetObject", "s3:PutObject"],
                resources=data_store.object_arns(contract.OUTPUT_PREFIX, kept=True),
            ),
            iam.PolicyStatement(
                sid="ListItsPrefixes",
                actions=["s3:ListBucket"],
                resources=data_store.bucket_arns(kept=True),
                conditions={
                    "StringLike": {"s3:prefix": [f"{prefix}*" for prefix in (*inputs, contract.OUTPUT_PREFIX)]}
                },
            ),
            data_store.key_statement("Decrypt", "GenerateDataKey", via="s3", kept=True),
            *data_store.older_data_statements(),
            # The grants that Bedrock makes for itself on the key of a custom model: Bedrock user guide,
            # "Encryption of model customization jobs and artifacts".
            data_store.key_statement(
                "Decrypt", "GenerateDataKey", "DescribeKey", "CreateGrant", via="bedrock", kept=True
            ),
        ):
            self.role.add_to_policy(statement)
        if vpc_config:
            self._allow_network(vpc_config)
        acknowledge_inline_policy(self.role)
        for arn in data_store.object_arns(*inputs, contract.OUTPUT_PREFIX, kept=True):
            acknowledge_wildcard(self, arn, "the objects of one prefix, which the training runs name")

    def _allow_network(self, vpc_config: VpcConfig) -> None:
        stack = Stack.of(self)
        for statement in job_statements(stack, vpc_config):
            self.role.add_to_policy(statement)
        acknowledge_wildcard(self, "*", "the actions that describe networks support no resource types")
        acknowledge_wildcard(self, interfaces(stack), "Bedrock creates the interfaces; tags restrict them to its jobs")
