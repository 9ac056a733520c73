"""Serves `Custom::BedrockTrainingAwait`, a rung over CloudFormation's hour. Changes nothing in Bedrock."""

from bedrock_lifecycle.decisions import training_await as table
from bedrock_lifecycle.decisions.actions import Done, Refuse, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.model_customization import elapsed, model_may_appear

KIND = "training-await"


def physical_id(request: Request) -> PhysicalId:
    # Constant: a rung has nothing to replace, it only looks at another training.
    return PhysicalId(KIND, request.logical_id)


class TrainingAwait:
    """One rung."""

    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        if turn.request.request_type == "Delete":
            return Settled()
        properties = turn.request.properties
        name = properties.text("TrainingName")
        job = self._bedrock.job(name)
        ran = elapsed(job, turn.now) if job else ""
        model = self._bedrock.model(name) if job and job.status == "Completed" else None
        facts = table.Facts(
            event=turn.request.request_type,
            name=name,
            job=job,
            model=model,
            job_may_appear=turn.waited < clock.SEEN_WITHIN,
            model_may_appear=job is not None and model is None and model_may_appear(job, turn.now, turn.entry.began),
            rolling_back=turn.is_rollback,
            overdue=turn.waited >= clock.RUNG,
            last_rung=properties.integer("Rung") == properties.integer("Rungs"),
            ran=ran,
        )
        match decide(table.ROWS, facts):
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Done(state):
                return Settled({"TrainingName": name, "State": state, "Ran": ran}, f"training {name}: {state}, {ran}")

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a rung makes nothing")
