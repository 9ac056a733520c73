"""What an update makes of a stack's exports, from the template that is deployed and the one that is to be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from tune.exports.replacement import Replacement, Replaces

Body = Mapping[str, Any]

_NO_VALUE: Final = {"Ref": "AWS::NoValue"}
_IN_SUB: Final = re.compile(r"\$\{([^!}][^}]*)\}")


class Fate(IntEnum):
    """What becomes of a value; the greater one decides where a value has several parts."""

    STAYS = 0
    UNKNOWN = 1
    CHANGES = 2


# What a change of a property can do to what its resource is known by.
_AT_MOST: Final[Mapping[Replaces, Fate]] = {"no": Fate.STAYS, "maybe": Fate.UNKNOWN, "yes": Fate.CHANGES}


@dataclass(frozen=True)
class ExportChange:
    """An export that does not stay as it is, as far as can be told.

    `resource` is the logical id, in the deployed template, of what it is a value of; None for a plain value.
    """

    export: str
    fate: Fate
    why: str
    resource: str | None = None


def changes(deployed: Body, wanted: Body, values: Mapping[str, str], replaces: Replacement) -> list[ExportChange]:
    """Return the exports of a deployed template that the wanted one removes, changes or may change.

    `values` are what is exported now, and the pseudo parameters of the stack, by their names.
    """
    comparison = _Comparison(deployed, wanted, values, replaces)
    return [change for change in map(comparison.export, _exported(deployed)) if change.fate]


def _exported(body: Body) -> dict[str, Any]:
    outputs = body.get("Outputs", {}).values()
    return {
        its["Export"]["Name"]: its["Value"] for its in outputs if isinstance(its.get("Export", {}).get("Name"), str)
    }


class _Comparison:
    def __init__(self, deployed: Body, wanted: Body, values: Mapping[str, str], replaces: Replacement) -> None:
        self._before: Body = deployed.get("Resources", {})
        self._after: Body = wanted.get("Resources", {})
        self._exports = _exported(deployed), _exported(wanted)
        self._values = values
        self._replaces = replaces
        self._known: dict[str, tuple[Fate, str]] = {}

    def export(self, name: str) -> ExportChange:
        before, after = self._exports[0][name], self._exports[1].get(name)
        resource = next((logical_id for logical_id, _ in _references(before) if logical_id in self._before), None)
        if after is None:
            return ExportChange(name, Fate.CHANGES, "is removed", resource)
        return ExportChange(name, *self._value(before, after, self._values.get(name)), resource)

    def _value(self, before: Any, after: Any, now: str | None = None) -> tuple[Fate, str]:
        if before == after:
            return max(map(self._reference, _references(before)), default=(Fate.STAYS, ""))
        was, will_be = now or self._plain(before), self._plain(after)
        if was is None or will_be is None:
            return Fate.UNKNOWN, "is a different expression"
        return (Fate.STAYS, "") if was == will_be else (Fate.CHANGES, f"becomes {will_be}")

    def _reference(self, reference: tuple[str, str]) -> tuple[Fate, str]:
        logical_id, attribute = reference
        if logical_id.startswith("AWS::"):
            return Fate.STAYS, ""
        if logical_id not in self._before:
            return Fate.UNKNOWN, f"follows from {logical_id}"
        if logical_id not in self._known:
            self._known[logical_id] = self._resource(logical_id)
        fate, why = self._known[logical_id]
        # What identifies a resource changes with the resource alone.
        if not fate and attribute not in ("", "Arn") and self._before[logical_id] != self._after[logical_id]:
            return Fate.UNKNOWN, f"is {attribute} of {logical_id}, which is updated"
        return fate, why

    def _resource(self, logical_id: str) -> tuple[Fate, str]:
        before, after = self._before[logical_id], self._after.get(logical_id)
        if after is None or before["Type"] != after["Type"]:
            return Fate.CHANGES, f"{logical_id} is removed"
        own, its = _properties(before), _properties(after)
        names = own.keys() | its.keys()
        found = ((self._property(before["Type"], name, own.get(name), its.get(name)), name) for name in names)
        fate, name = max(found, default=(Fate.STAYS, ""))
        word = {Fate.STAYS: "", Fate.UNKNOWN: "may replace", Fate.CHANGES: "replaces"}[fate]
        return fate, word and f"a change of {name} {word} {logical_id}"

    def _property(self, kind: str, name: str, before: Any, after: Any) -> Fate:
        fate = Fate.CHANGES if before is None or after is None else self._value(before, after)[0]
        return min(fate, _AT_MOST[self._replaces(kind, name)]) if fate else fate

    def _plain(self, value: Any) -> str | None:
        """Return a value that is known before a deployment as text."""
        match value:
            case {"Ref": str(name)}:
                return self._values.get(name)
            case {"Fn::Join": [str(separator), list(parts)]}:
                texts = [self._plain(part) for part in parts]
                return None if None in texts else separator.join(filter(None, texts))
            case Mapping() | list():
                return None
            case _:
                return str(value)


def _properties(resource: Body) -> dict[str, Any]:
    return {name: value for name, value in resource.get("Properties", {}).items() if value != _NO_VALUE}


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield logical id and attribute of everything that a value refers to; no attribute for a `Ref`."""
    match value:
        case {"Ref": str(path)} | {"Fn::GetAtt": str(path)}:
            yield _split(path)
        case {"Fn::GetAtt": [str(name), attribute]}:
            yield name, str(attribute)
        case {"Fn::Sub": str(text)}:
            yield from map(_split, _IN_SUB.findall(text))
        case Mapping() | list():
            for each in value.values() if isinstance(value, Mapping) else value:
                yield from _references(each)


def _split(path: str) -> tuple[str, str]:
    logical_id, _, attribute = path.partition(".")
    return logical_id, attribute
