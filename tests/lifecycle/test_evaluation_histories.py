"""The histories of evaluations would show it if a precaution were missing."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions.gate_verdict import GateVerdict
from bedrock_lifecycle.resources.candidates import Candidates
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from bedrock_lifecycle.resources.serving import Serving
from tests.lifecycle.evaluation_histories import EvaluationHistory
from tests.support.calls import Call, Fault
from tests.support.evaluations import EvaluationWorkflow

_SEEDS: Final = range(100)
# After the rule on stopped runs, and before the reconciler has stopped to look.
_LATE: Final = timedelta(minutes=4)


def serving_judges_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Serving, "_gate", lambda *_: None)


def an_exception_without_a_verdict(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GateVerdict, "is_accepted", property(lambda self: bool(self.evaluation) and not self.is_expired))


def any_verdict_passes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(GateVerdict, "has_passed", property(lambda self: bool(self.verdict)))


def runs_with_a_name_of_their_own(patch: pytest.MonkeyPatch) -> None:
    """A run is named by its request, and what was just started is not seen."""
    start = EvaluationRuns.start

    def named(self: Any, run: str, evaluation_id: str, owner: str) -> str:
        taken = self._step_functions.runs
        free = contract.evaluation_run(evaluation_id, 1 + len(taken))
        return start(self, free if run in taken else run, evaluation_id, owner)

    patch.setattr(EvaluationRuns, "start", named)
    patch.setattr(EvaluationHistory, "_chaos", _losing_starts)


def _losing_starts(history: EvaluationHistory, call: Call) -> Fault | None:
    is_lost = call.operation == "StartExecution" and history.random.random() < 0.3
    return Fault.LOST_AFTER if is_lost else None


def a_candidate_that_nobody_looks_for(patch: pytest.MonkeyPatch) -> None:
    """The rule on runs that were stopped comes before what the stopped function makes yet."""
    _made_late(patch)
    patch.setattr(Candidates, "left", lambda *_args, **_kwargs: ())


def _made_late(patch: pytest.MonkeyPatch) -> None:
    stop = EvaluationWorkflow._stop

    def stopped(self: Any, arn: str) -> dict[str, Any]:
        run = self._run(arn, "StopExecution")
        answer = stop(self, arn)
        plan = self._plan(run.evaluation)
        self._later(self._clock.now() + _LATE, lambda: self._stand(plan), lambda *_: None)
        return answer

    patch.setattr(EvaluationWorkflow, "_stop", stopped)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("take_away", "shown", "happenings"),
    [
        (serving_judges_nothing, "has not passed its gate", ("_change_and_deploy", "_serve_alone")),
        (an_exception_without_a_verdict, "has not passed its gate", ("_accept", "_run_ends_otherwise")),
        (any_verdict_passes, "has not passed its gate", ("_change_and_deploy",)),
        (runs_with_a_name_of_their_own, "two runs of evaluation", ("_deploy",)),
        (a_candidate_that_nobody_looks_for, "is left", ("_change_and_deploy",)),
    ],
)
def test_a_precaution_that_is_taken_away_is_missed(
    take_away: Callable[[pytest.MonkeyPatch], None],
    shown: str,
    happenings: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(EvaluationHistory, "_happenings", lambda self: [getattr(self, name) for name in happenings])
    take_away(monkeypatch)
    assert any(shown in wrong for seed in _SEEDS for wrong in EvaluationHistory(seed).run())


@pytest.mark.slow
def test_what_a_stopped_run_makes_late_is_gone_too(monkeypatch: pytest.MonkeyPatch) -> None:
    _made_late(monkeypatch)
    monkeypatch.setattr(EvaluationHistory, "_happenings", lambda self: [self._change_and_deploy, self._destroy])
    assert [wrong for seed in _SEEDS for wrong in EvaluationHistory(seed).run()] == []
