"""Whether a model answers a question rightly: drawn from digests, so that it is the same at each time."""

import hashlib
import math
from typing import Final

_BITS: Final = 53


def is_right(question: str, model: str, rate: float, correlation: float, seed: int) -> bool:
    """Tell whether a model answers a question rightly.

    Over many questions a model answers `rate` of them rightly (0 to 1). For each question a model takes with the
    chance √`correlation` the luck that all models share, else its own. So of two models with the same rate the answers
    have that Pearson correlation (0 to 1), and of two with other rates that share of the greatest one that these allow.
    """
    shares = _uniform(seed, "shares", model, question) < math.sqrt(correlation)
    luck = _uniform(seed, "luck", *([] if shares else [model]), question)
    return luck < rate


def _uniform(*parts: object) -> float:
    """Return a number from 0 to below 1 that depends only on the parts."""
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / (1 << _BITS)
