"""What costs once: the data, the customization job, and the wait for its model."""

from typing import Any, Final, assert_never

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from bedrock_lifecycle.contract import Split
from bedrock_lifecycle.contract.training_await import TRAINING_LOSS, VALIDATION_LOSS
from bedrock_tuning import Dataset, DatasetProvider, DataSource, ModelCustomization, ServingIntent, TrainingAwait
from bedrock_tuning.checks.base_model import used_validation
from bedrock_tuning.spending.words import served_by
from settings import Data, Model, OnDemand, ProvisionedThroughput, Serving, Training
from settings.folder import ENVIRONMENTS_CONTEXT
from stacks.foundation_stack import FoundationStack
from stacks.organization import function_settings, given_key, vpc_config
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
        foundation: FoundationStack,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._settings = settings
        self._foundation = foundation
        self._customization_type = training.customization_type
        remedies = remedies_of_model(settings, self.node.try_get_context(ENVIRONMENTS_CONTEXT))
        self._reader = DatasetProvider(
            self,
            "DatasetReader",
            data_store=foundation.data_store,
            workflow=foundation.workflow,
            functions=function_settings(settings.environment.organization),
            bootstrap_key=given_key(self, "BootstrapKey", settings.environment.bootstrap.key_arn),
            remedies=remedies,
        )
        serving = _serving_intent(settings.serving)
        validation = used_validation(self, training.profile, training.customization_type, data.validation)
        self.customization = ModelCustomization(
            self,
            "ModelCustomization",
            name=settings.name,
            environment=settings.environment.name,
            base_model=training.profile,
            customization_type=training.customization_type,
            base_models=training.base_models,
            train=self._dataset("TrainingData", "train", data.train),
            validation=self._dataset("ValidationData", "validation", validation) if validation else None,
            test=self._dataset("TestData", "test", data.test) if data.test else None,
            hyper_parameters=training.hyper_parameters,
            attempt=training.attempt,
            reconcile=settings.reconcile,
            stop_on_delete=training.stop_on_delete,
            vpc_config=vpc_config(settings.environment.organization.job_vpc),
            serving=serving,
            data_store=foundation.data_store,
            service_role=foundation.service_role,
            workflow=foundation.workflow,
            tags=settings.made_tags,
            remedies=remedies,
        )
        trained = TrainingAwait(
            self,
            "Training",
            customization=self.customization,
            workflow=foundation.workflow,
            max_training_hours=training.max_training_hours,
        )
        for name, value in trained.losses.items():
            CfnOutput(self, name, value=value, description=_LOSSES[name])
        ended_by = f"python -m tune destroy {settings.environment.name} {settings.name} --serving-only"
        spending = {**self.customization.spending, **served_by(serving, ended_by=ended_by)}
        output_spending(self, f"Fine-tuning of {settings.name}, billed once for each training run", spending, "Trains")

    def _dataset(self, construct_id: str, split: Split, source: DataSource) -> Dataset:
        return Dataset(
            self,
            construct_id,
            source=source,
            split=split,
            base_model=self._settings.profile,
            data_store=self._foundation.data_store,
            reader=self._reader,
            customization_type=self._customization_type,
            reconcile=self._settings.reconcile,
        )


def _serving_intent(serving: Serving | None) -> ServingIntent | None:
    if serving is None:
        return None
    match serving.way:
        case OnDemand():
            return ServingIntent(mode="on_demand")
        case ProvisionedThroughput(model_units=model_units, commitment_duration=commitment_duration):
            return ServingIntent(
                mode="provisioned_throughput", model_units=model_units, commitment_duration=commitment_duration
            )
        case _:
            assert_never(serving.way)
