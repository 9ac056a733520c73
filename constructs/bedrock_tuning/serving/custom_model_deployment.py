"""A custom model deployment as a resource: on-demand inference, paid by the token, nothing bought beforehand."""

from typing import Any, Unpack, overload

from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.served_model import CUSTOM_MODEL_DEPLOYMENT_ARN
from bedrock_tuning.serving.served_model import (
    ServedModel,
    ServedModelParameters,
    ServingOptions,
    TrainedModel,
    parameters_of,
)
from bedrock_tuning.spending.words import Spending, deployment_spending


class CustomModelDeployment(ServedModel):
    """Serves a custom model on demand. You pay for the tokens of each invocation, and nothing by the hour.

    Another training run of the same base model is an update in place: the ARN stays, and the previous model serves
    until then. Each deployment counts toward the account's quota (L-1EF80F3E, 10 by default). The profiles of the base
    models say which of them offer it; the model must have been customized on or after 16 July 2025.

    The parameters and the attributes are those of `ServedModel`.

    Raises:
        ValueError: For values out of bounds, or a base model without this serving mode.
    """

    @overload
    def __init__(
        self, scope: Construct, construct_id: str, *, model: TrainedModel, **served: Unpack[ServingOptions]
    ) -> None: ...

    @overload
    def __init__(self, scope: Construct, construct_id: str, **served: Unpack[ServedModelParameters]) -> None: ...

    def __init__(
        self, scope: Construct, construct_id: str, *, model: TrainedModel | None = None, **served: Any
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            mode=contract.ON_DEMAND_MODE,
            resource_type=contract.CUSTOM_MODEL_DEPLOYMENT,
            resource_id="Deployment",
            attribute=CUSTOM_MODEL_DEPLOYMENT_ARN,
            own_properties={},
            own_spending=_spending,
            **parameters_of(model, served),
        )


def _spending(name: str, environment: str, base_model: str) -> Spending:
    return deployment_spending(name=contract.deployment_name(name=name, environment=environment, base_model=base_model))
