"""Failures on demand."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sandbox.bedrock.phases import Phase


@dataclass
class ApiFault:
    """An operation answers with an error.

    With `when="before"` the operation has no effect; with `"after"` it does and only its answer is lost, which is
    what a client sees of a connection that breaks at the wrong moment. `skip` calls pass first.
    """

    operation: str
    error: str = "ThrottlingException"
    when: Literal["before", "after"] = "before"
    message: str = "a fault on demand"
    skip: int = 0
    times: int = 1


@dataclass
class JobFault:
    """The next job that comes to the end of a phase fails there."""

    phase: Phase
    message: str = "a fault on demand"
    times: int = 1


@dataclass
class ThroughputFault:
    """The next creation (or update) of a throughput never ends, or ends in Failed."""

    outcome: Literal["stuck", "failed"]
    on: Literal["creation", "update"] = "creation"
    message: str = "a fault on demand"
    times: int = 1


@dataclass
class DeploymentFault:
    """The next creation (or update) of a custom model deployment never ends, or ends in Failed (or UpdateFailed)."""

    outcome: Literal["stuck", "failed"]
    on: Literal["creation", "update"] = "creation"
    message: str = "a fault on demand"
    times: int = 1


@dataclass
class EventFault:
    """The next event is lost, or delivered twice; both are allowed by EventBridge's contract."""

    outcome: Literal["dropped", "doubled"]
    times: int = 1


Fault = ApiFault | JobFault | ThroughputFault | DeploymentFault | EventFault
_F = TypeVar("_F", ApiFault, JobFault, ThroughputFault, DeploymentFault, EventFault)


class FaultPlan:
    """The faults that are still to come, in the order in which they were asked for. Thread-safe."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Plan a fault."""
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        """Forget every fault that has not happened."""
        with self._lock:
            self._pending.clear()

    def pending(self) -> list[Fault]:
        """Return the faults that have not happened."""
        with self._lock:
            return list(self._pending)

    def for_call(self, operation: str) -> ApiFault | None:
        """Return the fault of this call of an operation, counting it."""
        with self._lock:
            for fault in self._pending:
                if isinstance(fault, ApiFault) and fault.operation == operation:
                    if fault.skip == 0:
                        return self._use(fault)
                    fault.skip -= 1
                    return None
        return None

    def for_phase(self, phase: Phase) -> JobFault | None:
        """Return the fault for a job at the end of a phase."""
        return self._take(JobFault, lambda fault: fault.phase is phase)

    def for_throughput(self, on: Literal["creation", "update"]) -> ThroughputFault | None:
        """Return the fault for a throughput that is being created or updated."""
        return self._take(ThroughputFault, lambda fault: fault.on == on)

    def for_deployment(self, on: Literal["creation", "update"]) -> DeploymentFault | None:
        """Return the fault for a custom model deployment that is being created or updated."""
        return self._take(DeploymentFault, lambda fault: fault.on == on)

    def for_event(self) -> EventFault | None:
        """Return the fault for the next event."""
        return self._take(EventFault, lambda _: True)

    def _take(self, kind: type[_F], suits: Callable[[_F], bool]) -> _F | None:
        with self._lock:
            for fault in self._pending:
                if isinstance(fault, kind) and suits(fault):
                    return self._use(fault)
        return None

    def _use(self, fault: _F) -> _F:
        fault.times -= 1
        if fault.times <= 0:
            self._pending.remove(fault)
        return fault
