"""How records were answered, in numbers that stay when the answers have expired."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Self

from bedrock_lifecycle.evaluation.stored.records import FILTERED, Answer, Question


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Counts of one target's answers; `latencies` counts them by milliseconds, rounded up to two digits."""

    answered: int = 0
    unanswered: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    stop_reasons: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)
    latencies: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, answers: Sequence[Answer]) -> Self:
        """Count answers. Those that are missing have neither a stop reason nor a latency, only an error."""
        there = [each for each in answers if each.text is not None]
        return cls(
            answered=len(there),
            unanswered=len(answers) - len(there),
            input_tokens=sum(each.input_tokens for each in answers),
            output_tokens=sum(each.output_tokens for each in answers),
            stop_reasons=_counted(each.stop_reason for each in there),
            errors=_counted(each.error for each in answers if each.text is None),
            latencies=_counted(str(_rounded(each.latency)) for each in there),
        )

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return type(self)(
            answered=self.answered + other.answered,
            unanswered=self.unanswered + other.unanswered,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            stop_reasons=_sum(self.stop_reasons, other.stop_reasons),
            errors=_sum(self.errors, other.errors),
            latencies=_sum(self.latencies, other.latencies),
        )

    @property
    def unheard(self) -> int:
        """Of how many records nothing came: what was filtered is what the model said."""
        return sum(count for error, count in self.errors.items() if error not in FILTERED)

    def latency(self, share: float) -> int | None:
        """Return the latency below which a share of the answers came, in milliseconds; None without any answer."""
        number = 0
        for latency in sorted(map(int, self.latencies)):
            number += self.latencies[str(latency)]
            if number >= share * self.answered:
                return latency
        return None


@dataclass(frozen=True, kw_only=True)
class AnsweredShard:
    """Which records a target was asked, in the order of the scores, and how it answered.

    clusters: as `Question` has them.
    lengths: of each record's reference, in characters.
    """

    records: tuple[int, ...]
    clusters: tuple[str, ...]
    lengths: tuple[int, ...]
    tally: Tally

    @classmethod
    def of(cls, questions: Sequence[Question], answers: Sequence[Answer]) -> Self:
        """Return it of the questions that were asked, and the answers to them in the same order."""
        return cls(
            records=tuple(each.record for each in questions),
            clusters=tuple(each.cluster for each in questions),
            lengths=tuple(len(each.reference) for each in questions),
            tally=Tally.of(answers),
        )

    def to_json(self) -> bytes:
        """Return it as text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return what a text has."""
        raw = json.loads(text)
        lists = {name: tuple(raw[name]) for name in ("records", "clusters", "lengths")}
        return cls(**lists, tally=Tally(**raw["tally"]))


def _rounded(milliseconds: int) -> int:
    unit = int(10 ** max(0, len(str(milliseconds)) - 2))
    return -(-milliseconds // unit) * unit


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(one) + Counter(other)).items()))
