"""Two requests for one evaluation, their calls interleaved in every way: no two runs at once, and nothing is left."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.ledger import Ledger
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from tests.lifecycle.evaluation_scenarios import FIRST, NEXT
from tests.lifecycle.gates import candidates
from tests.lifecycle.interleaving import Executor, Schedule, play, schedules
from tests.lifecycle.test_interleavings import SETTINGS, NoLease, Race
from tests.support.cloudformation import Resource
from tests.support.environment import Account, Wanted

WANTED = FIRST.but(rungs=0)
_PREEMPTIONS = 2


class EvaluationRace(Race):
    """An account with a trained model that was evaluated, and two events about the evaluation of the next one."""

    def __init__(self, ledger_type: type[Ledger]) -> None:
        self.account = Account(settings=SETTINGS, ledger_type=ledger_type, region=WANTED.region)
        self.lifecycle = self.account.lifecycle
        self.wanted, self.retrained = WANTED, WANTED.but(hyper_parameters=NEXT.hyper_parameters)
        self.logical_id = "Evaluation"
        self.account.deploy(self.wanted.but(on_demand=False, evaluates=False))
        self.lifecycle.pass_time(timedelta(hours=3))
        self.account.evaluate(self.wanted)
        self.account.deploy(self.retrained.but(on_demand=False, evaluates=False))
        self.lifecycle.pass_time(timedelta(hours=3))
        stack = self.account.cloudformation.stack(self.wanted.evaluation_stack)
        assert stack is not None
        self.stack = stack
        self.stack.statuses.append("UPDATE_IN_PROGRESS")
        # What is started is not listed at once.
        self.lifecycle.evaluations.unseen = timedelta(minutes=3)

    def resource(self, wanted: Wanted) -> Resource:
        return wanted.evaluation()[self.logical_id]

    def started(self, number: int) -> dict[str, Any]:
        """Return an update to the next evaluation."""
        physical_id = self.stack.resources[self.logical_id].physical_id
        old = self.event("Update", 0, self.wanted)["ResourceProperties"]
        return self.event("Update", number, self.retrained, PhysicalResourceId=physical_id, OldResourceProperties=old)


Requests = Callable[[EvaluationRace], tuple[dict[str, Any], dict[str, Any]]]


def started_twice(race: EvaluationRace) -> tuple[dict[str, Any], dict[str, Any]]:
    """An update is cancelled and asked for again."""
    return race.started(1), race.started(2)


def started_and_deleted(race: EvaluationRace) -> tuple[dict[str, Any], dict[str, Any]]:
    update = race.started(1)
    return update, race.event("Delete", 2, race.retrained, PhysicalResourceId=update["PhysicalResourceId"])


def raced(requests: Requests, schedule: Schedule, ledger_type: type[Ledger]) -> list[str]:
    """Play one schedule of the two requests, let everything settle; return what is wrong."""
    race = EvaluationRace(ledger_type)
    first, second = requests(race)
    race.lifecycle.deliver(first)
    race.lifecycle.step()
    executors = [Executor([race.turn(first)]), Executor([race.taken_up(second), race.turn(second)])]
    play(race.lifecycle, executors, schedule)
    if second["RequestType"] == "Delete":
        race.stack.statuses.append("DELETE_IN_PROGRESS")
    race.lifecycle.pass_time(timedelta(hours=2))
    assert race.lifecycle.answers[second["RequestId"]][0]["Status"] == "SUCCESS", "the second must be answered"
    evaluations = race.lifecycle.evaluations
    return [*evaluations.wrong, *candidates(race.account), *(f"{each} goes on" for each in evaluations.going())]


def explored(requests: Requests, ledger_type: type[Ledger] = Ledger) -> tuple[int, int]:
    """Return how many schedules there are, and in how many something was wrong."""
    violated = 0

    def run(schedule: Schedule) -> None:
        nonlocal violated
        violated += bool(raced(requests, schedule, ledger_type))

    return sum(1 for _ in schedules(run, preemptions=_PREEMPTIONS)), violated


@pytest.mark.slow
@pytest.mark.parametrize("requests", [started_twice, started_and_deleted])
def test_no_interleaving_of_two_requests_runs_an_evaluation_twice_or_leaves_anything(
    requests: Requests, table: Callable[[str], None]
) -> None:
    played, violated = explored(requests)
    table(f"interleavings, evaluation {requests.__name__:19} {played} schedules, {violated} with a violation")
    assert played > 100
    assert violated == 0


def named_by_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose name is taken gets another one."""
    start = EvaluationRuns.start

    def named(self: Any, run: str, evaluation_id: str, owner: str) -> str:
        free = contract.evaluation_run(evaluation_id, 1 + len(self._step_functions.runs))
        return start(self, free if run in self._step_functions.runs else run, evaluation_id, owner)

    monkeypatch.setattr(EvaluationRuns, "start", named)


@pytest.mark.slow
def test_without_names_that_are_taken_once_and_the_lease_two_runs_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert explored(started_twice, NoLease)[1] == 0
    named_by_what_is_seen(monkeypatch)
    assert explored(started_twice, NoLease)[1] > 0
