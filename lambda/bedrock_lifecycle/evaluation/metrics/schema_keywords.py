"""The keywords of JSON Schema that look at one value alone: what each takes, and which values it accepts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from bedrock_lifecycle.evaluation.metrics.json_text import kind, leaves


@dataclass(frozen=True)
class Keyword:
    """A keyword. It accepts every value that is not of `kinds`; without `kinds` it looks at all.

    `takes` tells whether its own argument is allowed, and `says` what is, in words.
    """

    takes: Callable[[Any], bool]
    says: str
    accepts: Callable[[Any, Any], bool]
    kinds: tuple[str, ...] = ()

    def holds(self, value: Any, argument: Any) -> bool:
        """Tell whether a value has what the keyword asks for."""
        return (bool(self.kinds) and kind(value) not in self.kinds) or self.accepts(value, argument)


def _is_number(argument: Any) -> bool:
    return kind(argument) == "number"


def _is_count(argument: Any) -> bool:
    return _is_integer(argument) and argument >= 0


def _is_integer(value: Any) -> bool:
    # JSON Schema, from draft 6 on: 1.0 is an integer.
    return _is_number(value) and value == int(value)


def is_names(argument: Any) -> bool:
    """Tell whether it is a list of texts."""
    return isinstance(argument, list) and all(isinstance(name, str) for name in argument)


def _are_equal(one: Any, other: Any) -> bool:
    return set(leaves(one)) == set(leaves(other))


def _is_of_type(value: Any, types: str | list[str]) -> bool:
    return any(
        _is_integer(value) if each == "integer" else kind(value) == each
        for each in ([types] if isinstance(types, str) else types)
    )


def _takes_types(argument: Any) -> bool:
    names = [argument] if isinstance(argument, str) else argument
    return is_names(names) and bool(names) and set(names) <= _TYPES


def _is_multiple(value: float, of: float) -> bool:
    # As people read the digits: 0.3 is a multiple of 0.1, though no float is.
    return Fraction(str(value)) % Fraction(str(of)) == 0


def _limit(accepts: Callable[[Any, Any], bool]) -> Keyword:
    return Keyword(_is_number, "a number", accepts, ("number",))


def _count(of: str, accepts: Callable[[int, int], bool]) -> Keyword:
    return Keyword(_is_count, "a whole number from 0 on", lambda value, limit: accepts(len(value), limit), (of,))


_TYPES: Final = {"string", "number", "integer", "boolean", "null", "array", "object"}
KEYWORDS: Final[Mapping[str, Keyword]] = {
    "type": Keyword(_takes_types, f"any of {', '.join(sorted(_TYPES))}, or a list of them", _is_of_type),
    "enum": Keyword(
        lambda argument: isinstance(argument, list) and bool(argument),
        "a list of values",
        lambda value, allowed: any(_are_equal(value, each) for each in allowed),
    ),
    "const": Keyword(lambda _argument: True, "any value", _are_equal),
    "minimum": _limit(lambda value, limit: value >= limit),
    "maximum": _limit(lambda value, limit: value <= limit),
    "exclusiveMinimum": _limit(lambda value, limit: value > limit),
    "exclusiveMaximum": _limit(lambda value, limit: value < limit),
    "multipleOf": Keyword(
        lambda argument: _is_number(argument) and argument > 0, "a number above 0", _is_multiple, ("number",)
    ),
    "minLength": _count("string", lambda count, limit: count >= limit),
    "maxLength": _count("string", lambda count, limit: count <= limit),
    "minItems": _count("array", lambda count, limit: count >= limit),
    "maxItems": _count("array", lambda count, limit: count <= limit),
    "minProperties": _count("object", lambda count, limit: count >= limit),
    "maxProperties": _count("object", lambda count, limit: count <= limit),
    "uniqueItems": Keyword(
        lambda argument: isinstance(argument, bool),
        "true or false",
        lambda value, asked: not asked or len({frozenset(leaves(item)) for item in value}) == len(value),
        ("array",),
    ),
    "required": Keyword(is_names, "a list of names", lambda value, names: value.keys() >= set(names), ("object",)),
}
