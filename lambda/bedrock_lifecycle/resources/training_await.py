"""Serves `Custom::BedrockTrainingAwait`, a rung over CloudFormation's hour. Changes nothing in Bedrock."""

from collections.abc import Callable
from typing import assert_never

from bedrock_lifecycle.contract.model_customization import TRAINING_NAME
from bedrock_lifecycle.contract.training_await import RAN, STATE, TrainingAwaitProperties
from bedrock_lifecycle.decisions import training_await as table
from bedrock_lifecycle.decisions.actions import Done, Refuse, Wait
from bedrock_lifecycle.decisions.observed import STARTS_WITHIN, Job
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Failed, Outcome, Refusal, Settled, Waiting
from bedrock_lifecycle.engine.physical_id import PhysicalId
from bedrock_lifecycle.engine.request import Request
from bedrock_lifecycle.resources import told_losses
from bedrock_lifecycle.resources.attempts import elapsed, model_may_appear
from bedrock_lifecycle.resources.bedrock import Bedrock

KIND = "training-await"


def physical_id(request: Request) -> PhysicalId:
    # Constant: a rung has nothing to replace, it only looks at another training.
    return PhysicalId(KIND, request.logical_id)


class TrainingAwait:
    """One rung.

    `announce` tells others, by the job's name and role, that a training does not start; it fails nothing.
    """

    def __init__(self, bedrock: Bedrock, announce: Callable[[str, str], None] | None = None) -> None:
        self._bedrock = bedrock
        self._announce = announce

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        if turn.request.request_type == "Delete":
            return Settled()
        properties = TrainingAwaitProperties(turn.request.properties)
        name = properties.training_name
        job = self._bedrock.job(name)
        ran = elapsed(job, turn.now) if job else ""
        model = self._bedrock.model(name) if job and job.status == "Completed" else None
        facts = table.Facts(
            event=turn.request.request_type,
            name=name,
            job=job,
            model=model,
            job_may_appear=turn.waited < clock.SEEN_WITHIN,
            model_may_appear=job is not None and model is None and self._may_appear(turn, job, name),
            rolling_back=turn.is_rollback,
            overdue=turn.waited >= clock.RUNG,
            last_rung=properties.rung == properties.rungs,
            late=job is not None and job.is_late(turn.now),
            ran=ran,
        )
        if job and facts.late and not turn.is_rollback:
            self._tell(turn, job, name, is_first=properties.rung == 1)
        decision = decide(table.ROWS, facts)
        match decision:
            case Refuse(reason):
                return Failed(reason)
            case Wait(detail):
                return Waiting(detail)
            case Done(state):
                losses = told_losses.told(job) if properties.tells_losses else {}
                attributes = {TRAINING_NAME: name, STATE: state, RAN: ran, **losses}
                return Settled(attributes, f"training run {name}: {state}, {ran}")
        assert_never(decision)

    def _may_appear(self, turn: Turn, job: Job, name: str) -> bool:
        if job.status != "Completed":
            return False
        # A rung stands for longer than a model may be unseen: where Bedrock does not tell when the job ended, the
        # minutes begin with the first look that missed the model.
        return model_may_appear(job, turn.now, None if job.ended else turn.expects(name))

    def _tell(self, turn: Turn, job: Job, name: str, *, is_first: bool) -> None:
        """Announce it once: on the rung that stands when it is late first, or on the first of a later deployment."""
        is_news = is_first or job.created + STARTS_WITHIN > turn.entry.began
        if self._announce and is_news and turn.entry.asked != name:
            # Before, so that it is rather told not at all than twice.
            turn.has_asked_for(name)
            self._announce(name, job.role_arn)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        raise Refusal("a wait step creates nothing")
