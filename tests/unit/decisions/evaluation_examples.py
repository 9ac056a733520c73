"""Examples of what evaluations, their wait steps and gates do."""

from collections.abc import Callable
from typing import Any, Final

from bedrock_lifecycle.decisions import evaluation, evaluation_await, quality_gate
from bedrock_lifecycle.decisions.actions import Create, Delete, Done, Pass, Refuse, Stop, Swap, Wait
from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.decisions.observed import Model
from tests.unit.decisions.examples import ACTIVE, CREATING, FAILED, Example, job

ID: Final = "0123456789ab"
GOING: Final = EvaluationRun(f"{ID}-2", "arn:going", "RUNNING")
OTHER: Final = EvaluationRun("ffffffffffff-1", "arn:other", "RUNNING")
OVER: Final = EvaluationRun(f"{ID}-1", "arn:over", "SUCCEEDED")


def evaluated(event: Any = "Update", **changes: Any) -> evaluation.Facts:
    """Return facts about an evaluation of a model that is there."""
    values: dict[str, Any] = {"event": event, "evaluation": ID, "training_name": "any-training", "model": ACTIVE}
    return evaluation.Facts(**(values | changes))


EVALUATION: Final = (
    Example("evaluation-delete-stop", evaluated("Delete", others=(GOING,), stack_goes_for_good=True), Stop),
    Example(
        "evaluation-delete-stop",
        evaluated("Delete", others=(GOING,), stack_goes_for_good=True, left=("any",), unseen=("any",)),
        Stop,
    ),
    Example(
        "evaluation-delete-run-unseen",
        evaluated("Delete", unseen=(f"{ID}-3",), stack_goes_for_good=True, left=("any",)),
        Wait,
        (f"{ID}-3",),
    ),
    Example("evaluation-delete-goes-on", evaluated("Delete", others=(GOING,)), Done, (f"{ID}-2", "next deploy")),
    Example("evaluation-delete-goes-on", evaluated("Delete", others=(GOING,), left=("any",)), Done, (f"{ID}-2",)),
    Example("evaluation-delete-candidate", evaluated("Delete", left=("any",), is_complete=True), Delete),
    Example("evaluation-delete-candidate", evaluated("Delete", left=("any",), unseen=(f"{ID}-3",)), Delete),
    Example("evaluation-delete", evaluated("Delete"), Done, ("numbers", "kept")),
    Example("evaluation-delete", evaluated("Delete", rolling_back=True, model=None), Done, ("kept",)),
    Example("evaluation-delete", evaluated("Delete", unseen=(f"{ID}-3",)), Done, ("kept",)),
    Example("evaluation-rollback", evaluated(rolling_back=True), Done, ("rolled back",)),
    Example("evaluation-rollback", evaluated(rolling_back=True, others=(OTHER,), left=("any",), model=None), Done),
    Example("evaluation-superseded", evaluated(others=(OTHER,)), Stop),
    Example("evaluation-superseded", evaluated(others=(OTHER,), unseen=("any",), left=("any",), going=GOING), Stop),
    Example("evaluation-superseded-unseen", evaluated(unseen=("ffffffffffff-1",)), Wait, ("ffffffffffff-1",)),
    Example("evaluation-superseded-unseen", evaluated(unseen=("any",), left=("any",)), Wait),
    Example("evaluation-candidate-left", evaluated(left=("any",)), Delete),
    Example("evaluation-candidate-left", evaluated(left=("any",), is_complete=True, going=GOING), Delete),
    Example("evaluation-complete", evaluated(is_complete=True), Done, (ID, "complete")),
    Example("evaluation-complete", evaluated(is_complete=True, going=GOING, model=None), Done, ("complete",)),
    Example("evaluation-follow", evaluated(going=GOING), Done, (f"{ID}-2", "under way")),
    Example("evaluation-follow", evaluated(going=GOING, ended=OVER, model=None), Done, (f"{ID}-2",)),
    Example("evaluation-ended", evaluated(ended=OVER), Done, (f"{ID}-1", "over")),
    Example("evaluation-ended", evaluated(ended=OVER, model=None, model_may_appear=True), Done, ("over",)),
    Example("evaluation-model-unseen", evaluated(model=None, model_may_appear=True), Wait, ("any-training",)),
    Example("evaluation-no-model", evaluated(model=None), Refuse, ("any-training", "deploy the Training stack")),
    Example(
        "evaluation-no-model",
        evaluated(model=None, job=job(), job_ran="2 h"),
        Refuse,
        ("any-training", "2 h", "no request was sent"),
    ),
    Example("evaluation-no-model", evaluated(model=None, giver="dev"), Refuse, ("any-training", "dev", "promote")),
    Example("evaluation-model-failed", evaluated(model=FAILED), Refuse, ("any-training", "training.attempt")),
    Example("evaluation-model-creating", evaluated(model=CREATING), Wait, ("any-training",)),
    Example("evaluation-start", evaluated("Create"), Create),
)


def waited(event: Any = "Create", **changes: Any) -> evaluation_await.Facts:
    """Return facts about a wait step of a run that is under way."""
    return evaluation_await.Facts(**{"event": event, "evaluation": ID, "run": GOING, **changes})


def ended(outcome: str, reason: str = "", **changes: Any) -> evaluation_await.Facts:
    """Return facts about a wait step of a run that ended by itself."""
    return waited(run=EvaluationRun(f"{ID}-1", "arn", "SUCCEEDED", outcome, reason), **changes)


