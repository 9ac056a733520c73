"""What was used: the numbers that a bill would be made of.

Prices are none of the simulation's business. Tokens are estimated (`settings.tokens_in`).
"""

from typing import Any

from sandbox.bedrock.resources.deployment import Deployment
from sandbox.bedrock.resources.job import Job
from sandbox.bedrock.resources.throughput import Throughput
from sandbox.bedrock.simulation import Simulation


def read(simulation: Simulation) -> dict[str, Any]:
    """Return the trained tokens of every job and the model-unit-seconds of every throughput, also of deleted ones.

    `calls` has how often each operation was asked for, also where it was refused.
    Deployments are listed; they are billed by the tokens that pass through them, which `invocations` has by what was
    asked, also of other models.
    """
    with simulation.lock:
        jobs = [_job(simulation, job) for _, region in _regions(simulation) for job in region.jobs.values()]
        throughputs = [
            _throughput(simulation, each)
            for _, region in _regions(simulation)
            for each in (*region.past_throughputs, *region.throughputs.values())
        ]
        calls = dict(simulation.calls)
        invocations = list(simulation.usage.read())
        deployments = [
            _deployment(each)
            for _, region in _regions(simulation)
            for each in (*region.past_deployments, *region.deployments.values())
        ]
    return {
        "calls": calls,
        "jobs": jobs,
        "throughputs": throughputs,
        "deployments": deployments,
        "invocations": invocations,
        "trainedTokens": sum(entry["trainedTokens"] for entry in jobs),
        "modelUnitSeconds": sum(entry["modelUnitSeconds"] for entry in throughputs),
    }


def _regions(simulation: Simulation) -> Any:
    return sorted(simulation.regions.items())


def _job(simulation: Simulation, job: Job) -> dict[str, Any]:
    failed_are_billed = simulation.assumed.bills_failed_trainings
    return {
        "jobArn": job.arn,
        "jobName": job.name,
        "status": str(job.status),
        "trainedTokens": job.trained_tokens(simulation.now(), failed_are_billed=failed_are_billed),
    }


def _throughput(simulation: Simulation, throughput: Throughput) -> dict[str, Any]:
    return {
        "provisionedModelArn": throughput.arn,
        "provisionedModelName": throughput.name,
        "modelUnits": throughput.model_units,
        "commitmentDuration": throughput.commitment,
        "deleted": throughput.deleted is not None,
        "modelUnitSeconds": throughput.unit_seconds(
            simulation.now(), from_purchase=simulation.assumed.bills_from_purchase
        ),
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    return {
        "customModelDeploymentArn": deployment.arn,
        "modelDeploymentName": deployment.name,
        "deleted": deployment.deleted is not None,
    }
