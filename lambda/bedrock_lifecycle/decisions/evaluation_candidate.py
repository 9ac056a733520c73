"""The deployment that answers for a tuned model while it is evaluated: whether to make it, wait for it or delete it.

Pure. It bills nothing by the hour, and takes one of the account's few deployments.
"""

from dataclasses import dataclass
from typing import Final

from bedrock_lifecycle.contract import TAG_OWNER
from bedrock_lifecycle.decisions.observed import Deployment

_SOON_SECONDS: Final = 5
_USUAL_SECONDS: Final = 15


@dataclass(frozen=True)
class Wanted:
    """The candidate: its name, the model that it serves, and the owner tag of the stack that asks for it."""

    name: str
    model_arn: str
    owner: str


@dataclass(frozen=True)
class Ready:
    """It answers, by this ARN."""

    arn: str


@dataclass(frozen=True)
class CandidateWait:
    """Look again, in so many seconds."""

    seconds: int = _USUAL_SECONDS


@dataclass(frozen=True)
class CandidateFailed:
    """The run cannot go on; the reason is for the person who deploys."""

    reason: str


@dataclass(frozen=True)
class Make:
    """Create it."""


@dataclass(frozen=True)
class Remove:
    """Delete what is found."""

    found: Deployment


@dataclass(frozen=True)
class Gone:
    """There is none, and none that a run of before may have asked for."""


def stand(wanted: Wanted, found: Deployment | None) -> Ready | Make | CandidateWait | CandidateFailed:
    """Return what brings the candidate into service. Only one of the same stack is taken for it."""
    if found is None:
        return Make()
    if not is_of(wanted.owner, found):
        if found.status == "Creating" and not found.tags:
            # Tags may be seen later than what they are on.
            return CandidateWait(_SOON_SECONDS)
        return CandidateFailed(f"deployment {wanted.name} exists and is not of this stack: delete or rename it")
    if found.status == "Failed":
        return CandidateFailed(
            f"candidate {wanted.name} could not be deployed: {found.failure_message or 'no reason is told'}"
        )
    if found.serving_arn != wanted.model_arn:
        return CandidateFailed(
            f"deployment {wanted.name} serves {found.serving_arn} and not {wanted.model_arn}: delete it"
        )
    return Ready(found.arn) if found.is_in_service else CandidateWait()


def gone(owner: str, found: Deployment | None, *, may_appear: bool) -> Remove | CandidateWait | Gone:
    """Return what makes the candidate of a stack, by its owner tag, be gone, and leaves whatever is not of it.

    may_appear: Whether it was asked for so short a time ago that it may be there without being seen.
    """
    if found is None:
        return CandidateWait(_USUAL_SECONDS) if may_appear else Gone()
    if not is_of(owner, found):
        return CandidateWait(_SOON_SECONDS) if may_appear and not found.tags else Gone()
    return Remove(found)


def is_of(owner: str, found: Deployment) -> bool:
    """Tell whether a deployment was made for a stack."""
    return found.tags.get(TAG_OWNER) == owner
