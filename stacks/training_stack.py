"""What costs once: the data, the customization job, and the wait for its model."""

from typing import Any, Final, assert_never

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from bedrock_lifecycle.contract.training_await import TRAINING_LOSS, VALIDATION_LOSS
from bedrock_tuning import Foundation, ServingIntent
from bedrock_tuning.fine_tuned_model import make_training
from bedrock_tuning.spending.words import served_by
from settings import Data, Model, OnDemand, ProvisionedThroughput, Serving, Training
from settings.folder import ENVIRONMENTS_CONTEXT
from stacks.organization import given_key
from stacks.remedies import remedies_of_model
from stacks.spending_outputs import output_spending

_LOSSES: Final = {
    TRAINING_LOSS: "The training loss that Bedrock reports",
    VALIDATION_LOSS: "The validation loss that Bedrock reports",
}


class TrainingStack(Stack):
    """Complete at a training run id only when the model of that training run exists."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Model,
        training: Training,
        data: Data,
        foundation: Foundation,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        serving = serving_intent(settings.serving) if settings.serving else None
        self.customization, trained = make_training(
            self,
            foundation=foundation,
            data=data.sources,
            max_training_hours=training.max_training_hours,
            bootstrap_key=given_key(self, "BootstrapKey", settings.environment.bootstrap.key_arn),
            name=settings.name,
            environment=settings.environment.name,
            base_model=training.profile,
            base_models=training.base_models,
            customization_type=training.customization_type,
            hyper_parameters=training.hyper_parameters,
            attempt=training.attempt,
            reconcile=settings.reconcile,
            stop_on_delete=training.stop_on_delete,
            serving=serving,
            tags=settings.made_tags,
            remedies=remedies_of_model(settings, self.node.try_get_context(ENVIRONMENTS_CONTEXT)),
        )
        for name, value in trained.losses.items():
            CfnOutput(self, name, value=value, description=_LOSSES[name])
        ended_by = f"python -m tune destroy {settings.environment.name} {settings.name} --serving-only"
        spending = {**self.customization.spending, **served_by(serving, ended_by=ended_by)}
        output_spending(self, f"Fine-tuning of {settings.name}, billed once for each training run", spending, "Trains")


def serving_intent(serving: Serving) -> ServingIntent:
    """Return how the model will be served, as the constructs take it."""
    match serving.way:
        case OnDemand():
            return ServingIntent(mode="on_demand")
        case ProvisionedThroughput(model_units=model_units, commitment_duration=commitment_duration):
            return ServingIntent(
                mode="provisioned_throughput", model_units=model_units, commitment_duration=commitment_duration
            )
        case _:
            assert_never(serving.way)
