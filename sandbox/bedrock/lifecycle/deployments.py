"""How a custom model deployment moves on."""

from datetime import datetime

from sandbox.bedrock.faults import DeploymentFault
from sandbox.bedrock.phases import DeploymentStatus, UpdateStatus
from sandbox.bedrock.resources.deployment import Deployment, Update
from sandbox.bedrock.simulation import Simulation


def begin_creation(simulation: Simulation, deployment: Deployment) -> None:
    """Start a deployment that was just asked for."""
    fault = simulation.faults.for_deployment("creation")
    _schedule(deployment, fault, deployment.created + simulation.settings.durations.deployment_creation)


def begin_update(simulation: Simulation, deployment: Deployment, model_arn: str, now: datetime) -> None:
    """Start to put another model on a deployment; the old one serves until it lands."""
    deployment.update, deployment.modified = Update(model_arn), now
    fault = simulation.faults.for_deployment("update")
    _schedule(deployment, fault, now + simulation.settings.durations.deployment_update)


def step(simulation: Simulation, deployment: Deployment, at: datetime) -> None:
    """Let happen what is due at `at`."""
    with simulation.lock:
        if deployment.due != at:
            return
        deployment.due, deployment.modified = None, at
        failure, deployment.planned_failure = deployment.planned_failure, None
        if deployment.update is not None and deployment.is_updating:
            _end_update(deployment, deployment.update, failure)
        else:
            deployment.status = DeploymentStatus.ACTIVE if failure is None else DeploymentStatus.FAILED
            deployment.failure_message = failure


def _end_update(deployment: Deployment, update: Update, failure: str | None) -> None:
    if failure is None:
        update.status, deployment.model_arn = UpdateStatus.COMPLETED, update.model_arn
    else:
        # The old model goes on serving, and no reason is given: AWS documents a failure message for Failed alone.
        update.status = UpdateStatus.FAILED


def _schedule(deployment: Deployment, fault: DeploymentFault | None, due: datetime) -> None:
    deployment.due = None if fault and fault.outcome == "stuck" else due
    if fault and fault.outcome == "failed":
        deployment.planned_failure = fault.message
