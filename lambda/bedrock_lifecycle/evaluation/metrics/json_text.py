"""Answers and references that are JSON: read strictly, compared leaf by leaf."""

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from bedrock_lifecycle.dataset.rules.strict_json import MAX_DEPTH, is_too_deep

# A place in a document, and what is there: its type, so that true is not 1, and its value.
Leaf = tuple[tuple[str | int, ...], str, Any]


class NotJson(ValueError):
    """A text is not one JSON value; the words never quote it."""


def parsed(text: str) -> Any:
    """Return the value of a text that is JSON as RFC 8259 has it, with nothing around it but whitespace.

    `NotJson` also for NaN and infinity, a number that no float holds, an object with the same key twice, a whole number
    of more than 4,300 digits (Python's own bound), and more than `MAX_DEPTH` levels.
    """
    if is_too_deep(text.encode("utf-8", "surrogatepass")):
        raise NotJson(f"is nested more than {MAX_DEPTH} levels deep")
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(f"is not JSON at character {error.pos + 1}") from None
    except NotJson:
        raise
    except ValueError:
        raise NotJson("has a whole number of too many digits") from None


def kind(value: Any) -> str:
    """Return JSON's name for the type of a value; `number` for all numbers, since JSON has only one type of them."""
    if isinstance(value, bool):
        return "boolean"
    return _KINDS[type(value)]


def leaves(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[Leaf]:
    """Yield what is in a value: text, numbers, true, false and null, and also empty objects and arrays.

    Two values are equal in JSON if they have the same set of leaves: 1 is 1.0, true is not 1, and keys have no order.
    """
    is_container = isinstance(value, dict | list)
    if not is_container or not value:
        yield place, kind(value), None if is_container else value
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(item, (*place, key))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise NotJson("has an object with the same key twice")
    return value


def _constant(_: str) -> None:
    raise NotJson("has NaN or infinity, which JSON does not have")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("has a number that is too large")
    return number


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
_KINDS: Final = {
    dict: "object",
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    type(None): "null",
}
