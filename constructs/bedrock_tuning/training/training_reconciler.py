"""The reconciler of training runs: may create customization jobs, and read what became of them."""

from aws_cdk import Stack
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.common.types import GivenRole
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.reconciler import Reconciler
from bedrock_tuning.organization.function_settings import FunctionSettings


class TrainingReconciler(Reconciler):
    """Serves `Custom::BedrockModelCustomization` and `Custom::BedrockTrainingAwait`.

    Args:
        data_store: The data store, whose objects the jobs read, and whose key encrypts the custom models.
        service_role: The one role that this function may pass to Bedrock.
        allow_training: Whether it may create customization jobs, and use role and key for them. If not, it still stops
            and tags existing jobs. Default: True.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ledger: Ledger,
        data_store: DataStore,
        service_role: GivenRole,
        functions: FunctionSettings | None = None,
        stack_names: str = "*",
        allow_training: bool = True,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="bedrock_lifecycle.functions.training_reconciler.on_turn",
            description="Creates and watches Bedrock model customization jobs",
            ledger=ledger,
            functions=functions,
            stack_names=stack_names,
        )
        arns = BedrockArns(Stack.of(self))
        turn = self.function
        if allow_training:
            self._allow_training(arns, data_store, service_role)
        turn.allow("bedrock:GetModelCustomizationJob", on=[arns.customization_jobs])
        turn.allow("bedrock:GetCustomModel", on=[arns.custom_models])
        turn.allow("bedrock:ListTagsForResource", on=[arns.customization_jobs, arns.custom_models])
        self._rights.allow_changing("bedrock:StopModelCustomizationJob", on=arns.customization_jobs)
        self._rights.allow_changing(on=arns.custom_models)
        # A training run is stopped with a stack that was complete once, and goes on when a first deployment is taken
        # back.
        turn.allow("cloudformation:DescribeStackEvents", on=[self._stacks])
        self._allow_preflight(arns, data_store, service_role)
        acknowledge_wildcard(self, arns.foundation_models, "a retrain may start from another base model")
        for arn in (arns.custom_models, arns.customization_jobs):
            acknowledge_wildcard(self, arn, "Bedrock makes up the last part of the ARN")

    def allow_announcing(self) -> None:
        """Allow it to send an event to EventBridge's default bus when a training run does not start."""
        stack = Stack.of(self)
        self.function.function.add_environment(contract.ANNOUNCE_VARIABLE, "true")
        self.function.allow(
            "events:PutEvents",
            on=[f"arn:{stack.partition}:events:{stack.region}:{stack.account}:event-bus/default"],
            conditions={"StringEquals": {"events:source": contract.EVENT_SOURCE}},
        )

    def _allow_training(self, arns: BedrockArns, data_store: DataStore, service_role: GivenRole) -> None:
        # The service authorization reference lists base and custom models for this action, real refusals name the
        # job: all three are needed.
        self._rights.allow_making(
            "bedrock:CreateModelCustomizationJob",
            on=[arns.foundation_models, arns.custom_models, arns.customization_jobs],
        )
        self.function.allow(
            "iam:PassRole",
            on=[service_role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
        )
        use = data_store.key_statement("Decrypt", "GenerateDataKey", "CreateGrant", via="bedrock")
        self.function.role.add_to_policy(use)

    def _allow_preflight(self, arns: BedrockArns, data_store: DataStore, service_role: GivenRole) -> None:
        """Allow the reads that go before a job, see `bedrock_lifecycle.preflight.tables`."""
        turn = self.function
        turn.allow("bedrock:GetFoundationModel", on=[arns.foundation_models])
        turn.allow(
            "bedrock:GetFoundationModelAvailability",
            "bedrock:ListCustomModelDeployments",
            "bedrock:ListCustomModels",
            "bedrock:ListFoundationModels",
            "bedrock:ListModelCustomizationJobs",
            "bedrock:ListProvisionedModelThroughputs",
            on=["*"],
        )
        acknowledge_wildcard(self, "*", "listing, and reading a model's availability, support no resource types")
        turn.allow("servicequotas:GetServiceQuota", on=[arns.quotas])
        acknowledge_wildcard(self, arns.quotas, "which quotas are read follows from the base model of a training run")
        turn.allow("iam:GetRole", "iam:SimulatePrincipalPolicy", on=[service_role.role_arn])
        # Whether an object is there, without reading it.
        prefixes = [f"{prefix}*" for prefix in (contract.TRAIN_PREFIX, contract.VALIDATION_PREFIX)]
        turn.allow(
            "s3:ListBucket",
            on=[data_store.bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": prefixes}},
        )
        # Which version is there: HeadObject. Without the key through S3 nothing of an encrypted object can be read.
        objects = data_store.object_arns(contract.TRAIN_PREFIX, contract.VALIDATION_PREFIX)
        turn.allow("s3:GetObject", on=objects)
        for arn in objects:
            acknowledge_wildcard(self, arn, "the objects of one prefix, which the training runs name")
        turn.allow("kms:DescribeKey", on=[data_store.key.key_arn])
