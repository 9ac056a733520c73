"""From numbers to places on a picture, and the round numbers that an axis shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor
from typing import Final

_STEPS: Final = (1, 2, 5, 10)
_MOST_DECIMALS: Final = 6
_LONG: Final = 100_000


@dataclass(frozen=True)
class Scale:
    """Maps numbers from `low` to `high` onto places from `start` to `end`, which may be the smaller one."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class Ticks:
    """Round numbers at equal distances, the first and the last at or beyond what is drawn."""

    values: tuple[float, ...]
    decimals: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands at them; very large and very small ones with an exponent, as long as they stay apart."""
        short = tuple(f"{value:g}" for value in self.values)
        is_long = self.decimals > _MOST_DECIMALS or max(map(abs, self.values)) >= _LONG
        if is_long and len(set(short)) == len(short):
            return short
        return tuple(f"{value:.{self.decimals}f}" for value in self.values)

    def scale(self, start: float, end: float) -> Scale:
        """Return the scale from the first of them to the last."""
        return Scale(self.values[0], self.values[-1], start, end)


def ticks(numbers: Iterable[float], most: int = 6) -> Ticks:
    """Return the ticks of an axis for these numbers.

    Args:
        numbers: What is drawn, at least one. Numbers that are all the same get room on both sides.
        most: How many distances there are at most; at least 2.
    """
    found = list(numbers)
    low, high = min(found), max(found)
    if low == high:
        low, high = low - (abs(low) / 2 or 1), high + (abs(high) / 2 or 1)
    step, exponent = _first_that_fits(low, high, most)
    first, last = floor(low / step), ceil(high / step)
    decimals = max(0, -exponent)
    return Ticks(tuple(round(number * step, decimals) for number in range(first, last + 1)), decimals)


def whole_ticks(first: int, last: int, most: int) -> tuple[int, ...]:
    """Return whole numbers between two, both of them included, `most` and the last one at most."""
    step, _ = _first_that_fits(first, last, most) if last > first else (1, 0)
    every = max(1, round(step))
    between = [number for number in range(first, last + 1) if number % every == 0 and last - number >= every / 2]
    return (*([first] if first not in between and first < last else []), *between, last)


def spread(wanted: Sequence[float], *, apart: float, low: float, high: float) -> tuple[float, ...]:
    """Return places near the wanted ones that are at least `apart`, between two bounds, as long as there is room."""
    order = sorted(range(len(wanted)), key=lambda each: wanted[each])
    places = dict[int, float]()
    at_least = low
    for each in order:
        places[each] = max(wanted[each], at_least)
        at_least = places[each] + apart
    at_most = high
    for each in reversed(order):
        places[each] = min(places[each], at_most)
        at_most = places[each] - apart
    return tuple(places[each] for each in range(len(wanted)))


def _first_that_fits(low: float, high: float, most: int) -> tuple[float, int]:
    """Return the smallest round distance of at most `most` in a span, and its power of ten."""
    exponent = Decimal(repr(float(high - low) / most)).adjusted()
    for digit in _STEPS:
        step = float(f"{digit}e{exponent}")
        if ceil(high / step) - floor(low / step) <= most:
            return step, exponent + (digit == _STEPS[-1])
    return _first_that_fits(low - step, high + step, most)
