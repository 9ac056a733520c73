"""The rungs: custom resources that wait, one after another, for a training run that outlasts CloudFormation's hour."""

from collections.abc import Mapping

from aws_cdk import CustomResource
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model_customization import TRAINING_NAME
from bedrock_lifecycle.contract.training_await import LOSSES, TrainingAwaitProperties
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.training.model_customization import ModelCustomization


class TrainingAwait(Construct):
    """Keeps the deployment waiting until the model exists, so a complete stack has its model.

    CloudFormation gives a custom resource one hour, and a training run takes several. So the wait is split into steps
    of up to 45 minutes; steps that start after the model is ready return immediately. If the last step times out, the
    deployment fails and the training continues; run the same deployment again to continue waiting.

    Args:
        customization: The training to wait for.
        workflow: The lifecycle that manages the waiting.
        max_training_hours: How long one deployment waits, 0 to 120 hours; 0 means that it does not wait. Default: 12.

    Raises:
        ValueError: For `max_training_hours` out of bounds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        customization: ModelCustomization,
        workflow: LifecycleWorkflow,
        max_training_hours: int = 12,
    ) -> None:
        super().__init__(scope, construct_id)
        if not 0 <= max_training_hours <= contract.MAX_TRAINING_HOURS:
            raise ValueError(
                f"`max_training_hours` must be 0 to {contract.MAX_TRAINING_HOURS} (got {max_training_hours})"
            )
        self._last: CustomResource | None = None
        rungs = -(-max_training_hours * 60 // contract.RUNG_MINUTES)
        before: CustomResource = customization.resource
        for rung in range(1, rungs + 1):
            before = workflow.custom_resource(
                self,
                f"Await{rung}",
                resource_type=contract.TRAINING_AWAIT,
                properties=TrainingAwaitProperties.write(
                    # From the resource before, so that a new training run makes every rung wait again, in order.
                    training_name=before.get_att_string(TRAINING_NAME),
                    rung=rung,
                    rungs=rungs,
                    tells_losses=rung == rungs,
                ),
            )
            self._last = before

    @property
    def losses(self) -> Mapping[str, str]:
        """What is known of the losses when the model exists, by what it is; empty where nothing is waited for.

        Tokens of `TrainingLoss` and `ValidationLoss`, which are `unknown` where Bedrock reports none.
        """
        last = self._last
        return {} if last is None else {name: last.get_att_string(name) for name in LOSSES}
