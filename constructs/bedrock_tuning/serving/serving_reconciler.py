"""The reconciler of serving: the only function that may buy Provisioned Throughput and deploy custom models."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Stack
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import SUMMARIES
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.lifecycle.foundation_rights import allow_keys_of_givers, only_tag, tag_of_givers
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.reconciler import Reconciler
from bedrock_tuning.organization.function_settings import FunctionSettings


@dataclass(frozen=True, kw_only=True)
class Promotions:
    """Which models of others may be served, and held by a tag so that they are not deleted meanwhile.

    Args:
        environment: The environment that serves them, whose name the tag's key ends with.
        givers: The owner tags of the Foundation stacks that may give models, see `stack_owner` of the contract. They
            and the keys of their data stores must be in the same account and Region.
    """

    environment: str
    givers: Sequence[str]


class ServingReconciler(Reconciler):
    """Serves what serves a model, `Custom::BedrockPromotedModel` and `Custom::BedrockServingBake`.

    Args:
        data_store: The data store, whose key encrypts the custom models, and whose further keys' models may be served.
        allow_purchases: Whether it may buy Provisioned Throughput. If not, it still updates and deletes existing ones.
            Default: True.
        allow_deleting_models: Whether it may delete custom models beyond `keep_models`. Default: True.
        promotions: Which models of other Foundations it may serve and hold. Default: none.
        allow_baking: Whether it may ask what serves questions of `test/`, and read alarms, see `ServingBake`. Default:
            False.
        reads_verdicts: Whether it may read the numbers of evaluations, by which a gate is judged again before anything
            is created, bought or moved, see `QualityGate`. Default: False.
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
        promotions: Promotions | None = None,
        allow_baking: bool = False,
        reads_verdicts: bool = False,
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
            self._rights.allow_making("bedrock:CreateProvisionedModelThroughput", on=[*models, arns.provisioned_models])
        turn.allow("bedrock:GetProvisionedModelThroughput", on=[arns.provisioned_models])
        turn.allow("bedrock:UpdateProvisionedModelThroughput", on=models)
        self._rights.allow_changing(
            "bedrock:UpdateProvisionedModelThroughput",
            "bedrock:DeleteProvisionedModelThroughput",
            on=arns.provisioned_models,
        )
        self._rights.allow_making(
            "bedrock:CreateCustomModelDeployment", on=[arns.custom_models, arns.custom_model_deployments]
        )
        turn.allow("bedrock:GetCustomModelDeployment", on=[arns.custom_model_deployments])
        turn.allow("bedrock:UpdateCustomModelDeployment", on=[arns.custom_models])
        self._rights.allow_changing(
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
            turn.allow("bedrock:DeleteCustomModel", on=[arns.custom_models], conditions=self._rights.ours)
        turn.allow(
            "bedrock:ListCustomModels",
            "bedrock:ListCustomModelDeployments",
            "bedrock:ListProvisionedModelThroughputs",
            on=["*"],
        )
        acknowledge_wildcard(self, "*", "listing models and what serves them supports no resource types")
        # What serves outlives a resource of the stack if another one holds it too.
        turn.allow("cloudformation:ListStackResources", on=[self._stacks])
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
        if promotions:
            self._allow_promotions(arns, promotions)
        if allow_baking:
            self._allow_baking(arns, data_store, marks=promotions is None)
        if reads_verdicts:
            self._allow_reading_numbers(data_store)

    def _allow_baking(self, arns: BedrockArns, data_store: DataStore, *, marks: bool) -> None:
        """Allow to ask what this Foundation serves, and with `marks` to leave on its models how that went."""
        turn = self.function
        serving = [arns.provisioned_models, arns.custom_model_deployments]
        turn.allow("bedrock:InvokeModel", on=serving, conditions=self._rights.ours)
        # See `ServedModel.grant_invoke`.
        turn.allow("bedrock:InvokeModel", on=[arns.default_project])
        questions = data_store.object_arns(contract.TEST_PREFIX)
        turn.allow("s3:GetObject", on=questions)
        for each in questions:
            acknowledge_wildcard(self, each, "which questions are asked is a setting of each model")
        turn.role.add_to_policy(data_store.key_statement("Decrypt", via="s3"))
        for statement in data_store.older_data_statements():
            turn.role.add_to_policy(statement)
        # Of composite alarms nothing is told to who may not read all (API reference, DescribeAlarms).
        turn.allow("cloudwatch:DescribeAlarms", on=["*"])
        if marks:
            self._rights.allow_leaving(contract.TAG_BAKE, on=arns.custom_models)

    def _allow_reading_numbers(self, data_store: DataStore) -> None:
        turn = self.function
        turn.function.add_environment(contract.DATA_BUCKET_VARIABLE, data_store.bucket.bucket_name)
        numbers = data_store.object_arns(SUMMARIES)
        turn.allow("s3:GetObject", on=numbers)
        # Whether they are there, without reading them.
        turn.allow(
            "s3:ListBucket",
            on=[data_store.bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{SUMMARIES}*"}},
        )
        turn.role.add_to_policy(data_store.key_statement("Decrypt", via="s3"))
        for each in numbers:
            acknowledge_wildcard(self, each, "which evaluation is read is a setting of each model")

    def _allow_promotions(self, arns: BedrockArns, promotions: Promotions) -> None:
        """Allow the use of what others trained: by the tags of their Foundations, and no tag of theirs is changed."""
        givers = list(promotions.givers)
        self.function.allow(
            "bedrock:TagResource",
            "bedrock:UntagResource",
            on=[arns.custom_models],
            conditions={
                "StringEquals": {f"aws:ResourceTag/{contract.TAG_FOUNDATION}": givers},
                **only_tag(contract.hold_tag(promotions.environment)),
            },
        )
        keys = allow_keys_of_givers(self.function, givers, "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant")
        self.function.allow("kms:DescribeKey", on=[keys], conditions={"StringEquals": tag_of_givers(givers)})
