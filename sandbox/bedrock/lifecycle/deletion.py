"""How what serves goes away: at once, or shown for a while when that is asked for."""

from datetime import datetime, timedelta

from sandbox.bedrock.lasting_faults import DeletionFault
from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.leaving import Leaving
from sandbox.bedrock.resources.throughput import Throughput
from sandbox.bedrock.simulation import Simulation


def begin(simulation: Simulation, resource: Throughput | Deployment, now: datetime) -> None:
    """Delete what serves; from now on it bills no more and answers nobody."""
    resource.deleted, resource.due = now, now
    fault = simulation.faults.lasting(DeletionFault)
    if fault is None:
        step(simulation, resource, now)
        return
    resource.leaving = Leaving(fault.shown_as, fault.error)
    resource.due = now + timedelta(seconds=fault.seconds)


def step(simulation: Simulation, resource: Throughput | Deployment, at: datetime) -> None:
    """Let it be gone."""
    with simulation.lock:
        if resource.due != at:
            return
        resource.due = None
        region = simulation.region(resource.scope)
        del region.tags[resource.arn]
        match resource:
            case Throughput():
                region.past_throughputs.append(region.throughputs.pop(resource.arn))
            case Deployment():
                region.past_deployments.append(region.deployments.pop(resource.arn))
