"""What the functions have in common that ask a model: the world they ask in, and how a run of one ends."""

import os
import time
from typing import Any, Final

from bedrock_lifecycle.contract import LEDGER_TABLE_VARIABLE
from bedrock_lifecycle.evaluation.asking.asking import Asked, Asking, Bounded, Done, HandOn, World
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.stored.plan import Plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions import clients

# No question is begun whose answer may not be written down: as long as the client waits for it, and half a minute.
_LAST_SECONDS: Final = clients.ANSWERED_WITHIN_SECONDS + 30


def world_of(plan: Plan, store: Store, context: Any) -> World:
    """Return the world of a function, whose Lambda context is given."""
    return World(
        converse=clients.evaluating("bedrock-runtime").converse,
        store=store,
        counter=counter_of(plan),
        now=time.monotonic,
        has_time=lambda: context.get_remaining_time_in_millis() > _LAST_SECONDS * 1000,
    )


def counter_of(plan: Plan) -> LedgerCounter:
    """Return the counter of an evaluation's tokens."""
    return LedgerCounter(clients.counting(), os.environ[LEDGER_TABLE_VARIABLE], plan.id, plan.max_tokens)


def ran(its: Asking) -> dict[str, Any]:
    """Ask until all is asked or the time is up; return what the workflow goes by."""
    match _ended(its):
        case Done():
            return {"next": "done"}
        case Bounded():
            return {"next": "bounded"}
        case HandOn(seconds):
            return {"next": "again", "seconds": seconds}


def _ended(its: Asking) -> Asked:
    while True:
        try:
            time.sleep(next(its))
        except StopIteration as end:
            ended: Asked = end.value
            return ended
