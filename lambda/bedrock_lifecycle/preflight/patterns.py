"""IAM's wildcards: `*` for any text, `?` for one character."""

from collections.abc import Sequence
from typing import Final

_ANY: Final = object()
_ONE: Final = object()


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text is one of those that a pattern stands for."""
    return _overlap(_read(pattern), list(text))


def overlap(one: str, other: str) -> bool:
    """Tell whether some text is one of those that both patterns stand for."""
    return _overlap(_read(one), _read(other))


def _read(pattern: str) -> list[object]:
    return [{"*": _ANY, "?": _ONE}.get(each, each) for each in pattern]


def _overlap(one: Sequence[object], other: Sequence[object]) -> bool:
    # From the end: does anything match what is left of both? (A regular expression may take exponential time.)
    after = [all(each is _ANY for each in other[column:]) for column in range(len(other) + 1)]
    for left in reversed(one):
        here = [False] * len(after)
        here[-1] = left is _ANY and after[-1]
        for column in range(len(other) - 1, -1, -1):
            right = other[column]
            if _ANY in (left, right):
                here[column] = after[column] or here[column + 1]
            else:
                here[column] = (left == right or _ONE in (left, right)) and after[column + 1]
        after = here
    return after[0]
