"""Checks of values, from which fields are made: each refusal says what is allowed, the value, and what to do."""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from bedrock_tuning.common.messages import shown, suggestion
from settings.problems import FieldError


def text(*, pattern: str, max_length: int, allowed: str, advice: str) -> Callable[[object], str]:
    """Return a check for text that matches the whole pattern, as ASCII, and is not too long."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object) -> str:
        if not isinstance(value, str):
            raise FieldError(f"must be {allowed} (got {shown(value)}); put it in quotes")
        if len(value) > max_length or compiled.fullmatch(value) is None:
            raise FieldError(f"must be {allowed} (got {shown(value)}); {advice}")
        return value

    return check


def whole_number(*, minimum: int, maximum: int | None, advice: str) -> Callable[[object], int]:
    """Return a check for an integer between two bounds, both allowed; no maximum means any from the minimum."""
    allowed = f"a whole number from {minimum}" + ("" if maximum is None else f" to {maximum}")

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise FieldError(f"must be {allowed} (got {shown(value)}); {advice}")
        if value < minimum or (maximum is not None and value > maximum):
            raise FieldError(f"must be {allowed} (got {shown(value)}); {advice}")
        return value

    return check


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


def choice(*options: str, advice: str) -> Callable[[object], str]:
    """Return a check for one of a few texts."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in options:
            todo = suggestion(value, known=options, otherwise=advice)
            allowed = f"one of {', '.join(options)}" if len(options) > 1 else options[0]
            raise FieldError(f"must be {allowed} (got {shown(value)}); {todo}")
        return value

    return check


def flag(*, advice: str) -> Callable[[object], bool]:
    """Return a check for true or false."""

    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise FieldError(f"must be true or false (got {shown(value)}); {advice}")
        return value

    return check


def texts(
    is_one: Callable[[str], object],
    *,
    what: str,
    maximum: int,
    remedy: str,
    minimum: int = 1,
    advice: str = "correct the list",
    why_not: str = "",
) -> Callable[[object], tuple[str, ...]]:
    """Return what checks a list of different texts, as `what` says; `remedy` is for one that is none of them."""
    allowed = f"a list of {minimum} to {maximum} different {what}"

    def check(value: object) -> tuple[str, ...]:
        found: list[str] = []
        for each in listed(value, minimum=minimum, maximum=maximum, allowed=allowed, advice=advice):
            if not isinstance(each, str) or not is_one(each):
                raise FieldError(f"must be {allowed} (got {shown(each)}{why_not}); {remedy}")
            found.append(each)
        return tuple(found)

    return check


def listed(value: object, *, maximum: int, allowed: str, advice: str, minimum: int = 1) -> list[object]:
    """Return a list that is neither too short nor too long, and has nothing twice; `allowed` says that."""
    if not isinstance(value, list):
        raise FieldError(f"must be {allowed} (got {shown(value)}); put them in brackets")
    if not minimum <= len(value) <= maximum:
        raise FieldError(f"must be {allowed} (got {len(value)} entries); {advice}")
    for number, each in enumerate(value):
        if each in value[:number]:
            raise FieldError(f"must be {allowed} (got {shown(each)} twice); remove one of them")
    return value


def tables(name: str, *, maximum: int) -> Callable[[object], list[object]]:
    """Return a check for tables under double brackets, one or more; what is in each is checked by itself."""
    allowed = f"1 to {maximum} tables [[{name}]]"

    def check(value: object) -> list[object]:
        if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
            raise FieldError(f"must be {allowed} (got {shown(value)}); write [[{name}]] before each")
        if not 1 <= len(value) <= maximum:
            raise FieldError(f"must be {allowed} (got {len(value)}); add one, or remove some")
        return value

    return check
