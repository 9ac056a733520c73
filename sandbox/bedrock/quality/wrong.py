"""Wrong answers: visibly others, and of the right one's form."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

_WORDS: Final = ("amber", "basalt", "cobalt", "drift", "ember", "flint", "garnet", "hazel")

_Path = tuple[str | int, ...]


def wrong(right: str, draw: str) -> str:
    """Return another answer; equal draws give equal ones.

    JSON stays JSON with one other value, a list of tool calls (objects with `name` and `input`) calls the same tools
    with one other argument. Of any other text each word is another one.
    """
    try:
        value = json.loads(right)
    except ValueError:
        return _text(right, draw)
    paths = list(_inputs(value)) if _are_calls(value) else list(_leaves(value, ()))
    if paths:
        return json.dumps(_changed(value, paths[_drawn(draw, right) % len(paths)], draw), ensure_ascii=False)
    return json.dumps(_more(value), ensure_ascii=False)


def _are_calls(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and each.keys() == {"name", "input"} for each in value
    )


def _inputs(calls: Sequence[Any]) -> Iterator[_Path]:
    for index, call in enumerate(calls):
        yield from _leaves(call["input"], (index, "input"))


def _leaves(value: Any, path: _Path) -> Iterator[_Path]:
    items: Iterator[tuple[str | int, Any]]
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        yield path
        return
    for key, member in items:
        yield from _leaves(member, (*path, key))


def _changed(value: Any, path: _Path, draw: str) -> Any:
    if not path:
        return _other(value, draw)
    key, *rest = path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    members = {each: _changed(member, tuple(rest), draw) if each == key else member for each, member in items}
    return members if isinstance(value, dict) else list(members.values())


def _more(value: Any) -> Any:
    """Return JSON in which there is no value to change with one more."""
    if isinstance(value, dict):
        return {**value, "wrong": True}
    first, *others = value or [{}]
    return [{**first, "input": {"wrong": True}} if "input" in first else "wrong", *others]


def _other(value: Any, draw: str) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return _text(value or "", draw)


def _text(right: str, draw: str) -> str:
    words = right.split() or [right]
    return " ".join(_word(word, _drawn(draw, str(index), word)) for index, word in enumerate(words))


def _word(right: str, drawn: int) -> str:
    others = [word for word in _WORDS if word not in right.casefold()]
    return others[drawn % len(others)] if others else "wrong"


def _drawn(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big")
