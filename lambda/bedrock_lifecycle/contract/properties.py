"""Typed reading of custom-resource properties.

CloudFormation hands every primitive over as a string, so `"false"` is a true Python value and `"2"` is no
number. Conversion happens here and nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Self, TypeVar, overload

from bedrock_lifecycle.contract import UNKNOWN

Value = TypeVar("Value")

# Names of properties that several kinds of resources have, each for itself.
RUNG: Final = "Rung"
RUNGS: Final = "Rungs"
SERVED_ARN: Final = "ServedArn"
TRAIN_SHA256: Final = "TrainSha256"
MAX_OUTPUT_TOKENS: Final = "MaxOutputTokens"


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
            raise BadProperty(f"property {name}: must be text (got {_describe(value)})")
        return value

    def optional_text(self, name: str) -> str | None:
        """Return the text, or None for a property that is absent or empty."""
        return self.text(name) if self._raw.get(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; absent means empty."""
        value = self._raw.get(name) or []
        if not isinstance(value, list):
            raise BadProperty(f"property {name}: must be a list (got {_describe(value)})")
        return tuple(str(each) for each in value)

    def integer(self, name: str) -> int:
        value = self._raw.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadProperty(f"property {name}: must be a whole number (got {_describe(value)})")
        try:
            return int(value)
        except ValueError:
            raise BadProperty(f"property {name}: must be a whole number (got {value!r})") from None

    def number(self, name: str) -> float:
        value = self.text(name)
        try:
            return float(value)
        except ValueError:
            raise BadProperty(f"property {name}: must be a number (got {value!r})") from None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._raw.get(name, default)
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise BadProperty(f"property {name}: must be true or false (got {_describe(value)})")

    def mapping(self, name: str) -> dict[str, str]:
        """Return a map of text to text; absent means empty."""
        value = self._raw.get(name) or {}
        if not isinstance(value, Mapping):
            raise BadProperty(f"property {name}: must be a map (got {_describe(value)})")
        return {str(key): str(item) for key, item in value.items()}


class Property(Generic[Value]):
    """One property: its name in the template, which stands nowhere else, and how it is read.

    `is_required`: it has no default.
    """

    def __init__(self, name: str, read: Callable[[Properties, str], Value], *, is_required: bool = False) -> None:
        self.name = name
        self.is_required = is_required
        self._read = read

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: "Received", owner: type) -> Value: ...
    def __get__(self, record: "Received | None", owner: type) -> "Self | Value":
        return self if record is None else self._read(record.received, self.name)


def known_integer(name: str) -> Property[int | None]:
    """Return a number that what tells it may not know; None then, and when it is absent."""

    def read(properties: Properties, its: str) -> int | None:
        is_known = its in properties and properties.optional_text(its) != UNKNOWN
        return properties.integer(its) if is_known else None

    return Property(name, read)


def text(name: str) -> Property[str]:
    return Property(name, Properties.text, is_required=True)


def optional_text(name: str) -> Property[str | None]:
    return Property(name, Properties.optional_text)


def texts(name: str) -> Property[tuple[str, ...]]:
    return Property(name, Properties.texts)


def integer(name: str) -> Property[int]:
    return Property(name, Properties.integer, is_required=True)


def number(name: str) -> Property[float]:
    return Property(name, Properties.number, is_required=True)


def flag(name: str, *, default: bool) -> Property[bool]:
    return Property(name, lambda properties, its: properties.flag(its, default=default))


def mapping(name: str) -> Property[dict[str, str]]:
    return Property(name, Properties.mapping)


@dataclass(frozen=True)
class Received:
    """The properties of one resource, as a request carries them or a template has them.

    Each is read when it is asked for: a delete fails for none that it does not need.
    """

    received: Properties

    contract_version = Property("ContractVersion", Properties.integer)
    # Read by nobody: another number is an event.
    reconcile = optional_text("Reconcile")

    def __contains__(self, its: Property[Any]) -> bool:
        return its.name in self.received

    def complete(self) -> Self:
        """Return it, having read all that has no default; `BadProperty` names the first that is missing."""
        for owner in type(self).__mro__:
            for attribute, its in vars(owner).items():
                if isinstance(its, Property) and its.is_required:
                    getattr(self, attribute)
        return self


def written(values: Mapping[Property[Any], object]) -> dict[str, Any]:
    """Return properties by their names, as a template has them; what is None is left out.

    Numbers and flags become text, since CloudFormation hands over nothing else, and so may be what a deployment tells.
    """
    return {its.name: _as_text(value) for its, value in values.items() if value is not None}


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


def _describe(value: object) -> str:
    return "nothing" if value in (None, "") else type(value).__name__
