"""Lets everything happen that is due, in the order of the simulated time.

State changes are stamped with the moment they were due, not with the moment somebody looked: how often the ticker
runs changes nothing but when the outside world is read and written.

One thread ticks at a time. Another that comes meanwhile waits, for a limited time: if what the ticking thread asks of
the world leads back to Bedrock in another thread, that call is answered from the state as it is instead
of waiting for itself.
"""

import threading
from datetime import datetime
from typing import Final

from sandbox.bedrock.lifecycle import deletion, deployments, jobs, throughputs
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.job import Job
from sandbox.bedrock.resources.throughput import Throughput
from sandbox.bedrock.simulation import Simulation

DEFAULT_PATIENCE_SECONDS: Final = 10.0


class Ticker:
    """Moves the state of a simulation up to the present."""

    def __init__(self, simulation: Simulation, patience_seconds: float = DEFAULT_PATIENCE_SECONDS) -> None:
        self._simulation = simulation
        self._patience_seconds = patience_seconds
        self._turn = threading.RLock()
        self._ticking = False

    def settle(self) -> None:
        """Let everything happen that is due, then deliver the events of it."""
        if self._turn.acquire(timeout=self._patience_seconds):
            try:
                self._tick()
            finally:
                self._turn.release()
        self._simulation.outbox.deliver()

    def _tick(self) -> None:
        if self._ticking:  # the world called back in the same thread
            return
        self._ticking = True
        try:
            while (found := self._next()) is not None:
                resource, at = found
                match resource:
                    case Throughput() | Deployment() if resource.deleted:
                        deletion.step(self._simulation, resource, at)
                    case Job():
                        jobs.step(self._simulation, resource, at)
                    case Throughput():
                        throughputs.step(self._simulation, resource, at)
                    case Deployment():
                        deployments.step(self._simulation, resource, at)
        finally:
            self._ticking = False

    def _next(self) -> tuple[Job | Throughput | Deployment, datetime] | None:
        now = self._simulation.now()
        with self._simulation.lock:
            due = [
                (resource.due, resource.arn, resource)
                for region in self._simulation.regions.values()
                for resource in region.timed()
                if resource.due is not None and resource.due <= now
            ]
        if not due:
            return None
        at, _, resource = min(due, key=lambda entry: entry[:2])
        return resource, at
