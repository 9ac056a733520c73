"""Lambda entry: adds the parts of all shards up to the summary of an evaluation; or says why a run could not go on."""

from datetime import UTC, datetime
from typing import Any

from bedrock_lifecycle.contract.evaluation_store import reason_key
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.evaluation.results.reduce import FAILED, Ended
from bedrock_lifecycle.evaluation.results.summarizing import summarize
from bedrock_lifecycle.evaluation.stored.shards import read_index, read_plan
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.functions.evaluation_turn import PERMANENT, counter_of, kept


def on_event(event: dict[str, Any], context: Any) -> dict[str, Any]:
    del context
    store = kept()
    if event.get("step") == "why":
        reason = store.found(reason_key(event["run"]))
        return _done(Ended(FAILED, reason.decode())) if reason else {"next": "unknown"}
    try:
        return _done(_reduced(store, event["evaluation"]))
    except PERMANENT as problem:
        return _done(Ended(FAILED, str(problem)))


def _reduced(store: Store, evaluation: str) -> Ended:
    plan = read_plan(store, evaluation)
    counted = counter_of(plan).read()
    made = datetime.fromtimestamp(int(clock.wall_clock()), UTC).isoformat()
    return summarize(
        store, plan, read_index(store, plan), tokens=counted.tokens, throttled=counted.throttled, made=made
    )


def _done(how: Ended) -> dict[str, Any]:
    return {"next": "done", "outcome": how.outcome, "reason": how.reason}
