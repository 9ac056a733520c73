"""What costs while it stands: a throughput or a deployment that serves the model."""

from typing import Any, Final, assert_never

from aws_cdk import Annotations, CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from bedrock_tuning import CustomModelDeployment, ModelAccess, ProvisionedThroughput, QualityGate, ServingBake
from bedrock_tuning.common.messages import shown
from bedrock_tuning.foundation import Foundation
from bedrock_tuning.serving.served_model import ServedModel
from settings import Bake, Model, OnDemand, Serving
from settings import ProvisionedThroughput as Purchase
from settings.access import access_id
from settings.folder import ENVIRONMENTS_CONTEXT
from stacks.remedies import push_of_model, remedies_of_model
from stacks.spending_outputs import output_spending

# The same for every way of serving, so that one takes the place of the other and the SSM parameter stays.
_SERVED_MODEL: Final = "ServedModel"


class ServingStack(Stack):
    """Serves until it is destroyed: by the hour, or by the token, as the settings say.

    Args:
        settings: The model in its environment.
        serving: Its `[serving]`.
        foundation: The Foundation of that environment.
        model_owner: `ModelCustomization.owner` of its training; None when it serves a model that was promoted or given.
        gate: What its evaluation must have shown before. Default: none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Model,
        serving: Serving,
        foundation: Foundation,
        model_owner: str | None,
        gate: QualityGate | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        made = settings.training or settings.promotion
        served = self._served_model(
            serving,
            name=settings.name,
            environment=settings.environment.name,
            base_model=settings.profile,
            base_models=settings.base_models,
            training_id=settings.training_id if made else None,
            attempt=made.attempt if made else 1,
            model_environment=settings.promotion.giver if settings.promotion else None,
            model_key_arn=settings.promotion.kms_key_arn if settings.promotion else None,
            model_arn=serving.model_arn,
            reconcile=settings.reconcile,
            keep_models=serving.keep_models,
            model_owner=model_owner,
            data_store=foundation.data_store,
            workflow=foundation.workflow,
            tags=settings.made_tags,
            gate=gate,
        )
        CfnOutput(self, "ModelId", value=served.model_id, description="modelId for InvokeModel and Converse")
        CfnOutput(
            self,
            "ModelIdParameter",
            value=served.parameter.parameter_name,
            description="SSM parameter that has the model ID, for applications",
        )
        accesses = [
            ModelAccess(
                self,
                access_id(access.account),
                served_model=served,
                account=access.account,
                principals=access.principals,
                role_name=settings.access_role(access.account).rpartition("/")[2],
                organization_id=access.organization_id,
            )
            for access in settings.access
        ]
        spending = dict(served.spending)
        if serving.bake:
            bake = self._bake(served, serving.bake, settings, foundation)
            # The last of the stack: whoever is let in meets what is asked.
            bake.node.add_dependency(*accesses)
            spending |= bake.spending
        output_spending(self, f"Serving of {settings.name}", spending, "Buys", "Bills")

    def _bake(self, served: ServedModel, bake: Bake, settings: Model, foundation: Foundation) -> ServingBake:
        folder = self.node.try_get_context(ENVIRONMENTS_CONTEXT)
        if bake.file:
            where = f"{settings.environment.name}/{settings.name}.toml: serving.bake.path"
            why = f"must be pushed before a deployment (got {shown(bake.file.file_name)})"
            Annotations.of(self).add_error(
                f"{where}: {why}; run {push_of_model(settings, folder)}, which writes its sha256 in place of the path"
            )
        return ServingBake(
            self,
            "Bake",
            served_model=served,
            data_store=foundation.data_store,
            workflow=foundation.workflow,
            questions_sha256=settings.bake_sha256,
            questions=bake.questions,
            max_output_tokens=bake.max_output_tokens,
            right=bake.right,
            alarms=[
                cloudwatch.Alarm.from_alarm_name(self, f"Alarm{number}", name)
                for number, name in enumerate(bake.alarms, 1)
            ],
            minutes=bake.minutes,
            reconcile=settings.reconcile,
            remedies=remedies_of_model(settings, folder),
        )

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
                    commit_baked_only=serving.bake is not None,
                    **arguments,
                )
            case _:
                assert_never(serving.way)
