"""What one shard adds to the summary. Parts add up in any order to the same numbers, and their sum stays small."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from operator import attrgetter
from typing import Any, Final, Self, TypeVar

from bedrock_lifecycle.evaluation.scoring.tally import Tally
from bedrock_lifecycle.evaluation.statistics.sample import Sample
from bedrock_lifecycle.evaluation.stored.summary import Difference, JudgeTold, Slice, Worst, measured_of

WORST: Final = 20
"""Of so many records, those in which the tuned model is the furthest behind, the numbers are told."""
GROUPS: Final = 20
"""Of so many groups, the largest, the scores are told."""
GROUP: Final = "group"

_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class PartialScores:
    """Numbers of some of the records.

    records: how many are scored, since every target was asked; of: how many there are.
    unjudged: how many pairs the judge still has to compare.
    tallies: by target's name, how all records that it was asked were answered.
    """

    records: int = 0
    of: int = 0
    unjudged: int = 0
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, Sample]] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    slices: tuple[Slice, ...] = ()
    worst: tuple[Worst, ...] = ()
    judge: tuple[JudgeTold, ...] = ()

    def __add__(self, other: Self) -> Self:
        """Return both together; they have no record and no group in common."""
        return type(self)(
            records=self.records + other.records,
            of=self.of + other.of,
            unjudged=self.unjudged + other.unjudged,
            tallies=_merged(self.tallies, other.tallies, lambda one, its: one + its),
            scores=_merged(
                self.scores,
                other.scores,
                lambda one, its: _merged(one, its, lambda ours, theirs: ours + theirs),
            ),
            differences=_joined(
                self.differences, other.differences, attrgetter("theirs", "measure"), _sum_of_differences
            ),
            slices=largest_groups(
                _joined(
                    self.slices,
                    other.slices,
                    attrgetter("by", "label", "target", "measure"),
                    lambda one, its: replace(one, sample=one.sample + its.sample),
                )
            ),
            worst=worst_of((*self.worst, *other.worst)),
            judge=_joined(self.judge, other.judge, attrgetter("theirs"), _sum_of_judgments),
        )

    def to_json(self) -> bytes:
        """Return it as text, which equal parts have in common."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the part of a text."""
        raw = json.loads(text)
        tallies = {name: Tally(**each) for name, each in raw["tallies"].items()}
        return cls(**{**raw, **measured_of(raw), "tallies": tallies})


def worst_of(records: Iterable[Worst]) -> tuple[Worst, ...]:
    """Return the `WORST` of them, the furthest behind first."""
    return tuple(sorted(records, key=attrgetter("difference", "record", "measure", "theirs"))[:WORST])


def largest_groups(slices: tuple[Slice, ...]) -> tuple[Slice, ...]:
    """Return the slices without those of all but the `GROUPS` largest groups."""
    sizes = {each.label: each.sample.records for each in slices if each.by == GROUP}
    told = {label for label, _ in sorted(sizes.items(), key=lambda its: (-its[1], its[0]))[:GROUPS]}
    return tuple(each for each in slices if each.by != GROUP or each.label in told)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any], add: Callable[[Any, Any], Any]) -> dict[str, Any]:
    return {
        name: add(one[name], other[name]) if name in one and name in other else one.get(name, other.get(name))
        for name in sorted({*one, *other})
    }


def _joined(
    ours: tuple[_Item, ...],
    others: tuple[_Item, ...],
    key: Callable[[_Item], Hashable],
    add: Callable[[_Item, _Item], _Item],
) -> tuple[_Item, ...]:
    found = {key(each): each for each in ours}
    for each in others:
        its = key(each)
        found[its] = add(found[its], each) if its in found else each
    return tuple(found[its] for its in sorted(found))  # type: ignore[type-var]


def _sum_of_differences(one: Difference, other: Difference) -> Difference:
    return Difference(
        theirs=one.theirs,
        measure=one.measure,
        sample=one.sample + other.sample,
        **{name: _sum_of_counts(getattr(one, name), getattr(other, name)) for name in _COUNTS},
    )


def _sum_of_counts(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _sum_of_judgments(one: JudgeTold, other: JudgeTold) -> JudgeTold:
    counts = {name: value + getattr(other, name) for name, value in vars(one).items() if name != "theirs"}
    return JudgeTold(theirs=one.theirs, **counts)


_COUNTS: Final = ("both", "ours", "theirs_only", "neither")
