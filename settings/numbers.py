"""Checks of numbers with a fraction, which a file may write as whole numbers too."""

import math
from collections.abc import Callable
from decimal import Decimal

from bedrock_tuning.common.messages import shown
from settings.problems import FieldError


def fraction(
    allowed: str, *, above: float | None = None, minimum: float = 0, below: float | None = None, advice: str
) -> Callable[[object], float]:
    """Return a check for a number from `minimum`, or above `above`, to 1, or below `below`; `allowed` says that."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise FieldError(f"must be {allowed} (got {shown(value)}); {advice}")
        if math.isnan(value):  # TOML has it, and no comparison with it says anything
            raise FieldError(f"must be {allowed} (got nan); {advice}")
        is_low = value <= above if above is not None else value < minimum
        is_high = value >= below if below is not None else value > 1
        if is_low or is_high:
            raise FieldError(f"must be {allowed} (got {shown(value)}); {advice}")
        return float(value)

    return check
