"""What happens to an evaluation: run until its numbers are there, followed while it runs, never run twice at once."""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions import no_model
from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Refuse, Stop, Wait
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.decisions.observed import Job, Model
from bedrock_lifecycle.decisions.table import DecisionRow

Action = Create | Delete | Done | Refuse | Stop | Wait

_FREE: Final = "nobody, nothing new"
_TOKENS: Final = "the tokens of every model that is asked, at most `max_tokens`, each answer once"
_UNTIL_STOPPED: Final = "the tokens asked until it has stopped; answers are kept and reused"
_CANDIDATE: Final = "nobody by the hour"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is asked for, and what exists.

    going: the run of this evaluation that is under way.
    ended: the run that this request started or followed, when it is over.
    others: the runs under way that this resource started for other evaluations; on a delete all of its runs.
    unseen: the names of those that it set out to start minutes ago and that are not seen.
    left: the candidates of this stack that no run needs any more.
    """

    event: RequestType
    evaluation: str
    rolling_back: bool = False
    stack_goes_for_good: bool = False
    is_complete: bool = False
    going: EvaluationRun | None = None
    ended: EvaluationRun | None = None
    others: tuple[EvaluationRun, ...] = ()
    unseen: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    training_name: str = ""
    giver: str = ""
    model: Model | None = None
    job: Job | None = None
    job_ran: str = ""
    job_is_late: bool = False
    model_may_appear: bool = False


def _names(runs: tuple[EvaluationRun, ...]) -> str:
    return ", ".join(run.name for run in runs)


def _unseen(facts: Facts) -> Wait:
    return Wait(f"evaluation run {', '.join(facts.unseen)} was started a moment ago and is not seen yet")


def _no_model(facts: Facts) -> Refuse:
    why = no_model.why(facts.training_name, giver=facts.giver, job=facts.job, ran=facts.job_ran, late=facts.job_is_late)
    return Refuse(f"{why}; no request was sent to a model")


def _is(facts: Facts, status: str) -> bool:
    return facts.model is not None and facts.model.status == status


ROWS: Final[tuple[DecisionRow[Facts, Action], ...]] = (
    DecisionRow(
        "evaluation-delete-stop",
        "Delete",
        "a run is under way, and the stack, complete once, is itself being deleted",
        "stop it, and look again",
        _UNTIL_STOPPED,
        when=lambda facts: facts.event == "Delete" and bool(facts.others) and facts.stack_goes_for_good,
        then=lambda _facts: Stop(),
    ),
    DecisionRow(
        "evaluation-delete-run-unseen",
        "Delete",
        "the same, and a run that this resource started minutes ago is not seen",
        "wait: it may not be seen right after its start",
        _UNTIL_STOPPED,
        when=lambda facts: facts.event == "Delete" and bool(facts.unseen) and facts.stack_goes_for_good,
        then=_unseen,
    ),
    DecisionRow(
        "evaluation-delete-goes-on",
        "Delete",
        "a run is under way: a rollback, a cleanup, or a stack that was never complete",
        "done: it continues, the next deploy follows it, and it deletes its candidate itself",
        _TOKENS,
        when=lambda facts: facts.event == "Delete" and bool(facts.others),
        then=lambda facts: Done(f"evaluation run {_names(facts.others)} continues; the next deploy follows it"),
    ),
    DecisionRow(
        "evaluation-delete-candidate",
        "Delete",
        "a candidate of this stack that no run needs",
        "delete it, and wait until it is gone",
        _CANDIDATE,
        when=lambda facts: facts.event == "Delete" and bool(facts.left),
        then=lambda _facts: Delete(),
    ),
    DecisionRow(
        "evaluation-delete",
        "Delete",
        "no run, and no candidate",
        "done: numbers and verdicts are kept, answers until they expire",
        _FREE,
        when=lambda facts: facts.event == "Delete",
        then=lambda _facts: Done("no run is under way; the numbers are kept"),
    ),
    DecisionRow(
        "evaluation-rollback",
        "Update (rollback)",
        "any",
        "done: a rollback starts, stops and judges nothing",
        _FREE,
        when=lambda facts: facts.rolling_back,
        then=lambda _facts: Done("rolled back"),
    ),
    DecisionRow(
        "evaluation-superseded",
        "Create, Update",
        "a run of another evaluation is under way that this resource started",
        "stop it, and look again",
        _UNTIL_STOPPED,
        when=lambda facts: bool(facts.others),
        then=lambda _facts: Stop(),
    ),
    DecisionRow(
        "evaluation-superseded-unseen",
        "Create, Update",
        "a run of another evaluation that this resource started minutes ago is not seen",
        "wait: it may not be seen right after its start",
        _UNTIL_STOPPED,
        when=lambda facts: bool(facts.unseen),
        then=_unseen,
    ),
    DecisionRow(
        "evaluation-candidate-left",
        "Create, Update",
        "a candidate of this stack that no run needs",
        "delete it, and wait until it is gone",
        _CANDIDATE,
        when=lambda facts: bool(facts.left),
        then=lambda _facts: Delete(),
    ),
    DecisionRow(
        "evaluation-complete",
        "Create, Update",
        "the numbers of this evaluation are there",
        "done: nobody is asked again",
        _FREE,
        when=lambda facts: facts.is_complete,
        then=lambda facts: Done(f"evaluation {facts.evaluation} is complete"),
    ),
    DecisionRow(
        "evaluation-follow",
        "Create, Update",
        "a run of this evaluation is under way",
        "done: it is followed; its plan is written anew, so that a lower bound holds from now on",
        _TOKENS,
        when=lambda facts: facts.going is not None,
        then=lambda facts: Done(f"evaluation run {facts.going.name if facts.going else ''} is under way"),
    ),
    DecisionRow(
        "evaluation-ended",
        "Create, Update",
        "the run that this request started is over, without numbers",
        "done: the wait step reports it, and no other run is started",
        _FREE,
        when=lambda facts: facts.ended is not None,
        then=lambda facts: Done(f"evaluation run {facts.ended.name if facts.ended else ''} is over"),
    ),
    DecisionRow(
        "evaluation-model-unseen",
        "Create, Update",
        "the training ended minutes ago, its model is not seen",
        "wait: a model may not be seen at the moment its training is Completed",
        _FREE,
        when=lambda facts: facts.model is None and facts.model_may_appear,
        then=lambda facts: Wait(f"the model of training run {facts.training_name} is not seen yet"),
    ),
    DecisionRow(
        "evaluation-no-model",
        "Create, Update",
        "the training has no model (yet)",
        "refuse: deploy again when the training has finished",
        _FREE,
        when=lambda facts: facts.model is None,
        then=_no_model,
    ),
    DecisionRow(
        "evaluation-model-failed",
        "Create, Update",
        "the model is Failed",
        "refuse",
        _FREE,
        when=lambda facts: _is(facts, "Failed"),
        then=lambda facts: Refuse(f"{no_model.not_made(facts.training_name)}; no request was sent to a model"),
    ),
    DecisionRow(
        "evaluation-model-creating",
        "Create, Update",
        "the model is not Active yet",
        "wait",
        _FREE,
        when=lambda facts: not _is(facts, "Active"),
        then=lambda facts: Wait(f"the model of training run {facts.training_name} is being created"),
    ),
    DecisionRow(
        "evaluation-start",
        "Create, Update",
        "no numbers, and no run under way",
        "write the plan and start a run, after the preflight; answers of earlier runs are reused",
        _TOKENS,
        when=lambda _facts: True,
        then=lambda _facts: Create(),
    ),
)
