"""One resource's turns, one at a time, with everything around them in this process."""

import json
from datetime import timedelta
from typing import Any

from bedrock_lifecycle.engine.engine import Engine, Resource, Turn
from bedrock_lifecycle.engine.ledger import Ledger
from bedrock_lifecycle.engine.outcome import Outcome, Settled
from bedrock_lifecycle.engine.request import Request
from tests.support.memory_table import MemoryTable


class AnyStacks:
    """CloudFormation's view of the one stack."""

    def __init__(self, status: str = "CREATE_IN_PROGRESS") -> None:
        self.now_is = status

    def status(self, stack_id: str) -> str:
        """See `StackView`."""
        del stack_id
        return self.now_is

    def was_complete_once(self, stack_id: str) -> bool:
        """See `StackView`."""
        del stack_id
        return True

    def resources(self, stack_id: str) -> list[dict[str, Any]]:
        """See `StackView`."""
        del stack_id
        return []


class Scripted:
    """A resource that does what it is told, and remembers the turns it had."""

    def __init__(self, *outcomes: Outcome | Exception, undoing: Outcome | Exception | None = None) -> None:
        self.outcomes = list(outcomes)
        self.undoing = undoing or Settled()
        self.creates = ""
        self.turns: list[Turn] = []
        self.undone = 0

    def reconcile(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        self.turns.append(turn)
        if self.creates:
            turn.about_to_create(self.creates)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return _given(outcome)

    def undo(self, turn: Turn) -> Outcome:
        """See `Resource`."""
        del turn
        self.undone += 1
        return _given(self.undoing)


def _given(outcome: Outcome | Exception) -> Outcome:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def any_turn(event: dict[str, Any]) -> Turn:
    """Return a turn about a request, for what is asked of a resource without an engine."""
    resource = Scripted(Settled())
    turns = Turns(resource, event["ResourceType"])
    turns.turn(turns.taken_up(event))
    return resource.turns[0]


class Turns:
    """An engine for one resource; `wall` is the clock of leases, the table's the clock of deadlines."""

    def __init__(self, resource: Resource, resource_type: str, ledger_type: type[Ledger] = Ledger) -> None:
        self.table = MemoryTable()
        self.stacks = AnyStacks()
        self.wall = 1000.0
        self.ledger = ledger_type(self.table, lease_seconds=40, wall_clock=lambda: self.wall)
        self.engine = Engine(self.ledger, self.stacks, {resource_type: resource})

    def taken_up(self, event: dict[str, Any], physical_id: str = "derived") -> dict[str, Any]:
        """Write a request down and return its workflow's state."""
        entry = self.ledger.register(Request.parse(event))
        return {"event": event, "generation": entry.generation, "physicalId": physical_id}

    def turn(self, state: dict[str, Any], holder: str = "any") -> dict[str, Any]:
        """Run one turn; what it returns goes over the wire."""
        step: dict[str, Any] = json.loads(json.dumps(self.engine.turn(state, holder)))
        return step

    def pass_time(self, span: timedelta) -> None:
        self.table.now += span
        self.wall += span.total_seconds()
