"""IAM's wildcards: `*` for any text, `?` for one character."""

import re
from functools import cache


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text is one of those that a pattern stands for."""
    return _compiled(pattern).fullmatch(text) is not None


def overlap(one: str, other: str) -> bool:
    """Tell whether some text is one of those that both patterns stand for."""
    # From the end: does anything match what is left of both?
    after = [all(each == "*" for each in other[column:]) for column in range(len(other) + 1)]
    for row in range(len(one) - 1, -1, -1):
        here = [False] * len(after)
        here[-1] = one[row] == "*" and after[-1]
        for column in range(len(other) - 1, -1, -1):
            pair = one[row], other[column]
            if "*" in pair:
                here[column] = after[column] or here[column + 1]
            else:
                here[column] = (pair[0] == pair[1] or "?" in pair) and after[column + 1]
        after = here
    return after[0]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(each) or re.escape(each) for each in pattern)
    return re.compile("".join(parts), re.DOTALL)
