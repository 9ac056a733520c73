"""What the functions of an evaluation have in common: the world they ask in, and how a run of one ends."""

import functools
import os
import time
from collections.abc import Callable
from typing import Any, Final

from bedrock_lifecycle.contract import DATA_BUCKET_VARIABLE, LEDGER_TABLE_VARIABLE
from bedrock_lifecycle.contract.evaluation_store import reason_key
from bedrock_lifecycle.evaluation.asking.asked import CannotAsk
from bedrock_lifecycle.evaluation.asking.asking import AllAnswered, Asked, Asking, AskingWorld, Bounded, HandOn
from bedrock_lifecycle.evaluation.asking.counter import LedgerCounter
from bedrock_lifecycle.evaluation.asking.throttling import Rhythm
from bedrock_lifecycle.evaluation.metrics.metric import BadReference
from bedrock_lifecycle.evaluation.scoring.definitions import UnknownMetric
from bedrock_lifecycle.evaluation.scoring.own_metric import OwnMetricFailed
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.store import Missing, Store
from bedrock_lifecycle.functions import clients

# No question is begun whose answer may not be written down: as long as the client waits for it, and half a minute.
_LAST_SECONDS: Final = clients.ANSWERED_WITHIN_SECONDS + 30

PERMANENT: Final = (BadReference, CannotAsk, Missing, OwnMetricFailed, UnknownMetric)
"""What no further try can mend. The words of each are for the person who deploys, and quote no record."""

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def kept() -> Store:
    """Return the bucket that keeps evaluations."""
    return Store(clients.evaluating("s3"), os.environ[DATA_BUCKET_VARIABLE])


def ends_a_run(handler: Handler) -> Handler:
    """Have a handler of a shard end its run where no further try can help; the first reason of a run is kept."""

    @functools.wraps(handler)
    def handled(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            return handler(event, context)
        except PERMANENT as problem:
            if "run" not in event:
                # A run that an older definition began would take any answer for that of a shard that is done.
                raise
            kept().write_once(reason_key(event["run"]), str(problem).encode())
            return {"next": "cannot"}

    return handled


def world_of(plan: EvaluationPlan, store: Store, context: Any) -> AskingWorld:
    """Return the world of a function, whose Lambda context is given."""
    return AskingWorld(
        converse=clients.evaluating("bedrock-runtime").converse,
        store=store,
        counter=counter_of(plan),
        now=time.monotonic,
        has_time=lambda: context.get_remaining_time_in_millis() > _LAST_SECONDS * 1000,
    )


def counter_of(plan: EvaluationPlan) -> LedgerCounter:
    """Return the counter of an evaluation's tokens."""
    return LedgerCounter(clients.counting(), os.environ[LEDGER_TABLE_VARIABLE], plan.id, plan.max_tokens)


def ran(its: Asking) -> dict[str, Any]:
    """Ask until all is asked or the time is up; return what the workflow goes by."""
    match _ended(its):
        case AllAnswered():
            return {"next": "done"}
        case Bounded():
            return {"next": "bounded"}
        case HandOn(seconds, rhythm):
            return {"next": "again", "seconds": seconds, **({"rhythm": rhythm.told()} if rhythm else {})}


def rhythm_of(event: dict[str, Any]) -> Rhythm | None:
    """Return how the function before has asked, which the workflow hands on."""
    return Rhythm.of(event.get("step", {}).get("rhythm"))


def _ended(its: Asking) -> Asked:
    while True:
        try:
            time.sleep(next(its))
        except StopIteration as end:
            ended: Asked = end.value
            return ended
