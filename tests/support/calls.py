"""Every call of the lifecycle to the world outside, with a place to let it go wrong."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

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
    TIMED_OUT = "no connection in time"


_WITHOUT_EFFECT: Final = frozenset({Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_BEFORE, Fault.TIMED_OUT})
# Two tries of two seconds, as a preflight's clients make them (`functions.clients`).
CONNECTING_FOR: Final = timedelta(seconds=4)


class Call(NamedTuple):
    """One call: which service and operation, whether it changes anything, and the number of the run that makes it."""

    number: int
    service: str
    operation: str
    mutating: bool
    run: int

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


Chaos = Callable[[Call], Fault | None]
Latency = Callable[[Call], timedelta]
# Holds a run up, for a span or for one of its own choice.
HoldUp = Callable[[Run, timedelta | None], None]


def no_chaos(_call: Call) -> None:
    """Let every call succeed."""


def no_latency(_call: Call) -> timedelta:
    """Let every call be answered at once."""
    return timedelta()


class Calls:
    """The gate through which the runs of functions reach the outside. `run` is the one that moves at present.

    `chaos` lets single calls fail, `lasting` is asked about those that it leaves alone; `latency` says how long a call
    takes.
    """

    def __init__(self, chaos: Chaos = no_chaos) -> None:
        self.chaos = chaos
        self.lasting: Chaos = no_chaos
        self.latency: Latency = no_latency
        # Told of every request to Bedrock that is allowed, with its parameters, before it has an effect.
        self.heard: Callable[[str, Mapping[str, Any]], None] = lambda _operation, _params: None
        self.made: list[Call] = []
        self.run: Run | None = None
        self.hold_up: HoldUp = lambda _run, _span: None

    def make(self, service: str, operation: str, effect: Callable[[], T], *, mutating: bool) -> T:
        """Make a call, or let it fail as the chaos says."""
        run = self.run
        if run is None:
            return effect()
        if run.dead:
            raise Killed
        call = Call(len(self.made), service, operation, mutating, run.number)
        self.made.append(call)
        fault = self.chaos(call) or self.lasting(call)
        self._take_time(run, call, fault)
        if fault is Fault.KILLED_BEFORE:
            _die(run)
        if fault in _WITHOUT_EFFECT:
            raise _error(fault, call)
        result = effect()
        if fault is Fault.KILLED_AFTER:
            _die(run)
        if fault is Fault.LOST_AFTER:
            raise ReadTimeoutError(endpoint_url=f"https://{service}")
        return result

    def _take_time(self, run: Run, call: Call, fault: Fault | None) -> None:
        if span := self.latency(call):
            self.hold_up(run, span)
        if fault is Fault.HELD_UP:
            self.hold_up(run, None)
        if fault is Fault.TIMED_OUT:
            self.hold_up(run, CONNECTING_FOR)


def _die(run: Run) -> None:
    run.dead = True
    raise Killed


def _error(fault: Fault | None, call: Call) -> Exception:
    if fault is Fault.LOST_BEFORE:
        return EndpointConnectionError(endpoint_url=f"https://{call.service}")
    if fault is Fault.TIMED_OUT:
        return ConnectTimeoutError(endpoint_url=f"https://{call.service}")
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
