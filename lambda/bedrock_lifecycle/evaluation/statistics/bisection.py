"""Where a condition begins to hold."""

from collections.abc import Callable


def first(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return the lowest number for which `holds`, to the last digit of a float.

    It holds at `high`, need not at `low`, and once it holds it goes on.
    """
    while True:
        middle = (low + high) / 2
        if not low < middle < high:
            return high
        low, high = (low, middle) if holds(middle) else (middle, high)
