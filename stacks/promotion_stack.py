"""What takes the place of a training run where another environment gives its model: nothing in it bills."""

from typing import Any

from aws_cdk import Stack
from constructs import Construct

from bedrock_tuning import Foundation, PromotedModel
from bedrock_tuning.common.naming import stack_owner_beside
from settings import Model, Promotion, Serving
from stacks.spending_outputs import output_spending
from stacks.training_stack import serving_intent


class PromotionStack(Stack):
    """Complete only when the model exists, is what the settings say, and is held for this environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Model,
        promotion: Promotion,
        serving: Serving,
        foundation: Foundation,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        environment = settings.environment
        promoted = PromotedModel(
            self,
            "PromotedModel",
            name=settings.name,
            environment=environment.name,
            giver=promotion.giver,
            giver_foundation=stack_owner_beside(self, environment.givers[promotion.giver]),
            base_model=promotion.profile,
            customization_type=promotion.customization_type,
            hyper_parameters=promotion.hyper_parameters,
            train_sha256=promotion.train_sha256,
            validation_sha256=promotion.validation_sha256,
            attempt=promotion.attempt,
            kms_key_arn=promotion.kms_key_arn,
            mode=serving_intent(serving).mode,
            reconcile=settings.reconcile,
            data_store=foundation.data_store,
            workflow=foundation.workflow,
        )
        about = f"Promotion of {settings.name} from {promotion.giver}"
        output_spending(self, about, promoted.spending, "Promotes", "Bills")
