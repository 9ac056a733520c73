"""A Bedrock that answers as fast as a quota allows: requests over it are throttled, and other workloads take a part."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

_BURST_SECONDS: Final = 6.0
"""So many seconds' worth of requests may come at once."""
_DIP_EVERY_SECONDS: Final = 4 * 3600.0
_DIP_SECONDS: Final = 600.0
_IN_DIPS: Final = 0.5
"""Now and then another workload takes half of what the evaluation may use."""


@dataclass
class Rate:
    """A bucket of requests that fills as a share of a quota does."""

    a_minute: float
    _level: float = field(init=False)
    _seen: float = 0.0

    def __post_init__(self) -> None:
        self._level = self._most

    def takes(self, now: float) -> bool:
        """Tell whether one more request is allowed now."""
        self._level = min(self._most, self._level + max(self.allowed(now) - self.allowed(self._seen), 0.0))
        self._seen = max(now, self._seen)
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def allowed(self, until: float) -> float:
        """Return how many requests the share allows from the beginning on."""
        rounds, rest = divmod(until, _DIP_EVERY_SECONDS)
        in_dips = rounds * _DIP_SECONDS + max(rest - (_DIP_EVERY_SECONDS - _DIP_SECONDS), 0.0)
        return (until - in_dips * (1 - _IN_DIPS)) * self.a_minute / 60

    def seconds_for(self, requests: int) -> float:
        """Return how long so many requests take at least."""
        low, high = 0.0, 2 * requests * 60 / self.a_minute + _DIP_EVERY_SECONDS
        while high - low > 1e-3:
            middle = (low + high) / 2
            low, high = (middle, high) if self.allowed(middle) < requests else (low, middle)
        return high

    @property
    def _most(self) -> float:
        return max(self.a_minute / 60 * _BURST_SECONDS, 1.0)


@dataclass
class Model:
    """One model that answers, and what it was asked."""

    rate: Rate
    chance: random.Random
    said: Callable[[str, random.Random], str]
    """What it says of a question."""
    answered: int = 0
    throttled: int = 0
    tokens: int = 0
    last: float = 0.0

    def latency(self) -> float:
        """Return how long the next answer takes, in seconds."""
        return 0.8 + self.chance.expovariate(1 / 0.8)

    def answer(self, now: float, text: str) -> Mapping[str, Any]:
        """Return what Converse does for a question that arrives now."""
        if not self.rate.takes(now):
            self.throttled += 1
            raise _throttled()
        self.answered += 1
        self.tokens += 60
        self.last = max(self.last, now)
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": self.said(text, self.chance)}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 40, "outputTokens": 20},
        }


def often_right(text: str, chance: random.Random) -> str:
    """Say what was asked, which is right, seven times of ten."""
    return text if chance.random() < 0.7 else "no"


def fair(text: str, chance: random.Random) -> str:
    """Prefer the answer that is right, as a judge does; now and then whatever comes first."""
    told = json.loads(text)
    return json.dumps({"better": "a" if told["answer_a"] == told["reference"] or chance.random() < 0.05 else "b"})


def _throttled() -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "ThrottlingException", "Message": "too many requests"},
            "ResponseMetadata": {"HTTPStatusCode": 429},  # type: ignore[typeddict-item]
        },
        "Converse",
    )
