"""A custom model deployment as a resource: on-demand inference, paid by the token, nothing bought beforehand."""

from collections.abc import Mapping

from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import CUSTOM_MODEL_DEPLOYMENT_ARN
from bedrock_tuning.base_models import BaseModelProfile, BaseModels
from bedrock_tuning.data.data_store import DataStore
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.serving.served_model import ServedModel
from bedrock_tuning.spending.words import deployment_spending


class CustomModelDeployment(ServedModel):
    """Serves a custom model on demand. Costs the tokens of each invocation, and nothing by the hour.

    Another training of the same base model is moved to in place: the ARN stays and the model before serves until then.
    Each deployment counts for the account's quota (L-1EF80F3E, 10 by default). Which base models offer it, their
    profiles say; the model must have been customized on or after 16 July 2025.

    The parameters and the attributes are those of `ServedModel`.

    Raises:
        ValueError: For values out of bounds, or a base model without this serving mode.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        environment: str,
        base_model: BaseModelProfile,
        data_store: DataStore,
        workflow: LifecycleWorkflow,
        training_id: str | None = None,
        attempt: int = 1,
        model_arn: str | None = None,
        base_models: BaseModels | None = None,
        reconcile: int = 0,
        keep_models: int | None = None,
        model_owner: str | None = None,
        parameter_name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            mode=contract.ON_DEMAND_MODE,
            resource_type=contract.CUSTOM_MODEL_DEPLOYMENT,
            resource_id="Deployment",
            attribute=CUSTOM_MODEL_DEPLOYMENT_ARN,
            own_properties={},
            own_spending=deployment_spending(
                name=contract.deployment_name(name=name, environment=environment, base_model=base_model.id)
            ),
            name=name,
            environment=environment,
            base_model=base_model,
            data_store=data_store,
            workflow=workflow,
            training_id=training_id,
            attempt=attempt,
            model_arn=model_arn,
            base_models=base_models,
            keep_models=keep_models,
            model_owner=model_owner,
            parameter_name=parameter_name,
            reconcile=reconcile,
            tags=tags,
        )
