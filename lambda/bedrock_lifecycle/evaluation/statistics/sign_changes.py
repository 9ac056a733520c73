"""How far from 0 chance takes a sum of differences, if each of them could as well have had the other sign."""

import random
from collections.abc import Sequence
from itertools import product
from typing import Final

from bedrock_lifecycle.evaluation.statistics.bootstrap import SEED
from bedrock_lifecycle.evaluation.statistics.confidence import two_sided_p_value

RANDOM_SIGNS: Final = 2000
_ALL_SIGNS: Final = 11
"""Of so many differences every combination of signs is looked at."""
_NEVER_MORE: Final = 3.18
"""So many times the normal probability bounds that of any sum with random signs (Bentkus and Dzindzalieta, 2015)."""


def p_value(differences: Sequence[int]) -> float:
    """Return the two-sided p-value of the test that changes signs: without a difference, 5 % are at 5 % or below.

    It is exact up to `_ALL_SIGNS` that are not 0. Of more it takes `RANDOM_SIGNS` samples with a fixed seed, and counts
    what was seen among them, which keeps the level.
    """
    sizes = sorted(abs(each) for each in differences if each)
    observed = abs(sum(differences))
    if len(sizes) <= _ALL_SIGNS:
        signs = list(product((1, -1), repeat=len(sizes)))
        return sum(_sum(each, sizes) >= observed for each in signs) / len(signs)
    draw = random.Random(SEED).random  # noqa: S311 - it keeps no secret
    drawn = ([1 if draw() < 0.5 else -1 for _ in sizes] for _ in range(RANDOM_SIGNS))
    return (1 + sum(_sum(each, sizes) >= observed for each in drawn)) / (1 + RANDOM_SIGNS)


def normal_p_value(deviations: float, *, is_normal: bool) -> float:
    """Return it from a sum and its root of squares alone: the normal one, or what it is at most."""
    normal = two_sided_p_value(deviations)
    return normal if is_normal else min(1.0, _NEVER_MORE * normal)


def _sum(signs: Sequence[int], sizes: Sequence[int]) -> int:
    return abs(sum(sign * size for sign, size in zip(signs, sizes, strict=True)))
