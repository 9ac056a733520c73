"""When the next question of a shard is due: at its pace, and slower while Bedrock throttles; pure."""

from dataclasses import dataclass
from typing import Final

_SLOWEST: Final = 16.0
_GOOD_ONES: Final = 20
"""So many answers in a row, and the pace is doubled again up to what the quotas allow."""
_FIRST_PAUSE_SECONDS: Final = 2.0
_LONGEST_PAUSE_SECONDS: Final = 60.0


@dataclass
class Slots:
    """The moments at which questions are asked.

    seconds: between two questions while nothing is throttled.
    due: the moment of the next one.
    """

    seconds: float
    due: float
    slowed: float = 1.0
    _good: int = 0
    _refusals: int = 0

    def took(self, now: float) -> None:
        """Plan the next question, after one that was answered until now."""
        self._refusals = 0
        self._good += 1
        if self._good >= _GOOD_ONES:
            self._good, self.slowed = 0, max(self.slowed / 2, 1.0)
        # What was missed is not caught up: others have their slots too.
        self.due = max(self.due + self.seconds * self.slowed, now)

    def throttled(self, now: float, jitter: float) -> None:
        """Plan the same question again, later and later, and all others at a slower pace."""
        self._good = 0
        self.slowed = min(self.slowed * 2, _SLOWEST)
        self.refused(now, jitter)

    def refused(self, now: float, jitter: float) -> None:
        """Plan the same question again, later with every refusal in a row; `jitter` in [0, 1) keeps shards apart."""
        pause = min(_FIRST_PAUSE_SECONDS * 2**self._refusals, _LONGEST_PAUSE_SECONDS)
        self._refusals += 1
        self.due = now + pause * (0.5 + jitter / 2)
