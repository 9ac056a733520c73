"""Typed reading of custom-resource properties.

CloudFormation hands every primitive over as a string, so `"false"` is a true Python value and `"2"` is no
number. Conversion happens here and nowhere else.
"""

from collections.abc import Mapping
from typing import Any


class BadProperty(ValueError):
    """A property is missing or is not what its name promises; the request cannot be served."""


class Properties:
    """The properties of one custom resource, read by name and type."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def text(self, name: str) -> str:
        value = self._raw.get(name)
        if not isinstance(value, str) or not value:
            raise BadProperty(f"property {name}: expected text, received {_describe(value)}")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return the text, or None for a property that is absent or empty."""
        return self.text(name) if self._raw.get(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; absent means empty."""
        value = self._raw.get(name) or []
        if not isinstance(value, list):
            raise BadProperty(f"property {name}: expected a list, received {_describe(value)}")
        return tuple(str(each) for each in value)

    def integer(self, name: str) -> int:
        value = self._raw.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadProperty(f"property {name}: expected a whole number, received {_describe(value)}")
        try:
            return int(value)
        except ValueError:
            raise BadProperty(f"property {name}: expected a whole number, received {value!r}") from None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._raw.get(name, default)
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise BadProperty(f"property {name}: expected true or false, received {_describe(value)}")

    def mapping(self, name: str) -> dict[str, str]:
        """Return a map of text to text; absent means empty."""
        value = self._raw.get(name) or {}
        if not isinstance(value, Mapping):
            raise BadProperty(f"property {name}: expected a map, received {_describe(value)}")
        return {str(key): str(item) for key, item in value.items()}


def _describe(value: object) -> str:
    return "nothing" if value in (None, "") else type(value).__name__
