"""Whose requests and tokens in a minute are bounded, and how."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

Unit = Literal["requests", "tokens"]
UNITS: Final[tuple[Unit, ...]] = ("requests", "tokens")


@dataclass(frozen=True)
class Rate:
    """One quota of a minute; `code` and `name` are those of Service Quotas, empty where it does not show it."""

    of: str
    unit: Unit
    default: int | None = None
    code: str = ""
    name: str = ""
    adjustable: bool = False

    @property
    def setting(self) -> str:
        """The name by which it is set."""
        return setting(self.unit, self.of)


def setting(unit: Unit, of: str) -> str:
    """Return the name by which a quota of a minute is set."""
    return f"{unit}_per_minute/{of}"


def bound(given: Mapping[str, int | None], name: str) -> int | None:
    """Return what holds for a quota of a minute: what is given, else its default; None if it is not bounded."""
    default = rates()[name].default if name in rates() else None
    value = given.get(name)
    return default if value is None else value


@cache
def rates() -> Mapping[str, Rate]:
    """Return every quota of a minute by the name by which it is set; one without a default is not bounded."""
    text = files(__package__).joinpath("rates.toml").read_text("utf-8")
    listed = (
        Rate(entry["of"], unit, name=entry.get("name", "").format(unit), **entry.get(unit, {}))
        for entry in tomllib.loads(text)["rates"]
        for unit in UNITS
    )
    return {rate.setting: rate for rate in listed}
