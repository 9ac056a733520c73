"""Conditions of policies: which of them one request can meet together."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Final

from tune.review.patterns import ANYTHING, TooMany, matched_together, pattern

Element = frozenset[str]
"""A value of a request, by the values of the tests that it matches."""
Point = tuple[Element, ...]
"""What a request says of a key: nothing, one value, or several."""

_IF_EXISTS: Final = "IfExists"
_NOT: Final = "Not"
_LIKE: Final = ("StringLike", "ArnLike", "ArnEquals")
_TEXT: Final = ("StringEquals", "Bool", "BinaryEquals", *_LIKE)
_FOLDED: Final = "StringEqualsIgnoreCase"
_BETWEEN: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "Equals": lambda its, value: its == value,
    "LessThan": lambda its, value: its < value,
    "LessThanEquals": lambda its, value: its <= value,
    "GreaterThan": lambda its, value: its > value,
    "GreaterThanEquals": lambda its, value: its >= value,
}
# All sets of so many values are gone through.
_MOST_VALUES: Final = 8


@dataclass(frozen=True)
class Test:
    """A line of a condition: an operator on a key, and the values of which any meets it."""

    key: str
    operator: str
    values: tuple[str, ...]

    @property
    def quantifier(self) -> str:
        """`ForAnyValue` or `ForAllValues` where the key has several values."""
        return self.operator.rpartition(":")[0]

    @property
    def is_negated(self) -> bool:
        return _NOT in self._plain

    @property
    def compares(self) -> str:
        """The operator that it is, or is the contrary of: `StringNotLike` compares as `StringLike`."""
        return self._plain.replace(_NOT, "")

    @property
    def subject(self) -> str:
        """Of what it is a test: those of one subject are met or not met together."""
        kind = self.kind
        # Of an operator that nobody here knows nothing is known but that it is met, or is not.
        return f"{self.key.lower()} {kind}" if kind else repr(self)

    @property
    def _plain(self) -> str:
        return self.operator.rpartition(":")[2].removesuffix(_IF_EXISTS)

    @property
    def kind(self) -> str:
        """As what its values are compared; nothing for what cannot be compared."""
        if self.quantifier:
            return "texts" if self.compares in _TEXT else ""
        if self.compares in (*_TEXT, "Null"):
            return "text"
        if self.compares == _FOLDED:
            return "folded"
        try:
            if self.compares == "IpAddress":
                return "address" if [ip_network(each, strict=False) for each in self.values] else ""
            for kind in ("Numeric", "Date"):
                if self.compares.removeprefix(kind) in _BETWEEN and [_number(each) for each in self.values]:
                    return kind
        except ValueError:
            return ""
        return ""

    def is_met(self, point: Point) -> bool:
        """Tell whether a request that says this of the key meets it."""
        if self.compares == "Null":
            return ("false" if point else "true") in self.values
        if not point:
            without = self.is_negated if not self.quantifier else self.quantifier == "ForAllValues"
            return without or self.operator.endswith(_IF_EXISTS)
        each = (element.isdisjoint(self._marks) == self.is_negated for element in point)
        return all(each) if self.quantifier == "ForAllValues" else any(each)

    @property
    def _marks(self) -> Sequence[str]:
        return [self.mark(value) for value in self.values]

    def mark(self, value: str) -> str:
        """Return by what an element tells that it matches a value."""
        if self.compares in _TEXT:
            return "\0".join(pattern(value, like=self.compares in _LIKE))
        return f"{self.compares} {value}"


def points(tests: Sequence[Test]) -> Iterator[tuple[Point, str]]:
    """Yield what a request can say of the subject of some tests, as far as they tell it apart, with an example.

    Raises TooMany when that cannot be told in time.
    """
    yield (), ""
    some = tests[0]
    kind = some.kind
    found = list(_elements(kind, tests))
    if kind != "texts":
        yield from (((element,), f"{some.key} = {example}") for element, example in found)
        return
    if len(found) > _MOST_VALUES:
        raise TooMany
    for size in range(1, len(found) + 1):
        for chosen in itertools.combinations(found, size):
            yield tuple(element for element, _ in chosen), f"{some.key} = {', '.join(text for _, text in chosen)}"


def _elements(kind: str, tests: Sequence[Test]) -> Iterator[tuple[Element, str]]:
    values = [(each, value) for each in tests for value in each.values if each.compares != "Null"]
    match kind:
        case "text" | "texts":
            patterns = {pattern(value, like=test.compares in _LIKE) for test, value in values}
            for matched, text in matched_together(tuple(sorted(patterns))).items():
                yield frozenset("\0".join(each) for each in matched), text
        case "folded":
            for text in sorted({value.lower() for _, value in values}):
                yield frozenset(test.mark(value) for test, value in values if value.lower() == text), text
            yield frozenset(), ANYTHING
        case "address":
            yield from _addresses(values)
        case "Numeric" | "Date":
            yield from _numbers(kind, values)
        case _:
            yield frozenset(), "some"
            yield frozenset(test.mark(value) for test, value in values), "others"


def _addresses(values: Sequence[tuple[Test, str]]) -> Iterator[tuple[Element, str]]:
    networks = {value: ip_network(value, strict=False) for _, value in values}
    yield frozenset(), "another address"
    for value, its in networks.items():
        around = {wide for wide, net in networks.items() if its.version == net.version and its.subnet_of(net)}  # type: ignore[arg-type]
        yield frozenset(test.mark(each) for test, each in values if each in around), value


def _numbers(kind: str, values: Sequence[tuple[Test, str]]) -> Iterator[tuple[Element, str]]:
    bounds = sorted({_number(value) for _, value in values})
    between = [(low + high) / 2 for low, high in itertools.pairwise(bounds)]
    for number in (bounds[0] - 1, *bounds, *between, bounds[-1] + 1):
        met = [
            test.mark(its) for test, its in values if _BETWEEN[test.compares.removeprefix(kind)](number, _number(its))
        ]
        yield frozenset(met), str(number)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()
