"""From the scores of one shard to the part that it adds: samples, paired differences, slices, the worst records."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.evaluation.judging.judge_verdicts import DIFFERENCE, PairOutcome, Verdicts
from bedrock_lifecycle.evaluation.scoring.definitions import JUDGE
from bedrock_lifecycle.evaluation.scoring.part import GROUP, GROUPS, PartialScores, largest_groups, worst_of
from bedrock_lifecycle.evaluation.scoring.scoring import Scored
from bedrock_lifecycle.evaluation.statistics.sample import Sample, paired
from bedrock_lifecycle.evaluation.stored.summary import Difference, JudgeTold, Slice, Worst

LENGTH: Final = "length"
# Characters of the reference, up to which a slice goes; the last one has no end.
_LENGTHS: Final = (50, 200, 800, 3200)

Clusters = list[list[int]]
"""Records, those together that belong together."""


def part_of(
    scored: Sequence[Scored], of: int, headlines: Sequence[str], verdicts: Mapping[str, Verdicts], unjudged: int
) -> PartialScores:
    """Return the part of a shard.

    scored: of every target, the tuned model first; of: how many records the shard has; headlines: the measures of which
    slices and worst records are told; verdicts: the judge's, by the names of the other targets; unjudged: how many
    pairs are still to be compared.
    """
    records = sorted(set.intersection(*(each.records for each in scored)))
    tuned, *others = scored
    asked = tuned.answered
    cluster_of = dict(zip(asked.records, asked.clusters, strict=True))
    length_of = dict(zip(asked.records, asked.lengths, strict=True))
    clusters = _clusters(records, cluster_of)
    return PartialScores(
        records=len(records),
        of=of,
        unjudged=unjudged,
        tallies={each.target.name: each.answered.tally for each in scored},
        scores={
            each.target.name: {measure: _sample(its, clusters) for measure, its in each.scores.items()}
            for each in scored
        }
        if records
        else {},
        differences=tuple(
            sorted(
                [
                    *(_difference(tuned, other, measure, clusters) for other in others for measure in tuned.scores),
                    *(_judged(theirs, its, cluster_of) for theirs, its in verdicts.items()),
                ],
                key=lambda each: (each.theirs, each.measure),
            )
        )
        if records
        else (),
        slices=largest_groups(
            tuple(
                sorted(
                    _slices(scored, headlines, _slices_of(records, cluster_of, length_of), cluster_of),
                    key=lambda each: (each.by, each.label, each.target, each.measure),
                )
            )
        ),
        worst=worst_of(_worst(tuned, others, headlines, records)),
        judge=tuple(_told(theirs, its) for theirs, its in sorted(verdicts.items())),
    )


def _clusters(records: Sequence[int], cluster_of: Mapping[int, str]) -> Clusters:
    found: dict[str | int, list[int]] = {}
    for record in records:
        found.setdefault(cluster_of[record] or record, []).append(record)
    return list(found.values())


def _sample(scores: Mapping[int, float], clusters: Clusters) -> Sample:
    return Sample.of("scores", [[scores[record] for record in cluster] for cluster in clusters])


def _difference(tuned: Scored, other: Scored, measure: str, clusters: Clusters) -> Difference:
    ours, theirs = tuned.scores[measure], other.scores[measure]
    sample = paired(
        [[ours[record] for record in cluster] for cluster in clusters],
        [[theirs[record] for record in cluster] for cluster in clusters],
    )
    both = [(ours[record], theirs[record]) for cluster in clusters for record in cluster]
    if not {score for pair in both for score in pair} <= {0.0, 1.0}:
        return Difference(theirs=other.target.name, measure=measure, sample=sample)
    return Difference(
        theirs=other.target.name,
        measure=measure,
        sample=sample,
        both=both.count((1.0, 1.0)),
        ours=both.count((1.0, 0.0)),
        theirs_only=both.count((0.0, 1.0)),
        neither=both.count((0.0, 0.0)),
    )


def _judged(theirs: str, verdicts: Verdicts, cluster_of: Mapping[int, str]) -> Difference:
    values = {
        record: DIFFERENCE[its]
        for record, its in verdicts.outcomes.items()
        if its in DIFFERENCE and record in cluster_of
    }
    clusters = _clusters(sorted(values), cluster_of)
    sample = Sample.of("differences", [[values[record] for record in cluster] for cluster in clusters])
    return Difference(theirs=theirs, measure=JUDGE, sample=sample)


def _told(theirs: str, verdicts: Verdicts) -> JudgeTold:
    asked = [outcome for record, outcome in verdicts.outcomes.items() if record not in verdicts.unasked]
    return JudgeTold(
        theirs=theirs,
        agreed=sum(each in DIFFERENCE for each in asked),
        flipped=asked.count(PairOutcome.FLIPPED),
        no_verdict=asked.count(PairOutcome.NONE),
        unasked=len(verdicts.unasked),
    )


def _slices_of(
    records: Sequence[int], cluster_of: Mapping[int, str], length_of: Mapping[int, int]
) -> Iterator[tuple[str, str, list[int]]]:
    """Yield the slices that have a record: by what, their label, and these records."""
    for low, high in pairwise((0, *_LENGTHS, 0)):
        label = f"{low + 1:,} to {high:,}" if high else f"above {low:,}"
        its = [
            record for record in records if low < max(length_of[record], 1) and (length_of[record] <= high or not high)
        ]
        if its:
            yield LENGTH, label, its
    groups = [its for its in _clusters(records, cluster_of) if cluster_of[its[0]]]
    for its in sorted(groups, key=lambda its: (-len(its), cluster_of[its[0]]))[:GROUPS]:
        yield GROUP, cluster_of[its[0]], its


def _slices(
    scored: Sequence[Scored],
    headlines: Sequence[str],
    slices: Iterator[tuple[str, str, list[int]]],
    cluster_of: Mapping[int, str],
) -> Iterator[Slice]:
    for by, label, records in slices:
        clusters = _clusters(records, cluster_of)
        for each in scored:
            for measure in headlines:
                sample = _sample(each.scores[measure], clusters)
                yield Slice(by=by, label=label, target=each.target.name, measure=measure, sample=sample)


def _worst(
    tuned: Scored, others: Sequence[Scored], headlines: Sequence[str], records: Sequence[int]
) -> Iterator[Worst]:
    """Yield the records in which the tuned model is behind another, each once, by what it is the furthest behind in."""
    for record in records:
        found = [
            (tuned.scores[measure][record] - other.scores[measure][record], measure, other.target.name)
            for other in others
            for measure in headlines
        ]
        difference, measure, theirs = min(found, default=(0.0, "", TUNED))
        if difference < 0:
            yield Worst(record=record, measure=measure, theirs=theirs, difference=difference)
