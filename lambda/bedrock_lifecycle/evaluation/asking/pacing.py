"""How fast a target is asked: so many shards at once, and so many seconds between two questions of one shard.

All together keep the share of the quotas that the evaluation may use, since whatever else the account serves has the
rest. On-demand quotas count requests a minute, and tokens a minute with all of `maxTokens` reserved when a request
begins (Bedrock user guide, "How tokens are counted").
"""

from dataclasses import dataclass
from typing import Final

MAX_CONCURRENCY: Final = 100
"""Shards of one target that are asked at once at most: an account has 1,000 functions running at once by default."""
UNKNOWN_REQUESTS_A_MINUTE: Final = 120.0
"""How fast is asked at first where no quota is known, until answers and throttles tell more."""
# More shards would begin so slowly that each question is a wait of the workflow.
_UNKNOWN_CONCURRENCY: Final = 40
# With how many seconds an answer is reckoned: an estimate, of which only the number of functions depends.
_FIRST_TOKEN_SECONDS: Final = 1.0
_TOKENS_A_SECOND: Final = 100.0


@dataclass(frozen=True)
class Pace:
    """So many shards at once; in each a question every so many seconds, at first alone if it `adapts`."""

    concurrency: int
    seconds: float
    adapts: bool = False


def requests_a_minute(
    *, requests: float | None, tokens: float | None, share: float, tokens_a_question: float
) -> float | None:
    """Return how many questions a minute a share of the quotas allows; None where no quota is known.

    requests, tokens: The quotas of a minute; None for one that is not known.
    tokens_a_question: What a question reserves: its own tokens and all that its answer may have.
    """
    bounds = [] if requests is None else [requests * share]
    if tokens is not None:
        bounds.append(tokens * share / max(tokens_a_question, 1))
    return min(bounds, default=None)


def pace(allowed: float | None, *, shards: int, max_output_tokens: int) -> Pace:
    """Return how `shards` shards are asked with so many questions a minute in all.

    Waves are equal, since of a last wave that is not full the quota's rest would be left.
    """
    if allowed is None:
        concurrency = _waves(shards, _UNKNOWN_CONCURRENCY)
        return Pace(concurrency, 60 * concurrency / UNKNOWN_REQUESTS_A_MINUTE, adapts=True)
    answer = _FIRST_TOKEN_SECONDS + max_output_tokens / _TOKENS_A_SECOND
    needed = allowed / 60 * answer
    at_most = min(max(round(2 * needed), 1), MAX_CONCURRENCY)
    concurrency = _waves(shards, at_most)
    return Pace(concurrency, round(60 * concurrency / allowed, 3))


def _waves(shards: int, at_most: int) -> int:
    waves = -(-shards // at_most)
    return -(-shards // max(waves, 1)) or 1
