"""The steps that wait, one after the other, for an evaluation that outlasts CloudFormation's hour."""

from aws_cdk import CustomResource
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EVALUATION_ID, EXECUTION, STATE, EvaluationAwaitProperties
from bedrock_tuning.evaluation.evaluation import Evaluation
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow


class EvaluationAwait(Construct):
    """Keeps the deployment waiting until the evaluation is complete.

    The wait is split as that of `TrainingAwait`. If the last step times out, the deployment fails and the evaluation
    continues; run the same deployment again to continue waiting.

    Args:
        evaluation: The evaluation to wait for.
        workflow: The lifecycle that manages the waiting.
        max_hours: How long one deployment waits, 0 to 120 hours; 0 means that it does not wait. Default: 12.

    Attributes:
        state: What the last step said; None without any.

    Raises:
        ValueError: For `max_hours` out of bounds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        evaluation: Evaluation,
        workflow: LifecycleWorkflow,
        max_hours: int = 12,
    ) -> None:
        super().__init__(scope, construct_id)
        if not 0 <= max_hours <= contract.MAX_EVALUATION_HOURS:
            raise ValueError(f"`max_hours` must be 0 to {contract.MAX_EVALUATION_HOURS} (got {max_hours})")
        rungs = -(-max_hours * 60 // contract.RUNG_MINUTES)
        before: CustomResource = evaluation.resource
        for rung in range(1, rungs + 1):
            before = workflow.custom_resource(
                self,
                f"Await{rung}",
                resource_type=contract.EVALUATION_AWAIT,
                properties=EvaluationAwaitProperties.write(
                    # From the resource before, so that another evaluation makes every step wait again, in order.
                    evaluation_id=before.get_att_string(EVALUATION_ID),
                    execution=before.get_att_string(EXECUTION),
                    rung=rung,
                    rungs=rungs,
                ),
            )
        self.state: str | None = before.get_att_string(STATE) if rungs else None
