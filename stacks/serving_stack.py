"""What costs while it stands: the throughput that serves the model."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from bedrock_tuning import ProvisionedThroughput
from stacks.foundation_stack import FoundationStack
from stacks.settings import Environment, Serving


class ServingStack(Stack):
    """Bills by the hour from its creation until it is destroyed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Environment,
        serving: Serving,
        model_owner: str,
        foundation: FoundationStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        purchase = serving.provisioned_throughput
        throughput = ProvisionedThroughput(
            self,
            "ProvisionedThroughput",
            name=settings.name,
            environment=settings.environment,
            base_model=settings.training.profile,
            base_models=settings.training.base_models,
            training_id=settings.training_id,
            attempt=settings.training.attempt,
            model_units=purchase.model_units,
            commitment_duration=purchase.commitment_duration,
            acknowledge_commitment=purchase.acknowledge_commitment,
            detach_when_committed=purchase.detach_when_committed,
            reconcile=settings.reconcile,
            keep_models=serving.keep_models,
            model_owner=model_owner,
            data_store=foundation.data_store,
            workflow=foundation.workflow,
            tags=settings.tags,
        )
        CfnOutput(
            self, "ProvisionedModelArn", value=throughput.provisioned_model_arn, description="modelId for InvokeModel"
        )
        CfnOutput(
            self,
            "ModelIdParameter",
            value=throughput.parameter.parameter_name,
            description="SSM parameter that holds it, for applications",
        )
