"""Failures on demand."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from sandbox.bedrock.lasting_faults import LastingFault
from sandbox.bedrock.phases import Phase


@dataclass
class ApiFault:
    """An operation answers with an error.

    With `when="before"` the operation has no effect; with `"after"` it does and only its answer is lost, which is
    what a client sees of a connection that breaks at the wrong moment. `skip` calls pass first. With `resource`, an ARN
    or a name, only calls that name it count. `times=0` lasts until the faults are cleared.
    """

    operation: str
    error: str = "ThrottlingException"
    when: Literal["before", "after"] = "before"
    message: str = "a fault on demand"
    skip: int = 0
    times: int = 1
    resource: str = ""

    def concerns(self, operation: str, params: Mapping[str, Any]) -> bool:
        """Tell whether a call is one of those that it is about."""
        return self.operation == operation and (not self.resource or self.resource in params.values())


@dataclass
class JobFault:
    """The next job that comes to the end of a phase fails there, or is stuck: what would come next never does.

    A stuck one is InProgress until it is stopped, tells no reason and, before its training, bills nothing: seen in
    public logs, with the validation Completed and the training NotStarted. With `seconds` it is the next job that
    enters the phase, and the phase ends so soon.
    """

    phase: Phase
    message: str = "a fault on demand"
    times: int = 1
    outcome: Literal["failed", "stuck"] = "failed"
    seconds: int | None = None


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


SingleFault = ApiFault | JobFault | ThroughputFault | DeploymentFault | EventFault
Fault = SingleFault | LastingFault
_F = TypeVar("_F", ApiFault, JobFault, ThroughputFault, DeploymentFault, EventFault)
_L = TypeVar("_L", bound=LastingFault)


class FaultPlan:
    """The faults that are still to come and those that last, in the order in which they were asked for. Thread-safe.

    `standing` has those of the account itself, which last when the others are cleared; what is asked for comes first.
    """

    def __init__(self, standing: Sequence[LastingFault] = ()) -> None:
        self._standing = tuple(standing)
        self._pending: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Plan a fault."""
        with self._lock:
            self._pending.append(fault)

    def clear(self) -> None:
        """Forget every fault that has not happened, and end those that last."""
        with self._lock:
            self._pending.clear()

    def pending(self) -> list[Fault]:
        """Return the faults that have not happened, and those that last."""
        with self._lock:
            return list(self._pending)

    def lasting(self, kind: type[_L], suits: Callable[[_L], bool] = lambda _: True) -> _L | None:
        """Return the first fault of a kind that lasts, and that suits."""
        if not self._pending and not self._standing:
            return None
        with self._lock:
            held = (*self._pending, *self._standing)
            return next((fault for fault in held if isinstance(fault, kind) and suits(fault)), None)

    def for_call(self, operation: str, params: Mapping[str, Any]) -> ApiFault | None:
        """Return the fault of this call of an operation, counting it."""
        if not self._pending:
            return None
        with self._lock:
            for fault in self._pending:
                if isinstance(fault, ApiFault) and fault.concerns(operation, params):
                    if fault.skip == 0:
                        return self._use(fault)
                    fault.skip -= 1
                    return None
        return None

    def for_phase(self, phase: Phase) -> JobFault | None:
        """Return the fault for a job at the end of a phase."""
        return self._take(JobFault, lambda fault: fault.phase is phase and fault.seconds is None)

    def for_phase_begun(self, phase: Phase) -> JobFault | None:
        """Return the fault for a job that enters a phase, which then ends sooner than usual."""
        return self._take(JobFault, lambda fault: fault.phase is phase and fault.seconds is not None)

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
        if isinstance(fault, ApiFault) and fault.times == 0:
            return fault
        fault.times -= 1
        if fault.times <= 0:
            self._pending.remove(fault)
        return fault
