"""The attempts at a training: how long one has run, whether its model may appear, whether another made a model."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.decisions import model_customization as table
from bedrock_lifecycle.decisions.observed import Job
from bedrock_lifecycle.engine.clock import SEEN_WITHIN, in_words
from bedrock_lifecycle.resources.bedrock import Bedrock

_ENDED_LATELY: Final = (
    "ended minutes ago, and its model may not be seen yet (if the model was deleted, run the same deploy again in "
    f"{in_words(SEEN_WITHIN)})"
)


def elapsed(job: Job, now: datetime) -> str:
    """Return how long a job has run, in words."""
    return in_words((job.ended or now) - job.created)


def other_attempt(
    bedrock: Bedrock,
    desired: ModelProperties,
    now: datetime,
    *,
    missed: Callable[[str], datetime],
    unseen: Iterable[str] = (),
) -> table.Attempt | None:
    """Return another attempt at the same training that has a model, or may yet make one; None without any.

    A lower number is no better than a higher one. `missed` tells since when a model is missed, for where Bedrock does
    not tell when its job ended; `unseen` are the names that were set out to be created minutes ago.
    """
    own, begin = desired.training_name, desired.attempts_begin
    jobs = bedrock.statuses_of_jobs(begin)
    names = {name for name in (*jobs, *unseen) if name.startswith(begin) and name.removeprefix(begin).isdecimal()}
    for name in sorted(names - {own}, key=lambda name: int(name.removeprefix(begin)), reverse=True):
        if state := _state_of_attempt(bedrock, name, jobs.get(name, ""), now, missed):
            return table.Attempt(name, state)
    return None


def _state_of_attempt(
    bedrock: Bedrock, name: str, status: str, now: datetime, missed: Callable[[str], datetime]
) -> str:
    """Return what makes another attempt needless, as a verb with what it did; nothing when nothing does."""
    if status == "InProgress":
        return "is still running"
    if status and status != "Completed":
        return ""
    if model := bedrock.model(name):
        return "" if model.status == "Failed" else "has created its model"
    job = bedrock.job(name)
    if job is None:
        return "" if status else "was requested minutes ago and is not seen yet"
    if job.status == "InProgress":
        return "is still running"
    since = None if job.ended else missed(f"{name}/model")
    return _ENDED_LATELY if model_may_appear(job, now, since) else ""


def model_may_appear(job: Job, now: datetime, began: datetime | None) -> bool:
    """Tell whether the model of a finished job may be there although it is not seen.

    Nobody promises that it is seen at the moment its job is Completed. `began` is when the request did that looks: it
    counts where Bedrock does not tell when the job ended.
    """
    return job.status == "Completed" and now - (job.ended or began or now) < SEEN_WITHIN
