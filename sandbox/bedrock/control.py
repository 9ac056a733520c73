"""The simulation's own controls, which AWS does not have: time, quotas, faults, the meter.

| path | request | response |
|---|---|---|
| `clock` | `{}`, or any of `advance_seconds`, `rate` | `now`, `rate` |
| `quotas` | `set` (name to value); `account` and `region` to set them there alone | `{}` |
| `faults` | any of `clear` (true), `add` (a list) | `pending` |
| `meter` | `{}` | `jobs`, `throughputs`, `trainedTokens`, `modelUnitSeconds` |
| `reset` | `{}` | `{}`: all resources, faults and quotas are as at the start, the clock runs on |

A fault has a `type`: `api`, `job`, `throughput` or `event`, and the fields of its class in `faults`.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sandbox.bedrock import meter
from sandbox.bedrock.errors import STATUS_OF
from sandbox.bedrock.faults import ApiFault, EventFault, Fault, JobFault, ThroughputFault
from sandbox.bedrock.names import Scope
from sandbox.bedrock.phases import Phase
from sandbox.bedrock.simulation import Simulation

Json = Mapping[str, Any]
FAULT_TYPES: Final[Mapping[str, Callable[..., Fault]]] = {
    "api": ApiFault,
    "job": JobFault,
    "throughput": ThroughputFault,
    "event": EventFault,
}


class ControlError(ValueError):
    """A control request that makes no sense; the message says why."""
