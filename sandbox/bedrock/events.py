"""Events on their way to EventBridge."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.bedrock.faults import FaultPlan
from sandbox.bedrock.names import Scope
from sandbox.bedrock.world import World

SOURCE: Final = "aws.bedrock"
JOB_STATE_CHANGE: Final = "Model Customization Job State Change"


@dataclass(frozen=True)
class Notice:
    """An event that has happened and is still to be delivered."""

    scope: Scope
    detail_type: str
    resource: str
    detail: Mapping[str, Any]


class Outbox:
    """Delivers events in the order in which they happened, while no lock of the simulation is held.

    A target that calls Bedrock before the delivery returns therefore finds the simulation free. One thread
    delivers at a time; another that finds it busy leaves its events to that one.
    """

    def __init__(self, world: World, faults: FaultPlan) -> None:
        self._world = world
        self._faults = faults
        self._waiting: deque[Notice] = deque()
        self._delivering = threading.Lock()

    def put(self, notice: Notice) -> None:
        """Take an event, or lose it, or take it twice: as the faults say."""
        fault = self._faults.for_event()
        copies = {None: 1, "dropped": 0, "doubled": 2}[fault.outcome if fault else None]
        self._waiting.extend([notice] * copies)

    def deliver(self) -> None:
        """Hand over everything that waits. What cannot be delivered is tried again with the next delivery."""
        while self._waiting and self._delivering.acquire(blocking=False):
            try:
                self._deliver_waiting()
            finally:
                self._delivering.release()

    def _deliver_waiting(self) -> None:
        while self._waiting:
            notice = self._waiting[0]
            self._world.emit(
                notice.scope.account,
                notice.scope.region,
                SOURCE,
                notice.detail_type,
                [notice.resource],
                notice.detail,
            )
            self._waiting.popleft()
