"""What a wait step of an evaluation does. It starts and stops nothing."""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import evaluation_run, makes_nothing
from bedrock_lifecycle.decisions.actions import Done, Refuse, Wait
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Done | Refuse | Wait

COMPLETE: Final = "complete"
STILL_RUNNING: Final = "still running"
CONTINUES: Final = "is still under way and continues in the background"
NOT_LOOKED_AT: Final = "not looked at"

_NOTHING: Final = "nobody, nothing is asked"
_RUNS: Final = "the tokens asked, at most `max_tokens`, once, whether or not anybody waits"
_ASKED: Final = "the tokens asked until then; answers are kept and reused"
# What stays of a run, whatever ended it.
_KEPT: Final = "stored answers are reused"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known while one wait step stands.

    run: the run that is waited for, None where it is not seen; `run_may_appear` while it may be there all the same.
    is_complete: whether the numbers are there, read after the run.
    """

    event: RequestType
    evaluation: str
    run: EvaluationRun | None = None
    run_may_appear: bool = False
    is_complete: bool = False
    rolling_back: bool = False
    overdue: bool = False
    last_rung: bool = False


def _outcome(facts: Facts) -> str:
    return facts.run.outcome if facts.run and facts.run.has_succeeded else ""


def _reason(facts: Facts) -> str:
    return f": {facts.run.reason}" if facts.run and facts.run.reason else ""


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    *makes_nothing.rows("evaluation-await", _NOTHING, rollback="a rollback waits for nothing", told=NOT_LOOKED_AT),
    DecisionRow(
        "evaluation-await-complete",
        "Create, Update",
        "the numbers are there",
        "done: complete",
        "the tokens asked, once",
        when=lambda facts: facts.is_complete,
        then=lambda _facts: Done(COMPLETE),
    ),
    DecisionRow(
        "evaluation-await-unseen",
        "Create, Update",
        "the run is not seen, the wait is minutes old",
        "wait: a run may not be seen right after its start",
        _RUNS,
        when=lambda facts: facts.run is None and facts.run_may_appear,
        then=lambda facts: Wait(f"the run of evaluation {facts.evaluation} is not seen yet"),
    ),
    DecisionRow(
        "evaluation-await-no-run",
        "Create, Update",
        "no numbers, and no such run: it was forgotten, or the numbers were deleted",
        "fail",
        _NOTHING,
        when=lambda facts: facts.run is None,
        then=lambda facts: Refuse(
            f"evaluation {facts.evaluation} has no numbers and no run: raise `reconcile` by one and deploy again"
        ),
    ),
    DecisionRow(
        "evaluation-await-refused",
        "Create, Update",
        "the run refused to begin",
        "fail with its reason",
        _NOTHING,
        when=lambda facts: _outcome(facts) == evaluation_run.REFUSED,
        then=lambda facts: Refuse(
            f"evaluation {facts.evaluation} did not begin, and no request was sent to a model{_reason(facts)}; correct "
            "[evaluation] in the model's file and deploy again"
        ),
    ),
    DecisionRow(
        "evaluation-await-bounded",
        "Create, Update",
        "the run stopped at its bound of tokens",
        "fail with its reason: no gate accepts a part",
        _ASKED,
        when=lambda facts: _outcome(facts) == evaluation_run.BOUNDED,
        then=lambda facts: Refuse(
            f"evaluation {facts.evaluation} stopped at `evaluation.max_tokens`{_reason(facts)}; raise "
            f"this setting and deploy again: {_KEPT}"
        ),
    ),
    DecisionRow(
        "evaluation-await-failed",
        "Create, Update",
        "the run has failed by its own account",
        "fail with its reason",
        _ASKED,
        when=lambda facts: bool(_outcome(facts)) and _outcome(facts) != evaluation_run.COMPLETE,
        then=lambda facts: Refuse(
            f"evaluation {facts.evaluation} failed{_reason(facts)}; fix the cause and deploy again: {_KEPT}"
        ),
    ),
    DecisionRow(
        "evaluation-await-ended",
        "Create, Update",
        "the run is over, and the numbers are not there",
        "fail with its status",
        _ASKED,
        when=lambda facts: facts.run is not None and not facts.run.is_going,
        then=lambda facts: Refuse(
            f"evaluation run {facts.run.name if facts.run else ''} is {facts.run.status if facts.run else ''} and left "
            f"no numbers: deploy again: {_KEPT}"
        ),
    ),
    DecisionRow(
        "evaluation-await-wait",
        "Create, Update",
        "the run is under way, time left",
        "wait",
        _RUNS,
        when=lambda facts: not facts.overdue,
        then=lambda facts: Wait(f"evaluation run {facts.run.name if facts.run else ''} is under way"),
    ),
    DecisionRow(
        "evaluation-await-last",
        "Create, Update",
        "the run is under way, time is up, the last wait step",
        "fail, saying that the same deploy waits again",
        _RUNS,
        when=lambda facts: facts.last_rung,
        then=lambda facts: Refuse(
            f"evaluation run {facts.run.name if facts.run else ''} {CONTINUES}; "
            "to resume waiting, run the same deploy again (no request is sent or paid for twice), or raise "
            "`evaluation.max_hours`"
        ),
    ),
    DecisionRow(
        "evaluation-await-hand-on",
        "Create, Update",
        "the run is under way, time is up",
        "done: still running, the next wait step continues",
        _RUNS,
        when=lambda _facts: True,
        then=lambda _facts: Done(STILL_RUNNING),
    ),
)
