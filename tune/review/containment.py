"""Whether one permission covers another: patterns of actions and ARNs, and conditions, compared without a request."""

import functools
from collections.abc import Mapping
from typing import Final

Conditions = Mapping[str, Mapping[str, tuple[str, ...]]]
"""The values by operator and key."""

# Operators whose values widen what is allowed: fewer values are stricter. Of the others more values are stricter.
_POSITIVE: Final = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "IpAddress", "Bool")
_NEGATIVE: Final = ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike", "NotIpAddress")
_LIKE: Final = ("StringLike", "ArnLike", "ArnEquals")
_IF_EXISTS: Final = "IfExists"


@functools.lru_cache(maxsize=65536)
def pattern_covers(wide: str, narrow: str) -> bool:
    """Tell whether every text that matches a pattern with `*` and `?` matches a wider one."""
    # Rows of the usual matching of a text with a pattern; a wildcard of `narrow` is a letter that only `*` matches.
    reached = [True] + [False] * len(narrow)
    for sign in wide:
        before, reached = reached, [False] * (len(narrow) + 1)
        if sign == "*":
            so_far = False
            for index, here in enumerate(before):
                so_far = so_far or here
                reached[index] = so_far
            continue
        for index, letter in enumerate(narrow):
            matches = letter != "*" if sign == "?" else letter == sign
            reached[index + 1] = before[index] and matches
    return reached[-1]


def conditions_cover(wide: Conditions, narrow: Conditions) -> bool:
    """Tell whether whatever meets the narrow conditions meets the wide ones; False where that cannot be told."""
    return all(
        _is_met(operator, values, key, narrow) for operator, keys in wide.items() for key, values in keys.items()
    )


def _is_met(operator: str, values: tuple[str, ...], key: str, narrow: Conditions) -> bool:
    found = _of_key(narrow.get(operator, {}), key)
    if found is None and operator.endswith(_IF_EXISTS):
        # Who asks for the key to be there, and to have a value, asks for more.
        operator = operator.removesuffix(_IF_EXISTS)
        found = _of_key(narrow.get(operator, {}), key)
    exact = {"StringLike": "StringEquals", "ArnLike": "ArnEquals"}.get(operator)
    if found is None and exact:
        found = _of_key(narrow.get(exact, {}), key)
    if found is None:
        return False
    plain = operator.rpartition(":")[2].removesuffix(_IF_EXISTS)
    if plain in _POSITIVE:
        covers = pattern_covers if plain in _LIKE else str.__eq__
        return all(any(covers(one, each) for one in values) for each in found)
    if plain in _NEGATIVE:
        return set(values) <= set(found)
    return set(values) == set(found)


def _of_key(keys: Mapping[str, tuple[str, ...]], key: str) -> tuple[str, ...] | None:
    # The names of condition keys know no case.
    return next((values for name, values in keys.items() if name.lower() == key.lower()), None)