AWAIT: Final = (
    Example("evaluation-await-delete", waited("Delete"), Done),
    Example("evaluation-await-delete", waited("Delete", rolling_back=True, run=None), Done),
    Example("evaluation-await-rollback", waited("Update", rolling_back=True), Done, ("not looked at",)),
    Example("evaluation-await-rollback", waited("Update", rolling_back=True, is_complete=True), Done, ("not looked",)),
    Example("evaluation-await-complete", waited(is_complete=True), Done, ("complete",)),
    Example("evaluation-await-complete", waited(is_complete=True, run=None, run_may_appear=True), Done, ("complete",)),
    Example("evaluation-await-unseen", waited(run=None, run_may_appear=True), Wait, (ID,)),
    Example("evaluation-await-no-run", waited(run=None), Refuse, (ID, "reconcile", "deploy again")),
    Example(
        "evaluation-await-refused",
        ended("refused", "too many tokens"),
        Refuse,
        (ID, "too many tokens", "no request was sent"),
    ),
    Example(
        "evaluation-await-bounded", ended("bounded", "at 5 of 9"), Refuse, (ID, "at 5 of 9", "max_tokens", "deploy")
    ),
    Example("evaluation-await-failed", ended("failed", "3 % errors"), Refuse, (ID, "3 % errors", "deploy again")),
    Example("evaluation-await-failed", ended("unheard of"), Refuse, (ID, "deploy again")),
    Example("evaluation-await-ended", ended("complete"), Refuse, (f"{ID}-1", "SUCCEEDED", "deploy again")),
    *(
        Example(
            "evaluation-await-ended",
            waited(run=EvaluationRun(f"{ID}-1", "arn", status, "complete")),
            Refuse,
            (status, ID),
        )
        for status in ("FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED")
    ),
    Example("evaluation-await-wait", waited(), Wait, (f"{ID}-2",)),
    Example("evaluation-await-wait", waited(last_rung=True), Wait),
    Example("evaluation-await-wait", waited(run=EvaluationRun(f"{ID}-2", "arn", "PENDING_REDRIVE")), Wait),
    Example("evaluation-await-last", waited(overdue=True, last_rung=True), Refuse, (f"{ID}-2", "again", "max_hours")),
    Example("evaluation-await-hand-on", waited(overdue=True), Done, ("still running",)),
)

PASSED: Final = GateVerdict(evaluation=ID, verdict="passed", told="2 of 2")
NOT_PASSED: Final = GateVerdict(evaluation=ID, verdict="failed", told="1 of 2")
INCONCLUSIVE: Final = GateVerdict(evaluation=ID, verdict="inconclusive", told="about 2,100 would tell")
ACCEPTED: Final = GateVerdict(evaluation=ID, verdict="failed", told="1 of 2", accepted_until="2024-12-31")
EXPIRED: Final = GateVerdict(
    evaluation=ID, verdict="failed", told="1 of 2", accepted_until="2024-11-14", is_expired=True
)
NO_VERDICT: Final = GateVerdict(evaluation=ID, told="it is not complete; deploy it", accepted_until="2024-12-31")


def gate(event: Any = "Create", verdict: GateVerdict = NOT_PASSED, **changes: Any) -> quality_gate.Facts:
    return quality_gate.Facts(**{"event": event, "gate": verdict, **changes})


GATE: Final = (
    Example("gate-delete", gate("Delete", PASSED, rolling_back=True), Done),
    Example("gate-rollback", gate("Update", NOT_PASSED, rolling_back=True), Done, ("rolled back",)),
    Example("gate-rollback", gate("Update", PASSED, rolling_back=True), Done, ("rolled back",)),
    Example("gate-passed", gate("Create", PASSED), Pass, (ID, "2 of 2")),
    Example("gate-passed", gate("Update", PASSED, tells_only=True), Pass, (ID,)),
    Example("gate-tells-only", gate(tells_only=True), Done, (ID, "1 of 2", "failed")),
    Example("gate-tells-only", gate("Create", NO_VERDICT, tells_only=True), Done, ("not complete",)),
    Example("gate-tells-only", gate("Create", ACCEPTED, tells_only=True), Done),
    Example("gate-no-verdict", gate("Create", NO_VERDICT), Refuse, (ID, "not complete", "deploy it")),
    Example("gate-accepted", gate("Create", ACCEPTED), Done, (ID, "1 of 2", "accepted until 2024-12-31")),
    Example("gate-not-passed", gate(), Refuse, (ID, "1 of 2", "train a better model", "[gate.accept]")),
    Example("gate-not-passed", gate("Create", EXPIRED), Refuse, ("2024-11-14",)),
    Example("gate-not-passed", gate("Create", INCONCLUSIVE), Refuse, ("2,100", "add test records")),
)


def of_presence(row: str, presence: Callable[..., Any]) -> tuple[Example, ...]:
    """Return examples of what shall serve a model behind a gate: it is made, or moved to from another model."""
    made, moved = {"found": None}, {"model": Model("other", "Active")}
    kept_out = ((NOT_PASSED, "1 of 2"), (EXPIRED, "2024-11-14"), (NO_VERDICT, "not complete"))
    return (
        *(
            Example(f"{row}-not-passed", presence(**doing, gate=verdict), Refuse, (ID, words))
            for doing in (made, moved)
            for verdict, words in kept_out
        ),
        *(Example(f"{row}-create", presence(**made, gate=verdict), Create) for verdict in (PASSED, ACCEPTED)),
        *(Example(f"{row}-swap", presence(**moved, gate=verdict), Swap) for verdict in (PASSED, ACCEPTED)),
    )
