"""Bedrock's quotas by their codes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from sandbox.bedrock.invocations.rates import bound, rates
from sandbox.bedrock.settings import Quotas


@dataclass(frozen=True)
class QuotaEntry:
    """One quota: the knob of the simulation that is its value, or a value that never changes."""

    code: str
    name: str
    setting: str | None = None
    value: int | None = None
    adjustable: bool = True

    def applied(self, quotas: Quotas) -> int:
        """Return the value that holds with these knobs."""
        if self.setting is None:
            return self.value or 0
        if self.setting in rates():
            return bound(quotas.rates, self.setting) or 0
        value: int | None = getattr(quotas, self.setting)
        # A single purchase without a bound of its own is bound by the total.
        return quotas.custom_model_units if value is None else value


@cache
def entries() -> Mapping[str, QuotaEntry]:
    """Return every quota by its code."""
    text = files(__package__).joinpath("quotas.toml").read_text("utf-8")
    listed: list[dict[str, Any]] = tomllib.loads(text)["quotas"]
    knobs = {knob.name for knob in fields(Quotas)} | rates().keys()
    found = {each["code"]: QuotaEntry(**each) for each in listed}
    of_a_minute = (rate for rate in rates().values() if rate.code)
    found |= {
        rate.code: QuotaEntry(rate.code, rate.name, rate.setting, adjustable=rate.adjustable) for rate in of_a_minute
    }
    unknown = {entry.setting for entry in found.values()} - knobs - {None}
    if unknown:
        msg = f"quotas.toml names knobs that do not exist: {unknown}"
        raise AssertionError(msg)
    return found
