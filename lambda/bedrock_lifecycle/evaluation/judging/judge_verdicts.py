"""What a judge said of pairs of answers, each asked in both orders: numbers, which stay."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class PairOutcome(StrEnum):
    """What came out of one pair."""

    OURS = "ours"
    THEIRS = "theirs"
    NEITHER = "neither"
    FLIPPED = "flipped"
    """The order of the answers decided; it counts for nobody."""
    NONE = "none"
    """A reply that is no verdict, or no reply."""


DIFFERENCE: Final[Mapping[PairOutcome, int]] = {PairOutcome.OURS: 1, PairOutcome.NEITHER: 0, PairOutcome.THEIRS: -1}
"""What an outcome adds to the measure `judge`."""


@dataclass(frozen=True)
class Verdicts:
    """The outcomes by record, and the records about which no judge had to be asked."""

    outcomes: Mapping[int, PairOutcome]
    unasked: frozenset[int] = frozenset()

    def __or__(self, other: Self) -> Self:
        """Return both together."""
        return type(self)({**self.outcomes, **other.outcomes}, self.unasked | other.unasked)

    def to_json(self) -> bytes:
        """Return them as text."""
        raw = {
            "records": sorted(self.outcomes),
            "outcomes": [self.outcomes[record] for record in sorted(self.outcomes)],
            "unasked": sorted(self.unasked),
        }
        return json.dumps(raw, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the verdicts of a text."""
        raw = json.loads(text)
        outcomes = dict(zip(raw["records"], map(PairOutcome, raw["outcomes"]), strict=True))
        return cls(outcomes, frozenset(raw["unasked"]))
