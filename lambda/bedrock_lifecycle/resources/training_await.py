"""A rung of the ladder over CloudFormation's hour: waits for the model, and hands the wait on when time is up."""

from dataclasses import dataclass

from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources.bedrock import Bedrock, Job, Model
from bedrock_lifecycle.resources.model_customization import elapsed, why_no_model

KIND = "training-await"


@dataclass(frozen=True)
class Ready:
    """The model exists and can be served."""


@dataclass(frozen=True)
class Wait:
    """The training goes on, and there is time left to wait."""


@dataclass(frozen=True)
class HandOn:
    """The training goes on, and this rung's time is up: the next rung waits."""


@dataclass(frozen=True)
class GiveUp:
    reason: str


Decision = Ready | Wait | HandOn | GiveUp


def physical_id(request: Request) -> PhysicalId:
    # Constant: a rung has nothing to replace, it only looks at another training.
    return PhysicalId(KIND, request.logical_id)


def decide(name: str, job: Job | None, model: Model | None, *, ran: str, overdue: bool, last_rung: bool) -> Decision:
    """Decide what a rung answers. `ran` is how long the job has been running, in words."""
    if job is None:
        return GiveUp(f"no customization job is named {name}")
    if job.status in ("Failed", "Stopped", "Stopping"):
        return GiveUp(why_no_model(name, job))
    if job.status == "Completed" and model is None:
        return GiveUp(f"the model of training {name} was deleted; raise attempt by one to train again")
    if model is not None and model.status == "Failed":
        return GiveUp(f"the model of training {name} could not be made from its finished job")
    if job.status == "Completed" and model is not None and model.status == "Active":
        return Ready()
    if not overdue:
        return Wait()
    if last_rung:
        return GiveUp(
            f"training {name} is still running after {ran} and goes on by itself: run the same deploy again to go on "
            "waiting (nothing is trained or paid for twice), or raise max_training_hours"
        )
    return HandOn()


class TrainingAwait:
    """Serves `Custom::BedrockTrainingAwait`. Changes nothing in Bedrock."""

    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def reconcile(self, turn: Turn) -> Outcome:
        if turn.request.request_type == "Delete":
            return Settled()
        properties = turn.request.properties
        name = properties.text("TrainingName")
        job = self._bedrock.job(name)
        model = self._bedrock.model(name) if job and job.status == "Completed" else None
        ran = elapsed(job, turn.now) if job else ""
        last_rung = properties.integer("Rung") == properties.integer("Rungs")
        match decide(name, job, model, ran=ran, overdue=turn.overdue, last_rung=last_rung):
            case GiveUp(reason):
                return Failed(reason)
            case Wait():
                return Waiting(f"training {name} is still running after {ran}")
            case Ready():
                return _settled(name, "ready", ran)
            case HandOn():
                return _settled(name, "still running", ran)

    def undo(self, turn: Turn) -> Outcome:
        raise Refusal("a rung makes nothing")


def _settled(name: str, state: str, ran: str) -> Settled:
    return Settled({"TrainingName": name, "State": state, "Ran": ran}, f"training {name}: {state}, {ran}")
