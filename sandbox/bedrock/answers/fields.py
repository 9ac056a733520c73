"""Checks of JSON that no service model describes: the bodies of InvokeModel."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.bedrock.errors import invalid


def check_keys(value: Mapping[str, Any], *, required: Sequence[str], optional: Sequence[str], where: str) -> None:
    """Raise unless all required keys are there and no unknown ones."""
    for name in required:
        if name not in value:
            raise invalid(f"{where}{name}: field required")
    for name in value:
        if name not in required and name not in optional:
            raise invalid(f"{where}{name}: extra inputs are not permitted")


def objects(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects that is not empty."""
    found = value[name]
    if not isinstance(found, list) or not found or not all(isinstance(each, dict) for each in found):
        raise invalid(f"{name}: must be a list of objects that is not empty")
    return found


def strings(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of strings, empty when it is not there."""
    found = value.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
        raise invalid(f"{name}: must be a list of strings")
    return tuple(found)


def number(value: Mapping[str, Any], name: str, minimum: float, maximum: float) -> float | None:
    """Return a number within bounds, None when it is not there."""
    found = value.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not minimum <= found <= maximum:
        raise invalid(f"{name}: must be a number between {minimum} and {maximum}")
    return found


def integer(value: Mapping[str, Any], name: str, minimum: int, maximum: int | None = None) -> int | None:
    """Return an integer within bounds, None when it is not there."""
    found = value.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or found < minimum:
        raise invalid(f"{name}: must be an integer of at least {minimum}")
    if maximum is not None and found > maximum:
        raise invalid(f"{name}: must be an integer of at most {maximum}")
    return found


def text(value: Mapping[str, Any], name: str) -> str:
    """Return a string."""
    found = value[name]
    if not isinstance(found, str):
        raise invalid(f"{name}: must be a string")
    return found


def not_empty(said: str, where: str) -> str:
    """Return a text that says something."""
    if not said.strip():
        raise invalid(f"{where}: text must not be empty")
    return said
