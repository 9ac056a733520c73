"""Why a training has no model, and what to do: the same words wherever it is met."""

from bedrock_lifecycle.decisions.observed import Job


def ended(name: str, job: Job) -> str:
    """Return why a training that failed or was stopped has no model."""
    verb = "failed" if job.status == "Failed" else "was stopped"
    why = f": {job.failure_message}" if job.failure_message else ""
    return f"training {name} {verb}{why} (mend the cause, then raise attempt by one to train again)"


def deleted(name: str) -> str:
    """Return what to do about a finished training whose model is gone."""
    return (
        f"the model of training {name} was deleted, and Bedrock never frees a job's name: "
        "raise attempt by one to train again"
    )


def not_made(name: str) -> str:
    """Return what to do about a finished training whose model Bedrock could not make."""
    return f"Bedrock could not make the model of training {name}; raise attempt by one to train again"
