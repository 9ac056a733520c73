"""What costs while it stands: a throughput or a deployment that serves the model."""

from typing import Any, Final, assert_never

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from bedrock_tuning import CustomModelDeployment, ModelAccess, ProvisionedThroughput
from bedrock_tuning.serving.served_model import ServedModel
from settings import Model, OnDemand, Serving
from settings import ProvisionedThroughput as Purchase
from settings.access import access_id
from stacks.foundation_stack import FoundationStack
from stacks.spending_outputs import output_spending

# The same for every way of serving, so that one takes the place of the other and the SSM parameter stays.
_SERVED_MODEL: Final = "ServedModel"


class ServingStack(Stack):
    """Serves until it is destroyed: by the hour, or by the token, as the settings say.

    Args:
        settings: The model in its environment.
        serving: Its `[serving]`.
        foundation: The Foundation stack of that environment.
        model_owner: `ModelCustomization.owner` of its training; None when it serves a model that was given.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Model,
        serving: Serving,
        foundation: FoundationStack,
        model_owner: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        served = self._served_model(
            serving,
            name=settings.name,
            environment=settings.environment.name,
            base_model=settings.profile,
            base_models=settings.base_models,
            training_id=settings.training_id if settings.training else None,
            attempt=settings.training.attempt if settings.training else 1,
            model_arn=serving.model_arn,
            reconcile=settings.reconcile,
            keep_models=serving.keep_models,
            model_owner=model_owner,
            data_store=foundation.data_store,
            workflow=foundation.workflow,
            tags=settings.made_tags,
        )
        CfnOutput(self, "ModelId", value=served.model_id, description="modelId for InvokeModel and Converse")
        CfnOutput(
            self,
            "ModelIdParameter",
            value=served.parameter.parameter_name,
            description="SSM parameter that has the model ID, for applications",
        )
        for access in settings.access:
            ModelAccess(
                self,
                access_id(access.account),
                served_model=served,
                account=access.account,
                principals=access.principals,
                role_name=settings.access_role(access.account).rpartition("/")[2],
                organization_id=access.organization_id,
            )
        output_spending(self, f"Serving of {settings.name}", served.spending, "Buys", "Bills")

    def _served_model(self, serving: Serving, **arguments: Any) -> ServedModel:
        match serving.way:
            case OnDemand():
                return CustomModelDeployment(self, _SERVED_MODEL, **arguments)
            case Purchase() as purchase:
                return ProvisionedThroughput(
                    self,
                    _SERVED_MODEL,
                    model_units=purchase.model_units,
                    commitment_duration=purchase.commitment_duration,
                    acknowledge_commitment=purchase.acknowledge_commitment,
                    detach_when_committed=purchase.detach_when_committed,
                    **arguments,
                )
            case _:
                assert_never(serving.way)
