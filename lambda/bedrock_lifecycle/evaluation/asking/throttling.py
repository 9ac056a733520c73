"""When the next question of a shard is due: at its pace, and slower while Bedrock throttles; pure.

Where a quota is known, the pace that keeps the share of it is the fastest. Where none is known, the pace is found: it
is modest at first, grows with every answer, and is halved by a throttle. So all shards of a target together come near
to what they are allowed, and stay there.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

_SLOWEST: Final = 8.0
"""How many times as slow as at first a shard may become."""
_FASTEST_SECONDS: Final = 0.05
_ANSWERS_TO_DOUBLE: Final = 30
"""So many answers after a throttle, and the pace is doubled again."""
_ANSWERS_TO_DOUBLE_AT_FIRST: Final = 2
"""The same while nothing was throttled yet."""
_GAINED_A_SECOND: Final = 0.001
"""What each answer adds to the questions a second, whatever their number: so the slower shards catch up."""
_FIRST_PAUSE_SECONDS: Final = 2.0
_LONGEST_PAUSE_SECONDS: Final = 60.0


@dataclass(frozen=True, kw_only=True)
class PaceBounds:
    """Between which paces a shard is asked, in seconds from one question to the next."""

    fastest: float
    slowest: float

    @classmethod
    def of(cls, seconds: float, *, adapts: bool) -> Self:
        """Return the bounds of a pace; one that adapts may become faster than it begins with."""
        return cls(fastest=min(seconds, _FASTEST_SECONDS) if adapts else seconds, slowest=seconds * _SLOWEST)


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """How fast a shard is asked, as one function hands it to the next.

    seconds: From one question to the next.
    throttled: Whether any question was.
    refusals: How many questions in a row had no answer.
    """

    seconds: float
    throttled: bool = False
    refusals: int = 0

    def answered(self, bounds: PaceBounds) -> Self:
        """Return it after an answer."""
        if self.seconds <= bounds.fastest:
            return replace(self, refusals=0)
        a_second = 1 / self.seconds
        if self.throttled:
            a_second = a_second * _grown_in(_ANSWERS_TO_DOUBLE) + _GAINED_A_SECOND
        else:
            a_second *= _grown_in(_ANSWERS_TO_DOUBLE_AT_FIRST)
        return replace(self, seconds=max(1 / a_second, bounds.fastest), refusals=0)

    def turned_away(self, bounds: PaceBounds) -> Self:
        """Return it after a throttle; of several in a row the first alone makes the pace slower."""
        slower = self.seconds if self.refusals else min(self.seconds * 2, bounds.slowest)
        return replace(self.refused(), seconds=slower, throttled=True)

    def refused(self) -> Self:
        """Return it after any other question without an answer."""
        return replace(self, refusals=self.refusals + 1)

    def pause(self, jitter: float) -> float:
        """Return how long to wait before the same question, longer each time; `jitter` in [0, 1) keeps shards apart."""
        longer = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(self.refusals - 1, 10), _LONGEST_PAUSE_SECONDS)
        return longer * (0.5 + jitter / 2)

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> Self | None:
        """Return the rhythm that another function has told; None where it has not, or is of other code."""
        return cls(**told) if told and told.keys() == cls.__dataclass_fields__.keys() else None

    def told(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


def _grown_in(answers: int) -> float:
    """Return how many times as fast each of so many answers makes a shard that they make twice as fast."""
    return math.pow(2, 1 / answers)


@dataclass
class Slots:
    """The moments at which questions are asked; `due` is that of the next one."""

    rhythm: Rhythm
    bounds: PaceBounds
    due: float

    def took(self, now: float) -> None:
        """Plan the next question, after one that was answered until now."""
        self.rhythm = self.rhythm.answered(self.bounds)
        # What was missed is not caught up: others have their slots too.
        self.due = max(self.due + self.rhythm.seconds, now)

    def throttled(self, now: float, jitter: float) -> None:
        """Plan the same question again, later and later, and all others at a slower pace."""
        self.rhythm = self.rhythm.turned_away(self.bounds)
        self.due = now + self.rhythm.pause(jitter)

    def refused(self, now: float, jitter: float) -> None:
        """Plan the same question again, later with every refusal in a row."""
        self.rhythm = self.rhythm.refused()
        self.due = now + self.rhythm.pause(jitter)
