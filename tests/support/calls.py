"""Every call of the lifecycle to the world outside, with a place to let it go wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from tests.support.runs import Killed, Run

T = TypeVar("T")


class Fault(StrEnum):
    """How a call goes wrong."""

    THROTTLED = "throttled"
    SERVER_ERROR = "5xx"
    LOST_BEFORE = "connection lost before the effect"
    LOST_AFTER = "connection lost after the effect"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    HELD_UP = "held up before, while others go on"


@dataclass(frozen=True)
class Call:
    """One call: which service and operation, and whether it changes anything."""

    number: int
    service: str
    operation: str
    mutating: bool

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


Chaos = Callable[[Call], Fault | None]


def no_chaos(_call: Call) -> None:
    """Let every call succeed."""


class Calls:
    """The gate through which the runs of functions reach the outside. `run` is the one that moves at present."""

    def __init__(self, chaos: Chaos = no_chaos) -> None:
        self.chaos = chaos
        self.made: list[Call] = []
        self.run: Run | None = None
        self.hold_up: Callable[[Run, Call], None] = lambda _run, _call: None

    def make(self, service: str, operation: str, effect: Callable[[], T], *, mutating: bool) -> T:
        """Make a call, or let it fail as the chaos says."""
        run = self.run
        if run is None:
            return effect()
        if run.dead:
            raise Killed
        call = Call(len(self.made), service, operation, mutating)
        self.made.append(call)
        fault = self.chaos(call)
        if fault is Fault.HELD_UP:
            self.hold_up(run, call)
            fault = None
        if fault is Fault.KILLED_BEFORE:
            _die(run)
        if fault in (Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_BEFORE):
            raise _error(fault, call)
        result = effect()
        if fault is Fault.KILLED_AFTER:
            _die(run)
        if fault is Fault.LOST_AFTER:
            raise ReadTimeoutError(endpoint_url=f"https://{service}")
        return result


def _die(run: Run) -> None:
    run.dead = True
    raise Killed


def _error(fault: Fault | None, call: Call) -> Exception:
    if fault is Fault.LOST_BEFORE:
        return EndpointConnectionError(endpoint_url=f"https://{call.service}")
    code, status = ("ThrottlingException", 429) if fault is Fault.THROTTLED else ("InternalServerException", 500)
    return client_error(code, "a fault on demand", status, call.operation)


def client_error(code: str, message: str, status: int, operation: str, **fields: Any) -> ClientError:
    """Return the error that botocore raises for an answer of a service."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RequestId": "", "RetryAttempts": 0},
        **fields,
    }
    return ClientError(response, operation)
