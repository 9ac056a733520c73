"""The end of a run: its parts become the summary, which a gate judges."""

from collections.abc import Iterator

from bedrock_lifecycle.contract.evaluation_store import (
    LOOKS,
    bounded_summary_key,
    look_key,
    part_key,
    summary_key,
)
from bedrock_lifecycle.evaluation.results.reduce import BOUNDED, COMPLETE, Ended, ended, summarized
from bedrock_lifecycle.evaluation.results.statistician import Known
from bedrock_lifecycle.evaluation.scoring.part import Part
from bedrock_lifecycle.evaluation.stored.plan import Plan
from bedrock_lifecycle.evaluation.stored.records import Index, Look
from bedrock_lifecycle.evaluation.stored.store import Store


def summarize(store: Store, plan: Plan, index: Index, *, tokens: int, throttled: int, made: str) -> Ended:
    """Write the summary down, and return how the run ended; a summary that is complete is never written over.

    A run that has failed writes none: with another `max_error_rate` the same answers are counted again.
    """
    look = store.found(look_key(plan.questions.test_sha256, plan.id))
    known = Known(
        looks=max(1, sum(1 for _ in store.keys(f"{LOOKS}{plan.questions.test_sha256}/"))),
        trained_on=Look.from_json(look).trained_on if look else None,
        repeated=index.repeated,
        tokens=tokens,
        throttled=throttled,
    )
    summary = summarized(plan, _parts(store, plan, index), known, made)
    how = ended(plan, summary)
    if how.outcome == COMPLETE:
        store.write_once(summary_key(plan.id), summary.to_json().encode())
    elif how.outcome == BOUNDED:
        store.write(bounded_summary_key(plan.id), summary.to_json().encode())
    return how


def _parts(store: Store, plan: Plan, index: Index) -> Iterator[Part]:
    """Yield one part after the other, so that only their sum is in memory."""
    for shard in range(len(index.shards)):
        yield Part.from_json(store.read(part_key(plan.id, shard)))
