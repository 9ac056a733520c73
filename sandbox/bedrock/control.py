"""The simulation's own controls, which AWS does not have: time, quotas, faults, quality, the meter.

| path | request | response |
|---|---|---|
| `clock` | `{}`, or any of `advance_seconds`, `rate` | `now`, `rate` |
| `quotas` | `set` (name or code to value); `account` and `region` together limit it to that scope | `{}` |
| `faults` | any of `clear` (true), `add` (a list) | `pending` |
| `access` | `deny` or `allow` (ids of foundation models, without context length) | `denied` |
| `quality` | any of `clear` (true), `records`, `rates`, `correlation`, `seed` | those, the records as a number |
| `judge` | any of `always` (a, b or neither), `reply` (a text); null takes one back | both |
| `meter` | `{}` | `calls`, `jobs`, `throughputs`, `deployments`, `invocations`, `trainedTokens`, `modelUnitSeconds` |
| `settle` | `{}` | `{}`: everything that is due has happened and its events are out |
| `reset` | `{}` | `{}`: everything is as at the start; the clock runs on |

A record of `quality` has an `answer` (a text, or any JSON) and either a `prompt`, which is what the user says last, or
the `digest` of that or of all that is asked (`answers/digests.py`). A model that has a rate (by its id, its profile's,
or a custom model's name or ARN) answers that share of the records rightly, without the label, see `quality/truth.py`.
A base model that is asked for a verdict prefers the answer that is nearer to the reference, see `quality/judge.py`.

A fault has a `type` and the fields of its class. In `faults`: `api`, `job`, `throughput`, `deployment`, `event`; in
`lasting_faults`, where it lasts until it is cleared: `unseen`, `not-there`, `omission`, `deletion`, `legacy`,
`authorization`. What was made keeps, when the faults are cleared, what has happened to it already.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from sandbox.bedrock import meter
from sandbox.bedrock.faults import ApiFault, DeploymentFault, EventFault, Fault, JobFault, ThroughputFault
from sandbox.bedrock.lasting_faults import (
    AuthorizationFault,
    DeletionFault,
    LegacyFault,
    NotThereFault,
    OmissionFault,
    UnseenFault,
)
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import Phase
from sandbox.bedrock.quality.requests import set_judge, set_quality
from sandbox.bedrock.simulation import Simulation

Json = Mapping[str, Any]

_FAULT_TYPES: Final[Mapping[str, type[Fault]]] = {
    "api": ApiFault,
    "job": JobFault,
    "throughput": ThroughputFault,
    "deployment": DeploymentFault,
    "event": EventFault,
    "unseen": UnseenFault,
    "not-there": NotThereFault,
    "omission": OmissionFault,
    "deletion": DeletionFault,
    "legacy": LegacyFault,
    "authorization": AuthorizationFault,
}


class ControlError(ValueError):
    """A control request that makes no sense; the message says why."""


class Control:
    """Answers control requests."""

    def __init__(self, simulation: Simulation, settle: Callable[[], None]) -> None:
        self._simulation = simulation
        self._settle = settle
        self._handlers: Mapping[str, tuple[Callable[[Json], dict[str, Any]], frozenset[str]]] = {
            "clock": (self._clock, frozenset({"advance_seconds", "rate"})),
            "quotas": (self._quotas, frozenset({"set", "account", "region"})),
            "faults": (self._faults, frozenset({"clear", "add"})),
            "access": (self._access, frozenset({"deny", "allow"})),
            "quality": (self._quality, frozenset({"clear", "records", "rates", "correlation", "seed"})),
            "judge": (self._judge, frozenset({"always", "reply"})),
            "meter": (self._meter, frozenset()),
            "settle": (self._settled, frozenset()),
            "reset": (self._reset, frozenset()),
        }

    def handle(self, path: str, request: Json) -> dict[str, Any]:
        """Answer a request; only the last segment of the path counts. Raise `ControlError`."""
        name = path.rstrip("/").rpartition("/")[2]
        if name not in self._handlers:
            msg = f"there is no control {name!r}; there are {', '.join(self._handlers)}"
            raise ControlError(msg)
        handler, fields = self._handlers[name]
        unknown = sorted(request.keys() - fields)
        if unknown:
            msg = f"{name} takes {', '.join(sorted(fields)) or 'nothing'}, not {', '.join(unknown)}"
            raise ControlError(msg)
        try:
            return handler(request)
        except (ValueError, TypeError) as error:
            raise ControlError(str(error)) from error

    def _clock(self, request: Json) -> dict[str, Any]:
        clock = self._simulation.clock
        if "rate" in request:
            clock.set_rate(request["rate"])
        if "advance_seconds" in request:
            clock.advance(timedelta(seconds=request["advance_seconds"]))
            self._settle()
        return {"now": clock.now().isoformat(), "rate": clock.rate}

    def _quotas(self, request: Json) -> dict[str, Any]:
        if ("account" in request) != ("region" in request):
            msg = "account and region go together"
            raise ControlError(msg)
        scope = Scope(request["account"], request["region"]) if "account" in request else None
        for name, value in request.get("set", {}).items():
            self._simulation.quotas.set(name, value, scope)
        return {}

    def _access(self, request: Json) -> dict[str, Any]:
        without = self._simulation.without_access
        without |= set(request.get("deny", []))
        without -= set(request.get("allow", []))
        return {"denied": sorted(without)}

    def _faults(self, request: Json) -> dict[str, Any]:
        plan = self._simulation.faults
        added = [_fault(entry) for entry in request.get("add", [])]
        if request.get("clear"):
            plan.clear()
        for fault in added:
            plan.add(fault)
        return {"pending": [asdict(fault) for fault in plan.pending()]}

    def _quality(self, request: Json) -> dict[str, Any]:
        return set_quality(self._simulation.quality, request)

    def _judge(self, request: Json) -> dict[str, Any]:
        return set_judge(self._simulation.judge, request)

    def _meter(self, request: Json) -> dict[str, Any]:
        self._settled(request)
        return meter.read(self._simulation)

    def _settled(self, _: Json) -> dict[str, Any]:
        self._settle()
        return {}

    def _reset(self, _: Json) -> dict[str, Any]:
        self._simulation.reset()
        return {}


def _fault(entry: Json) -> Fault:
    kind = _FAULT_TYPES.get(entry.get("type", ""))
    if kind is None:
        msg = f"a fault has a type, one of {', '.join(_FAULT_TYPES)}"
        raise ControlError(msg)
    hints = get_type_hints(kind)
    values = {name: _value(name, value, hints) for name, value in entry.items() if name != "type"}
    return kind(**values)


def _value(name: str, value: Any, hints: Mapping[str, Any]) -> Any:
    hint = hints.get(name)
    if hint is Phase:
        return Phase(value)
    if get_origin(hint) is tuple:
        return _texts(name, value)
    if get_origin(hint) is UnionType:
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    allowed = get_args(hint) if get_origin(hint) is Literal else None
    fits = value in allowed if allowed else hint is not None and type(value) is hint
    if not fits:
        expected = ", ".join(allowed) if allowed else getattr(hint, "__name__", "no field of this fault")
        msg = f"{name}: expected {expected}, got {value!r}"
        raise ControlError(msg)
    return value


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        msg = f"{name}: expected a list of texts, got {value!r}"
        raise ControlError(msg)
    return tuple(value)
