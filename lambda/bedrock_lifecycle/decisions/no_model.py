"""Why a training run has no model, and what to do: the same words wherever it is met."""

from typing import Final

from bedrock_lifecycle.decisions.observed import Job

# What a reason says, wherever it is met, when the training itself has not ended.
STILL_RUNNING: Final = "is still running after"
NOT_STARTED: Final = "has not started after"


def ended(name: str, job: Job) -> str:
    """Return why a training run that failed or was stopped has no model."""
    verb = "failed" if job.status == "Failed" else "was stopped"
    why = f": {job.failure_message}" if job.failure_message else ""
    return f"training run {name} {verb}{why} (fix the cause, then raise `training.attempt` by one to train again)"


def still_running(name: str, ran: str, *, late: bool) -> str:
    """Return that a training run is in progress: `late` when it should have begun to train by now, and has not."""
    return not_started(name, ran) if late else f"training run {name} {STILL_RUNNING} {ran}"


def not_started(name: str, ran: str) -> str:
    """Return what is known of a job that is in progress and does not begin to train, and what can be done."""
    return (
        f"training run {name} {NOT_STARTED} {ran} (tokens trained are billed, and none are known so far; wait, or stop "
        f"the job with aws bedrock stop-model-customization-job --job-identifier {name} and raise `training.attempt` "
        "by one; if the next job does not start either, open a case with AWS Support)"
    )


def deleted(name: str) -> str:
    """Return what to do about a finished training whose model is gone."""
    return (
        f"the model of training run {name} was deleted, and Bedrock never frees a job's name: "
        "raise `training.attempt` by one to train again"
    )


def not_there(name: str, giver: str) -> str:
    """Return what to do about a promoted model that does not exist."""
    return (
        f"custom model {name} of environment {giver} does not exist in this account and Region: it was deleted, or its "
        f"training run never finished; promote another model with python -m tune promote {giver}"
    )


def not_made(name: str) -> str:
    """Return what to do about a finished training whose model Bedrock could not make."""
    return f"Bedrock could not create the model of training run {name}; raise `training.attempt` by one to train again"


def why(name: str, *, giver: str, job: Job | None, ran: str, late: bool) -> str:
    """Return why there is no model of a training run, and what to do; `giver` is the environment that promoted it."""
    if giver:
        return not_there(name, giver)
    if job is None:
        return f"no training run is named {name}: deploy the Training stack first"
    if job.status == "InProgress":
        return f"{still_running(name, ran, late=late)}: run the same deploy again when the training run has finished"
    return deleted(name) if job.status == "Completed" else ended(name, job)
