"""Counts, record by record, what the summary has only sums of: from the scores that are stored, a shard at a time."""

import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

# Three times as fast as the standard library's: reading the scores is most of a large report.
from pydantic_core import from_json

from bedrock_lifecycle.contract.evaluation_identity import TUNED, EvaluationInputs, scores_id
from bedrock_lifecycle.contract.evaluation_store import SCORES, scores_key, shard_of
from bedrock_lifecycle.evaluation.scoring.definitions import JUDGE, UnknownMetric, metric_of
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.evaluation.stored.summary import Summary
from tune.report.facts import Outcomes

# S3 answers slowly and to many at once; boto3 keeps ten connections.
_AT_ONCE: Final = 8

Pair = tuple[str, str]
"""The name of another target, and a measure."""


@dataclass(frozen=True)
class _Scores:
    """The records of a shard, and by measure their scores in the same order."""

    records: Sequence[int]
    scores: Mapping[str, Sequence[float]]

    def of(self, measure: str) -> Sequence[float]:
        return self.scores[measure] if self.records else ()


def outcomes(store: Store, inputs: EvaluationInputs, numbers: Summary) -> tuple[Outcomes, ...]:
    """Return the outcomes of every comparison whose measure is not 0 or 1, by the scores of whole shards."""
    wanted = [
        (each.theirs, each.measure) for each in numbers.differences if each.both is None and each.measure != JUDGE
    ]
    counted: Counter[tuple[str, str, int]] = Counter()
    for definition in inputs.metrics:
        pairs = [pair for pair in wanted if pair[1] in _measures(definition)]
        if not pairs:
            continue
        ids = {each.name: scores_id(inputs.answers_id(each), definition) for each in inputs.targets}
        shards = sorted(map(shard_of, store.keys(f"{SCORES}{ids[TUNED]}/")))
        # A task for each connection, not for each shard: a task takes longer than a shard.
        shares = [shards[number::_AT_ONCE] for number in range(_AT_ONCE)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(lambda share, ids=ids, pairs=pairs: _of_shards(store, ids, pairs, share), shares):
                counted.update(found)
    return tuple(
        Outcomes(
            theirs=theirs,
            measure=measure,
            better=counted[theirs, measure, 1],
            equal=counted[theirs, measure, 0],
            worse=counted[theirs, measure, -1],
        )
        for theirs, measure in wanted
    )


def shards_with(store: Store, inputs: EvaluationInputs, records: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield the shards that have some of the records, with these."""
    its = scores_id(inputs.answers_id(inputs.targets[0]), inputs.metrics[0])
    left = set(records)
    for key in store.keys(f"{SCORES}{its}/"):
        if not left:
            return
        found = left.intersection(from_json(store.read(key))["records"])
        if found:
            left -= found
            yield shard_of(key), sorted(found)


def _measures(definition: str) -> tuple[str, ...]:
    try:
        return metric_of(definition).measures
    except UnknownMetric:
        return ()


def _of_shards(
    store: Store, ids: Mapping[str, str], pairs: Sequence[Pair], shards: Sequence[int]
) -> Counter[tuple[str, str, int]]:
    counted: Counter[tuple[str, str, int]] = Counter()
    for shard in shards:
        counted.update(_of_shard(store, ids, pairs, shard))
    return counted


def _of_shard(store: Store, ids: Mapping[str, str], pairs: Sequence[Pair], shard: int) -> Counter[tuple[str, str, int]]:
    wanted = {TUNED, *(theirs for theirs, _ in pairs)}
    scores = {name: _scores(store, its, shard) for name, its in ids.items() if name in wanted}
    counted: Counter[tuple[str, str, int]] = Counter()
    for theirs, measure in pairs:
        ours, others = _of_same_records(scores[TUNED], scores[theirs], measure)
        better, worse = sum(map(operator.gt, ours, others)), sum(map(operator.lt, ours, others))
        counted[theirs, measure, 1] += better
        counted[theirs, measure, -1] += worse
        counted[theirs, measure, 0] += len(ours) - better - worse
    return counted


def _of_same_records(one: _Scores, other: _Scores, measure: str) -> tuple[Sequence[float], Sequence[float]]:
    """Return the scores of the records that both have, in the same order: nearly always they have the same ones."""
    if one.records == other.records:
        return one.of(measure), other.of(measure)
    ours, theirs = (dict(zip(its.records, its.of(measure), strict=True)) for its in (one, other))
    both = ours.keys() & theirs.keys()
    return [ours[each] for each in both], [theirs[each] for each in both]


def _scores(store: Store, scores: str, shard: int) -> _Scores:
    body = store.found(scores_key(scores, shard))
    raw = from_json(body) if body else {"records": [], "scores": {}}
    return _Scores(raw["records"], raw["scores"])
