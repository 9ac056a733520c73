"""What a wait step answers: the model is ready, the training failed, or it continues."""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import makes_nothing, no_model
from bedrock_lifecycle.decisions.actions import Done, Refuse, Wait
from bedrock_lifecycle.decisions.observed import Job, Model
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Done | Refuse | Wait

READY: Final = "ready"
STILL_RUNNING: Final = "still running"
NOT_STARTED: Final = "not started"
NOT_LOOKED_AT: Final = "not looked at"
_RUNS: Final = "the training, which runs whether or not anybody waits"
_NOTHING: Final = "nobody, waiting is free"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a wait step knows. `ran` is how long the job has been running, in words."""

    event: RequestType
    name: str
    job: Job | None
    model: Model | None = None
    job_may_appear: bool = False
    """Whether the job may have been created so lately that it is not seen yet."""
    model_may_appear: bool = False
    """Whether the job ended so lately that its model may not be seen yet."""
    rolling_back: bool = False
    overdue: bool = False
    last_rung: bool = False
    late: bool = False
    """Whether the training should have begun by now, and has not."""
    ran: str = ""


def _going_on(facts: Facts) -> str:
    return no_model.still_running(facts.name, facts.ran, late=facts.late)


def _completed(facts: Facts) -> bool:
    return facts.job is not None and facts.job.status == "Completed"


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    *makes_nothing.rows("await", _NOTHING, rollback="a rollback runs no check", told=NOT_LOOKED_AT),
    DecisionRow(
        "await-job-unseen",
        "Create, Update",
        "no job of this name, the wait is minutes old",
        "wait: a job may not be seen right after its creation",
        _RUNS,
        when=lambda facts: facts.job is None and facts.job_may_appear,
        then=lambda facts: Wait(f"customization job {facts.name} is not seen yet"),
    ),
    DecisionRow(
        "await-no-job",
        "Create, Update",
        "no job of this name",
        "fail",
        _NOTHING,
        when=lambda facts: facts.job is None,
        then=lambda facts: Refuse(
            f"no customization job is named {facts.name}: run the same deploy again to create it"
        ),
    ),
    DecisionRow(
        "await-ended",
        "Create, Update",
        "job Failed, Stopping or Stopped",
        "fail with Bedrock's reason",
        "what was trained until then",
        when=lambda facts: facts.job is not None and facts.job.ends_without_model,
        then=lambda facts: Refuse(no_model.ended(facts.name, facts.job) if facts.job else ""),
    ),
    DecisionRow(
        "await-model-unseen",
        "Create, Update",
        "job Completed minutes ago, its model not seen",
        "wait: a model may not be seen at the moment its job is Completed",
        "the training, once",
        when=lambda facts: _completed(facts) and facts.model is None and facts.model_may_appear,
        then=lambda facts: Wait(f"the model of training run {facts.name} is not seen yet"),
    ),
    DecisionRow(
        "await-model-deleted",
        "Create, Update",
        "job Completed, its model deleted",
        "fail: Bedrock does not free the name",
        _NOTHING,
        when=lambda facts: _completed(facts) and facts.model is None,
        then=lambda facts: Refuse(no_model.deleted(facts.name)),
    ),
    DecisionRow(
        "await-model-failed",
        "Create, Update",
        "job Completed, its model Failed",
        "fail",
        "the training, once",
        when=lambda facts: _completed(facts) and facts.model is not None and facts.model.status == "Failed",
        then=lambda facts: Refuse(no_model.not_made(facts.name)),
    ),
    DecisionRow(
        "await-ready",
        "Create, Update",
        "job Completed, model Active",
        "done: ready",
        "the training, once; the model's storage by the month until it is deleted",
        when=lambda facts: _completed(facts) and facts.model is not None and facts.model.status == "Active",
        then=lambda _facts: Done(READY),
    ),
    DecisionRow(
        "await-wait",
        "Create, Update",
        "job InProgress or model Creating, time left",
        "wait; a training run that has not started after hours is reported, once also as an event",
        _RUNS,
        when=lambda facts: not facts.overdue,
        then=lambda facts: Wait(_going_on(facts)),
    ),
    DecisionRow(
        "await-last",
        "Create, Update",
        "job InProgress or model Creating, time is up, the last wait step",
        "fail, saying that the same deploy waits again",
        _RUNS,
        when=lambda facts: facts.last_rung,
        then=lambda facts: Refuse(
            f"{_going_on(facts)} and continues in the background; to resume waiting, run the same deploy again ("
            "nothing is trained or paid for twice), or raise max_training_hours"
        ),
    ),
    DecisionRow(
        "await-hand-on",
        "Create, Update",
        "job InProgress or model Creating, time is up",
        "done: still running, the next wait step continues",
        _RUNS,
        when=lambda _facts: True,
        then=lambda facts: Done(NOT_STARTED if facts.late else STILL_RUNNING),
    ),
)
