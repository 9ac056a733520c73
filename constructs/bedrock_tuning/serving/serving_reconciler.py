"""The reconciler of serving: the only function that may buy Provisioned Throughput and deploy custom models."""

from aws_cdk import Stack
from constructs import Construct

from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.reconciler import Reconciler
from bedrock_tuning.organization.function_settings import FunctionSettings


class ServingReconciler(Reconciler):
    """Serves `Custom::BedrockProvisionedThroughput` and `Custom::BedrockCustomModelDeployment`.

    Args:
        data_store: The data store, whose key encrypts the custom models, and whose further keys' models may be served.
        allow_purchases: Whether it may buy Provisioned Throughput. If not, it still updates and deletes existing ones.
            Default: True.
        allow_deleting_models: Whether it may delete custom models beyond `keep_models`. Default: True.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ledger: Ledger,
        data_store: DataStore,
        functions: FunctionSettings | None = None,
        stack_names: str = "*",
        allow_purchases: bool = True,
        allow_deleting_models: bool = True,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="bedrock_lifecycle.functions.serving_reconciler.on_turn",
            description="Creates, updates and deletes what serves custom models in Bedrock",
            ledger=ledger,
            functions=functions,
            stack_names=stack_names,
            # UpdateCustomModelDeployment is younger than what a runtime may have.
            with_bedrock_api=True,
        )
        arns = BedrockArns(Stack.of(self))
        turn = self.function
        turn.allow("bedrock:GetModelCustomizationJob", on=[arns.customization_jobs])
        turn.allow("bedrock:GetCustomModel", on=[arns.custom_models])
        # The service authorization reference lists base and custom models for creating and updating, and the throughput
        # or the deployment for updating alone.
        models = [arns.custom_models, arns.foundation_models]
        if allow_purchases:
            self._allow_making("bedrock:CreateProvisionedModelThroughput", on=[*models, arns.provisioned_models])
        turn.allow("bedrock:GetProvisionedModelThroughput", on=[arns.provisioned_models])
        turn.allow("bedrock:UpdateProvisionedModelThroughput", on=models)
        self._allow_changing(
            "bedrock:UpdateProvisionedModelThroughput",
            "bedrock:DeleteProvisionedModelThroughput",
            on=arns.provisioned_models,
        )
        self._allow_making(
            "bedrock:CreateCustomModelDeployment", on=[arns.custom_models, arns.custom_model_deployments]
        )
        turn.allow("bedrock:GetCustomModelDeployment", on=[arns.custom_model_deployments])
        turn.allow("bedrock:UpdateCustomModelDeployment", on=[arns.custom_models])
        self._allow_changing(
            "bedrock:UpdateCustomModelDeployment",
            "bedrock:DeleteCustomModelDeployment",
            on=arns.custom_model_deployments,
        )
        turn.allow(
            "bedrock:ListTagsForResource",
            on=[arns.provisioned_models, arns.custom_model_deployments, arns.customization_jobs, arns.custom_models],
        )
        # Retires models beyond `keep_models`. The lists support no resource types.
        if allow_deleting_models:
            turn.allow("bedrock:DeleteCustomModel", on=[arns.custom_models], conditions=self._ours)
        turn.allow(
            "bedrock:ListCustomModels",
            "bedrock:ListCustomModelDeployments",
            "bedrock:ListProvisionedModelThroughputs",
            on=["*"],
        )
        acknowledge_wildcard(self, "*", "listing models and what serves them supports no resource types")
        # What goes before a purchase or a deployment, see `bedrock_lifecycle.preflight.tables`.
        turn.allow("bedrock:GetFoundationModel", on=[arns.foundation_models])
        turn.allow("bedrock:ListFoundationModels", on=["*"])
        turn.allow("servicequotas:GetServiceQuota", on=[arns.quotas])
        acknowledge_wildcard(self, arns.quotas, "which quotas are read follows from the base model that is served")
        turn.allow("kms:DescribeKey", on=[key.key_arn for key in (data_store.key, *data_store.model_keys)])
        # Who creates a throughput or a deployment for an encrypted model needs its key (Bedrock user guide,
        # "Prerequisites for Provisioned Throughput", "Deploy a custom model for on-demand inference").
        turn.role.add_to_policy(data_store.served_keys_statement("Decrypt", "GenerateDataKey", "CreateGrant"))
        acknowledge_wildcard(self, arns.foundation_models, "the base model changes with the training that is served")
        for arn in (
            arns.custom_models,
            arns.customization_jobs,
            arns.provisioned_models,
            arns.custom_model_deployments,
        ):
            acknowledge_wildcard(self, arn, "Bedrock makes up the last part of the ARN")
