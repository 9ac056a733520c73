"""The reconciler of evaluations: may start and stop runs of their workflow, and read what came of them."""

from aws_cdk import Stack
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract import evaluation_store as store
from bedrock_tuning.common.acknowledge import acknowledge_wildcard
from bedrock_tuning.common.bedrock_arns import BedrockArns
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.evaluation.evaluation_workflow import EvaluationWorkflow
from bedrock_tuning.lifecycle.ledger import Ledger
from bedrock_tuning.lifecycle.reconciler import Reconciler
from bedrock_tuning.organization.function_settings import FunctionSettings


class EvaluationReconciler(Reconciler):
    """Serves `Custom::BedrockEvaluation`, `Custom::BedrockEvaluationAwait` and `Custom::BedrockQualityGate`.

    Args:
        data_store: The data store that has plans and summaries of evaluations.
        evaluations: The workflow that it starts and stops.
        marks_models: Whether it leaves the verdict of a gate on the models of this Foundation, by a tag. Default: True.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        ledger: Ledger,
        data_store: DataStore,
        evaluations: EvaluationWorkflow,
        functions: FunctionSettings | None = None,
        stack_names: str = "*",
        marks_models: bool = True,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="bedrock_lifecycle.functions.evaluation_reconciler.on_turn",
            description="Starts and follows evaluations of tuned models, and judges what they measured",
            ledger=ledger,
            functions=functions,
            stack_names=stack_names,
            # Deployments on demand are younger than what a runtime may have.
            with_bedrock_api=True,
        )
        turn = self.function
        turn.function.add_environment(contract.DATA_BUCKET_VARIABLE, data_store.bucket.bucket_name)
        turn.function.add_environment(
            contract.EVALUATION_WORKFLOW_VARIABLE, evaluations.state_machine.state_machine_arn
        )
        self._allow_running(evaluations)
        self._allow_bedrock(marks_models=marks_models)
        self._allow_store(data_store)

    def _allow_running(self, evaluations: EvaluationWorkflow) -> None:
        turn = self.function
        machine = evaluations.state_machine.state_machine_arn
        turn.allow("states:StartExecution", "states:ListExecutions", on=[machine])
        turn.allow("states:DescribeExecution", "states:StopExecution", on=[evaluations.executions_arn])
        acknowledge_wildcard(self, evaluations.executions_arn, "a run is named for the evaluation that it runs")
        # What a run came to is encrypted.
        turn.allow(
            "kms:Decrypt",
            on=[evaluations.key.key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"states.{Stack.of(self).region}.amazonaws.com"}},
        )
        # A run ends with the stack that goes for good.
        turn.allow("cloudformation:DescribeStackEvents", on=[self._stacks])

    def _allow_bedrock(self, *, marks_models: bool) -> None:
        turn = self.function
        arns = BedrockArns(Stack.of(self))
        turn.allow("bedrock:GetModelCustomizationJob", on=[arns.customization_jobs])
        turn.allow("bedrock:GetCustomModel", on=[arns.custom_models])
        turn.allow("bedrock:GetCustomModelDeployment", on=[arns.custom_model_deployments])
        self._rights.allow_changing("bedrock:DeleteCustomModelDeployment", on=arns.custom_model_deployments)
        turn.allow("bedrock:ListTagsForResource", on=[arns.custom_models, arns.custom_model_deployments])
        if marks_models:
            self._rights.allow_leaving(contract.TAG_VERDICT, on=arns.custom_models)
        # What goes before a run, see `bedrock_lifecycle.preflight.tables`.
        turn.allow("bedrock:GetFoundationModel", on=[arns.foundation_models])
        turn.allow("bedrock:GetFoundationModelAvailability", "bedrock:ListCustomModelDeployments", on=["*"])
        acknowledge_wildcard(self, "*", "listing, and reading a model's availability, support no resource types")
        turn.allow("servicequotas:GetServiceQuota", on=[arns.quotas])
        acknowledge_wildcard(self, arns.quotas, "which quotas are read follows from the model that is evaluated")
        acknowledge_wildcard(self, arns.foundation_models, "which models are asked is a setting of each model")
        for arn in (arns.custom_models, arns.customization_jobs, arns.custom_model_deployments):
            acknowledge_wildcard(self, arn, "Bedrock makes up the last part of the ARN")

    def _allow_store(self, data_store: DataStore) -> None:
        turn = self.function
        # Whether an object is there, without reading it.
        prefixes = [f"{prefix}*" for prefix in (contract.TEST_PREFIX, store.SUMMARIES)]
        turn.allow(
            "s3:ListBucket",
            on=[data_store.bucket.bucket_arn],
            conditions={"StringLike": {"s3:prefix": prefixes}},
        )
        plans, numbers = data_store.object_arns(store.PLANS), data_store.object_arns(store.SUMMARIES)
        turn.allow("s3:PutObject", on=plans)
        turn.allow("s3:GetObject", on=numbers)
        turn.role.add_to_policy(data_store.key_statement("Decrypt", "GenerateDataKey", via="s3"))
        for arn in (*plans, *numbers):
            acknowledge_wildcard(self, arn, "the objects of one prefix, which the evaluations name")
