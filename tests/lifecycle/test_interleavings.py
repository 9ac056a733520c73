"""Two requests for one thing that serves, their calls interleaved in every way: the lease lets none be orphaned.

The lease is the engine's, the same for throughputs and for deployments; both are raced, because what the reconciler
does under it is not the same.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Unpack

import pytest

from bedrock_lifecycle.engine.ledger import Granted, Ledger
from bedrock_lifecycle.engine.record import Busy, Notes, Overtaken, Record
from bedrock_lifecycle.engine.request import Request
from sandbox.bedrock import Durations, Quotas, Settings
from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.interleaving import Executor, NextRun, Schedule, play, schedules
from tests.support.cloudformation import Resource, Stack, on_the_wire
from tests.support.environment import SERVING, Account, Wanted
from tests.support.runs import Run

BOUGHT = Wanted(rungs=0)
DEPLOYED = ON_DEMAND.but(rungs=0)
_MINUTE = timedelta(minutes=1)
SETTINGS = Settings(
    durations=Durations(training=_MINUTE, throughput_creation=_MINUTE, deployment_creation=_MINUTE),
    quotas=Quotas(custom_model_units=10),
)
PREEMPTIONS = 3


class NoLease(Ledger):
    """What the ledger would be without its lease: generations are looked at, but whoever has begun goes on."""

    def take_lease(self, request: Request, generation: int, holder: str) -> Granted | Busy | Overtaken:
        known, now = self._table.read(request.resource_key)
        if known.generation != generation:
            return Overtaken()
        return Granted(known, now)

    def note(self, request: Request, holder: str, **notes: Unpack[Notes]) -> Record:
        """Write nothing down: whoever has lost its lease would lose the note as well."""
        known, _now = self._table.read(request.resource_key)
        return known


class Race:
    """An account with two trained models, and two events about what serves the first."""

    def __init__(self, ledger_type: type[Ledger], wanted: Wanted) -> None:
        self.account = Account(settings=SETTINGS, ledger_type=ledger_type, region=wanted.region)
        self.lifecycle = self.account.lifecycle
        self.wanted, self.retrained = wanted, wanted.but(hyper_parameters={"epochCount": "3"})
        self.logical_id = next(iter(wanted.serving()))
        for trained in (self.wanted, self.retrained):
            self.account.deploy(trained.but(model_units=None, on_demand=False))
            self.lifecycle.pass_time(timedelta(hours=3))
        self.stack = Stack(f"arn:aws:cloudformation:{wanted.region}:111122223333:stack/{SERVING}/1")
        self.account.cloudformation.stacks.all[self.stack.stack_id] = self.stack

    def in_service(self) -> str:
        """Have it serve before the race; return its physical id."""
        self.account.deploy(self.wanted)
        stack = self.account.cloudformation.stack(SERVING)
        assert stack is not None
        self.stack = stack
        return stack.resources[self.logical_id].physical_id

    def resource(self, wanted: Wanted) -> Resource:
        """Return the resource of the template that the events are about."""
        return wanted.serving()[self.logical_id]

    def event(self, kind: str, number: int, wanted: Wanted, **fields: Any) -> dict[str, Any]:
        resource = self.resource(wanted)
        return {
            "RequestType": kind,
            "RequestId": f"00000000-0000-4000-9000-{number:012}",
            "StackId": self.stack.stack_id,
            "ResponseURL": f"https://cloudformation.example/00000000-0000-4000-9000-{number:012}",
            "ResourceType": resource.type,
            "LogicalResourceId": self.logical_id,
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
    made_up = f"{race.logical_id}-MADEUP"
    return race.event("Create", 1, race.wanted), race.event("Delete", 2, race.wanted, PhysicalResourceId=made_up)


def replaced_and_deleted(race: Race) -> tuple[dict[str, Any], dict[str, Any]]:
    physical_id = race.in_service()
    race.stack.statuses.append("UPDATE_IN_PROGRESS")
    old = race.event("Update", 0, race.wanted)["ResourceProperties"]
    more = race.wanted.but(model_units=2)
    update = race.event("Update", 1, more, PhysicalResourceId=physical_id, OldResourceProperties=old)
    # Deleted while it is being replaced: both must go.
    race.stack.statuses.append("DELETE_IN_PROGRESS")
    return update, race.event("Delete", 2, race.wanted, PhysicalResourceId=physical_id)


def swapped_and_deleted(race: Race) -> tuple[dict[str, Any], dict[str, Any]]:
    physical_id = race.in_service()
    race.stack.statuses.append("UPDATE_IN_PROGRESS")
    old = race.event("Update", 0, race.wanted)["ResourceProperties"]
    update = race.event("Update", 1, race.retrained, PhysicalResourceId=physical_id, OldResourceProperties=old)
    return update, race.event("Delete", 2, race.wanted, PhysicalResourceId=physical_id)


def raced(requests: Requests, wanted: Wanted, schedule: Schedule, ledger_type: type[Ledger]) -> list[str]:
    """Play one schedule of the two requests, let everything settle; return what still serves."""
    race = Race(ledger_type, wanted)
    first, second = requests(race)
    race.lifecycle.deliver(first)
    race.lifecycle.step()
    executors = [Executor([race.turn(first)]), Executor([race.taken_up(second), race.turn(second)])]
    play(race.lifecycle, executors, schedule)
    race.lifecycle.pass_time(timedelta(hours=2))
    assert race.lifecycle.answers[second["RequestId"]][0]["Status"] == "SUCCESS", "the delete must be answered"
    return race.account.serving_names()


def explored(requests: Requests, wanted: Wanted, ledger_type: type[Ledger], preemptions: int) -> tuple[int, int]:
    """Return how many schedules there are, and in how many something was orphaned."""
    orphaned = 0

    def run(schedule: Schedule) -> None:
        nonlocal orphaned
        orphaned += bool(raced(requests, wanted, schedule, ledger_type))

    return sum(1 for _ in schedules(run, preemptions=preemptions)), orphaned


RACES = {
    "created_and_deleted": (created_and_deleted, BOUGHT),
    "replaced_and_deleted": (replaced_and_deleted, BOUGHT),
    "swapped_and_deleted": (swapped_and_deleted, BOUGHT),
    "on demand: created_and_deleted": (created_and_deleted, DEPLOYED),
    "on demand: swapped_and_deleted": (swapped_and_deleted, DEPLOYED),
}


@pytest.mark.slow
@pytest.mark.parametrize("race", RACES)
def test_no_interleaving_of_two_requests_orphans_what_serves(race: str, table: Callable[[str], None]) -> None:
    played, orphaned = explored(*RACES[race], Ledger, PREEMPTIONS)
    table(f"interleavings, {race:30} {played} schedules, {orphaned} with an orphan")
    assert played > 100
    assert orphaned == 0


@pytest.mark.parametrize("wanted", [BOUGHT, DEPLOYED], ids=["throughput", "on demand"])
def test_without_the_lease_the_same_interleavings_orphan_what_serves(
    wanted: Wanted, table: Callable[[str], None]
) -> None:
    played, orphaned = explored(created_and_deleted, wanted, NoLease, 2)
    way = "on demand" if wanted.on_demand else "throughput"
    table(f"interleavings, without the lease, {way:11} {played} schedules, {orphaned} with an orphan")
    assert orphaned > 0
