"""The end of a run: its parts become the summary, which a gate judges."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bedrock_lifecycle.contract.evaluation_store import (
    LOOKS,
    again_key,
    bounded_summary_key,
    failed_summary_key,
    look_key,
    part_key,
    summary_key,
)
from bedrock_lifecycle.evaluation.results.reduce import BOUNDED, COMPLETE, Ended, ended, lacking, summarized
from bedrock_lifecycle.evaluation.results.statistician import ScoreContext
from bedrock_lifecycle.evaluation.scoring.part import PartialScores
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from bedrock_lifecycle.evaluation.stored.records import AskingAgain, Index, Look
from bedrock_lifecycle.evaluation.stored.shards import read_again
from bedrock_lifecycle.evaluation.stored.store import Store

Unheard = dict[str, dict[int, int]]
"""By target and shard, of how many records nothing came."""


def summarize(store: Store, plan: EvaluationPlan, index: Index, *, tokens: int, throttled: int, made: str) -> Ended:
    """Write the summary down, and return how the run ended; a summary that is complete is never written over.

    Where a target left too many records without an answer, the next run asks it these again.
    """
    look = store.found(look_key(plan.questions.test_sha256, plan.id))
    known = ScoreContext(
        looks=max(1, sum(1 for _ in store.keys(f"{LOOKS}{plan.questions.test_sha256}/"))),
        trained_on=Look.from_json(look).trained_on if look else None,
        repeated=index.repeated,
        tokens=tokens,
        throttled=throttled,
    )
    unheard: Unheard = {target.name: {} for target in plan.targets}
    summary = summarized(plan, _parts(store, plan, index, unheard), known, made)
    how = ended(plan, summary)
    if how.outcome == COMPLETE:
        store.write_once(summary_key(plan.id), summary.to_json().encode())
    else:
        key = bounded_summary_key if how.outcome == BOUNDED else failed_summary_key
        store.write(key(plan.id), summary.to_json().encode())
    lacks = {each.name for each in lacking(summary, plan.max_error_rate)}
    for target in plan.targets:
        _ask_again(store, plan.answers_id(target), unheard[target.name], lacks=target.name in lacks)
    return how


def _parts(store: Store, plan: EvaluationPlan, index: Index, unheard: Unheard) -> Iterator[PartialScores]:
    """Yield one part after the other, so that only their sum is in memory; note who was not heard of."""
    for shard in range(len(index.shards)):
        part = PartialScores.from_json(store.read(part_key(plan.id, shard)))
        for name, tally in part.tallies.items():
            if tally.unheard:
                unheard[name][shard] = tally.unheard
        yield part


def _ask_again(store: Store, answers_id: str, unheard: Mapping[int, int], *, lacks: bool) -> None:
    before = read_again(store, answers_id)
    if lacks:
        again = AskingAgain(number=before.number + 1, shards=unheard)
    elif before.shards:
        again = replace(before, shards={})
    else:
        return
    store.write(again_key(answers_id), again.to_json().encode())
