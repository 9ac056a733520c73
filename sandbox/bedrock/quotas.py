"""Quotas that can be raised while the simulation runs."""

from dataclasses import fields, replace
from typing import Any, Final

from sandbox.bedrock.invocations.rates import UNITS, bound, rates, setting
from sandbox.bedrock.invocations.throttle import MinuteQuotas
from sandbox.bedrock.names import Scope
from sandbox.bedrock.service_quotas.quotas import entries
from sandbox.bedrock.settings import Quotas

_NAMES: Final = tuple(knob.name for knob in fields(Quotas) if knob.name != "rates")


class QuotaBook:
    """The quotas of every scope: those that were set for it, or the common ones."""

    def __init__(self, common: Quotas) -> None:
        self._at_start = common
        self._common = common
        self._own: dict[Scope, Quotas] = {}

    def reset(self) -> None:
        """Go back to the quotas of the start."""
        self._common = self._at_start
        self._own.clear()

    def of(self, scope: Scope) -> Quotas:
        """Return the quotas of a scope."""
        return self._own.get(scope, self._common)

    def of_a_minute(self, scope: Scope, of: str) -> MinuteQuotas:
        """Return how many requests and tokens in a minute a scope may have of one of `rates.toml`."""
        requests, tokens = (bound(self.of(scope).rates, setting(unit, of)) for unit in UNITS)
        return MinuteQuotas(requests, tokens)

    def set(self, name: str, value: int | None, scope: Scope | None = None) -> None:
        """Set one quota, by its name here or its code, for a scope or for all scopes that have none of their own."""
        entry = entries().get(name)
        name = entry.setting or name if entry else name
        if name not in _NAMES and name not in rates():
            msg = f"there is no quota {name!r}; there are {', '.join(_NAMES)}, and those of a minute in rates.toml"
            raise ValueError(msg)
        if not isinstance(value, int | None) or (value is not None and value < 0):
            msg = f"a quota is a number of at least 0, got {value!r}"
            raise ValueError(msg)
        if scope is None:
            self._common = _with(self._common, name, value)
        else:
            self._own[scope] = _with(self.of(scope), name, value)


def _with(quotas: Quotas, name: str, value: int | None) -> Quotas:
    if name in rates():
        return replace(quotas, rates={**quotas.rates, name: value})
    changes: dict[str, Any] = {name: value}
    return replace(quotas, **changes)
