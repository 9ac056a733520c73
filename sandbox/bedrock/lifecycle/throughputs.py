"""How a Provisioned Throughput moves on."""

from datetime import datetime

from sandbox.bedrock.faults import ThroughputFault
from sandbox.bedrock.phases import ThroughputStatus
from sandbox.bedrock.resources.throughput import Throughput
from sandbox.bedrock.simulation import Simulation


def begin_creation(simulation: Simulation, throughput: Throughput) -> None:
    """Start a throughput that was just bought."""
    fault = simulation.faults.for_throughput("creation")
    due = throughput.created + simulation.settings.durations.throughput_creation
    _schedule(throughput, fault, due)


def begin_update(simulation: Simulation, throughput: Throughput, model_arn: str, now: datetime) -> None:
    """Start to put another model on a throughput; the old one serves until it lands."""
    throughput.status, throughput.modified = ThroughputStatus.UPDATING, now
    throughput.desired_model_arn = model_arn
    fault = simulation.faults.for_throughput("update")
    _schedule(throughput, fault, now + simulation.settings.durations.throughput_update)


def step(simulation: Simulation, throughput: Throughput, at: datetime) -> None:
    """Let happen what is due at `at`."""
    with simulation.lock:
        if throughput.due != at:
            return
        throughput.due, throughput.modified = None, at
        throughput.failure_message = throughput.planned_failure
        if throughput.failure_message is None:
            throughput.in_service = throughput.in_service or at
            throughput.status = ThroughputStatus.IN_SERVICE
            throughput.model_arn = throughput.desired_model_arn
        elif throughput.in_service and not simulation.assumed.fails_with_update:
            throughput.status, throughput.planned_failure = ThroughputStatus.IN_SERVICE, None
            throughput.desired_model_arn = throughput.model_arn
        else:
            throughput.status = ThroughputStatus.FAILED


def _schedule(throughput: Throughput, fault: ThroughputFault | None, due: datetime) -> None:
    throughput.due = None if fault and fault.outcome == "stuck" else due
    if fault and fault.outcome == "failed":
        throughput.planned_failure = fault.message
