"""The rungs: custom resources that wait, one after the other, for a training that outlasts CloudFormation's hour."""

from aws_cdk import CustomResource
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.model_customization import TRAINING_NAME
from bedrock_lifecycle.contract.training_await import TrainingAwaitProperties
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.training.model_customization import ModelCustomization


class TrainingAwait(Construct):
    """Holds the stack until the model exists, so a stack that is complete has its model.

    A custom resource may take one hour, a training takes several. So there is a row of them: each waits up to 45
    minutes and hands the training on to the next, and those after the model is ready answer at once. When the last
    one's time is up, the deployment fails, the training goes on, and the same deployment run again goes on waiting.

    Args:
        customization: The training to wait for.
        workflow: The lifecycle that carries the waiting.
        max_training_hours: How long one deployment waits, 0 to 120 hours. 0: it does not wait. Default: 12.

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
        rungs = -(-max_training_hours * 60 // contract.RUNG_MINUTES)
        before: CustomResource = customization.resource
        for rung in range(1, rungs + 1):
            before = CustomResource(
                self,
                f"Await{rung}",
                resource_type=contract.TRAINING_AWAIT,
                service_token=workflow.service_token,
                properties=TrainingAwaitProperties.write(
                    # From the resource before, so that a new training makes every rung wait again, in order.
                    training_name=before.get_att_string(TRAINING_NAME),
                    rung=rung,
                    rungs=rungs,
                ),
            )
