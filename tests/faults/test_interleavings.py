"""Two requests for one throughput at once, their calls interleaved in every way: the lease lets none be orphaned."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Unpack

import pytest

from bedrock_lifecycle.engine.ledger import Granted, Ledger
from bedrock_lifecycle.engine.record import Busy, Notes, Overtaken
from bedrock_lifecycle.engine.request import Request
from sandbox.bedrock import Durations, Quotas, Settings
from tests.faults.interleaving import Executor, NextRun, Schedule, play, schedules
from tests.support.cloudformation import Stack, on_the_wire
from tests.support.environment import SERVING, Account, Wanted
from tests.support.runs import Run

WANTED = Wanted(rungs=0)
RETRAINED = WANTED.but(hyper_parameters={"epochCount": "3"})
MORE_UNITS = WANTED.but(model_units=2)
SETTINGS = Settings(
    durations=Durations(training=timedelta(minutes=1), throughput_creation=timedelta(minutes=1)),
    quotas=Quotas(custom_model_units=10),
)
PREEMPTIONS = 3


class NoLease(Ledger):
    """What the ledger would be without its lease: generations are looked at, but whoever has begun goes on."""

    def take_lease(self, request: Request, generation: int, holder: str) -> Granted | Busy | Overtaken:
        known, now = self._table.read(request.resource_key)
        if known.generation != generation:
            return Overtaken()
        return Granted(known.requests[request.request_id], now)

    def note(self, request: Request, holder: str, **notes: Unpack[Notes]) -> None:
        pass


class Race:
    """An account with a trained model, and two events about its throughput."""

    def __init__(self, ledger_type: type[Ledger]) -> None:
        self.account = Account(settings=SETTINGS, ledger_type=ledger_type)
        self.lifecycle = self.account.lifecycle
        for wanted in (WANTED.but(model_units=None), RETRAINED.but(model_units=None)):
            self.account.deploy(wanted)
            self.lifecycle.pass_time(timedelta(hours=3))
        self.stack = Stack("arn:aws:cloudformation:us-west-2:111122223333:stack/prod-Serving/1")
        self.account.cloudformation.stacks.all[self.stack.stack_id] = self.stack

    def in_service(self) -> None:
        """Have the throughput bought before the race."""
        self.account.deploy(WANTED)
        bought = self.account.cloudformation.stack(SERVING)
        assert bought is not None
        self.stack = bought

    def event(self, kind: str, number: int, wanted: Wanted, **fields: Any) -> dict[str, Any]:
        resource = wanted.serving()["Purchase"]
        return {
            "RequestType": kind,
            "RequestId": f"00000000-0000-4000-9000-{number:012}",
            "StackId": self.stack.stack_id,
            "ResponseURL": f"https://cloudformation.example/00000000-0000-4000-9000-{number:012}",
            "ResourceType": resource.type,
            "LogicalResourceId": "Purchase",
            "ResourceProperties": on_the_wire(resource.properties, lambda _: ""),
            **fields,
        }

    def taken_up(self, event: dict[str, Any]) -> NextRun:
        """Return the run of the front door for an event."""

        def run() -> Run:
            self.lifecycle.deliver(event)
            return self.lifecycle.run_of(self.lifecycle.deliveries[-1])

        return run

    def turn(self, event: dict[str, Any]) -> NextRun:
        """Return the run of the next turn of an event's workflow, once it has been started."""

        def run() -> Run | None:
            for execution in self.lifecycle.executions.values():
                if execution.state["event"]["RequestId"] == event["RequestId"] and not execution.running:
                    return self.lifecycle.run_of(execution)
            return None

        return run


Requests = Callable[[Race], tuple[dict[str, Any], dict[str, Any]]]


def created_and_deleted(race: Race) -> tuple[dict[str, Any], dict[str, Any]]:
    # New in an update that is cancelled: CloudFormation deletes under an id that it made up.
    race.stack.statuses.append("UPDATE_IN_PROGRESS")
    return race.event("Create", 1, WANTED), race.event("Delete", 2, WANTED, PhysicalResourceId="Purchase-MADEUP")


def replaced_and_deleted(race: Race) -> tuple[dict[str, Any], dict[str, Any]]:
    race.in_service()
    race.stack.statuses.append("UPDATE_IN_PROGRESS")
    physical_id = race.stack.resources["Purchase"].physical_id
    old = race.event("Update", 0, WANTED)["ResourceProperties"]
    update = race.event("Update", 1, MORE_UNITS, PhysicalResourceId=physical_id, OldResourceProperties=old)
    # Deleted while it is being replaced: both must go.
    race.stack.statuses.append("DELETE_IN_PROGRESS")
    return update, race.event("Delete", 2, WANTED, PhysicalResourceId=physical_id)


def swapped_and_deleted(race: Race) -> tuple[dict[str, Any], dict[str, Any]]:
    race.in_service()
    race.stack.statuses.append("UPDATE_IN_PROGRESS")
    physical_id = race.stack.resources["Purchase"].physical_id
    old = race.event("Update", 0, WANTED)["ResourceProperties"]
    update = race.event("Update", 1, RETRAINED, PhysicalResourceId=physical_id, OldResourceProperties=old)
    return update, race.event("Delete", 2, WANTED, PhysicalResourceId=physical_id)


def raced(requests: Requests, schedule: Schedule, ledger_type: type[Ledger]) -> list[str]:
    """Play one schedule of the two requests, let everything settle; return what still bills."""
    race = Race(ledger_type)
    first, second = requests(race)
    race.lifecycle.deliver(first)
    race.lifecycle.step()
    executors = [Executor([race.turn(first)]), Executor([race.taken_up(second), race.turn(second)])]
    play(race.lifecycle, executors, schedule)
    race.lifecycle.pass_time(timedelta(hours=2))
    assert race.lifecycle.answers[second["RequestId"]][0]["Status"] == "SUCCESS", "the delete must be answered"
    return [one["provisionedModelName"] for one in race.account.throughputs()]


def explored(requests: Requests, ledger_type: type[Ledger], preemptions: int) -> tuple[int, int]:
    """Return how many schedules there are, and in how many something was orphaned."""
    orphaned = 0

    def run(schedule: Schedule) -> None:
        nonlocal orphaned
        orphaned += bool(raced(requests, schedule, ledger_type))

    return sum(1 for _ in schedules(run, preemptions=preemptions)), orphaned


RACES = (created_and_deleted, replaced_and_deleted, swapped_and_deleted)


@pytest.mark.slow
@pytest.mark.parametrize("requests", RACES, ids=lambda race: race.__name__)
def test_no_interleaving_of_two_requests_orphans_a_throughput(requests: Requests, table: Callable[[str], None]) -> None:
    played, orphaned = explored(requests, Ledger, PREEMPTIONS)
    table(f"interleavings, {requests.__name__:22} {played} schedules, {orphaned} with an orphan")
    assert played > 100
    assert orphaned == 0


def test_without_the_lease_the_same_interleavings_orphan_a_throughput(table: Callable[[str], None]) -> None:
    played, orphaned = explored(created_and_deleted, NoLease, 2)
    table(f"interleavings, without the lease      {played} schedules, {orphaned} with an orphan")
    assert orphaned > 0
