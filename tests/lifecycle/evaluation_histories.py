"""Random histories of a model behind a gate: what its evaluations measure, and how their runs end, is random too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from bedrock_lifecycle import contract
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from tests.lifecycle.evaluation_scenarios import BOUGHT, FIRST
from tests.lifecycle.gates import GateWatch, candidates
from tests.lifecycle.histories import History
from tests.support.environment import Wanted
from tests.support.evaluations import RIGHT

_TRUTHS: Final = (*RIGHT, contract.PASSED)
_OUTCOMES: Final = ("complete", "complete", "complete", "bounded", "failed", "refused")
_TAKES: Final = (timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=25))


@dataclass
class EvaluationHistory(History):
    """One history."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.gates = GateWatch(self.account, self.asked_for)
        evaluations = self.account.lifecycle.evaluations
        evaluations.unseen = timedelta(seconds=self.random.choice((0, 0, 5, 60, 240)))
        evaluations.outcome = self._outcome
        self.outcome = "complete"
        self._is_measured(self.wanted)

    def run(self) -> list[str]:
        """See `History`; what served without a verdict is wrong besides, and a candidate that is left."""
        return [*super().run(), *self.gates.wrong, *candidates(self.account)]

    def _first(self) -> Wanted:
        return self.random.choice((FIRST, FIRST, BOUGHT)).but(evaluation_rungs=self.random.choice((1, 3)))

    def _happenings(self) -> tuple[Callable[[], None], ...]:
        return (
            self._deploy, self._deploy, self._change_and_deploy, self._change_and_deploy, self._change_and_deploy,
            self._cancelled_deploy, self._serve_alone, self._serve_alone, self._run_ends_otherwise, self._trouble,
            self._accept, self._stopped_by_hand, self._evaluation_goes, self._destroy, self._time_passes,
        )  # fmt: skip

    def _is_measured(self, wanted: Wanted) -> None:
        """Let the evaluation of a model measure something, the same each time."""
        truth = self.account.lifecycle.evaluations.truth
        truth.setdefault(wanted.training_name, self.random.choice(_TRUTHS))

    def _outcome(self, plan: EvaluationPlan) -> str:
        del plan
        return self.outcome

    def _change_and_deploy(self) -> None:
        epochs, units = self.random.choice("1234"), self.random.choice((1, 2))
        on_demand = self.random.random() < 0.7
        self.wanted = self.wanted.but(
            hyper_parameters={"epochCount": epochs},
            on_demand=on_demand,
            model_units=None if on_demand else units,
            accepted=False,
            max_tokens=self.random.choice((1_000, 1_000_000)),
        )
        self._is_measured(self.wanted)
        self.account.lifecycle.evaluations.takes = self.random.choice(_TAKES)
        self.asked_for.append(self.wanted)
        self._deploy()

    def _serve_alone(self) -> None:
        """Deploy the Serving stack past the others, with the model that is wanted or with another one."""
        epochs = self.random.choice("1234")
        other = self.wanted.but(hyper_parameters={"epochCount": epochs}, accepted=False)
        wanted = self.random.choice((self.wanted, other))
        self._is_measured(wanted)
        self.asked_for.append(wanted)
        status = self.account.cloudformation.deploy(wanted.stack("Serving"), wanted.serving())
        self.log.append(f"  alone: {status} {self.account.reason}")

    def _run_ends_otherwise(self) -> None:
        self.outcome = self.random.choice(_OUTCOMES)
        self.log.append(f"  {self.outcome}")
        self._change_and_deploy()

    def _accept(self) -> None:
        self.wanted = self.wanted.but(accepted=True)
        self.asked_for.append(self.wanted)
        self._deploy()

    def _stopped_by_hand(self) -> None:
        evaluations = self.account.lifecycle.evaluations
        for run in evaluations.runs.values():
            if run.status == "RUNNING":
                evaluations._end(run, "ABORTED")

    def _evaluation_goes(self) -> None:
        """Delete the Evaluation stack alone."""
        name = self.wanted.evaluation_stack
        if self.account.cloudformation.stack(name):
            self.log.append(f"  {self.account.cloudformation.delete(name)}")

    def _destroy(self) -> None:
        super()._destroy()
        self.account.lifecycle.pass_time(timedelta(minutes=10))
        # A stack that goes takes everything along that may still be under way, unless it never was complete.
        going = self.account.lifecycle.evaluations.going()
        if not going and not self.rate and (left := candidates(self.account)):
            self.gates._wrong.append(f"after destroy {left}")

    def _calm_down(self) -> None:
        self.outcome = "complete"
        self.account.lifecycle.evaluations.takes = timedelta(seconds=20)
        if self.account.lifecycle.evaluations.truth[self.wanted.training_name] != contract.PASSED:
            # Nobody gets it served without an exception.
            self.wanted = self.wanted.but(accepted=True)
            self.asked_for.append(self.wanted)
        super()._calm_down()

    def _way_to_serve(self) -> dict[str, Any]:
        raise AssertionError("the ways to serve are chosen with the model")
