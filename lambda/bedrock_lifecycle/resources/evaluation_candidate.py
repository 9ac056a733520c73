"""Brings the candidate of an evaluation into service, and deletes it: one look and at most one act at a time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, assert_never

from botocore.exceptions import ClientError

from bedrock_lifecycle.contract import TAG_OWNER
from bedrock_lifecycle.decisions import evaluation_candidate as table
from bedrock_lifecycle.decisions.observed import Deployment
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.evaluation.stored.plan import Candidate
from bedrock_lifecycle.resources.bedrock import QUOTA_EXCEEDED, Bedrock, as_list
from bedrock_lifecycle.resources.candidate_marks import CandidateMarks
from bedrock_lifecycle.resources.candidates import delete_candidate

_SOON_SECONDS: Final = 5
_SLOT_SECONDS: Final = 30

# Whatever else a create is refused with may mean that the name is taken, by one that is not seen yet.
_MADE_NOTHING: Final = frozenset({QUOTA_EXCEEDED, "AccessDeniedException", "ResourceNotFoundException"})


class EvaluationCandidate:
    """One candidate, for the function that the workflow calls in loops."""

    def __init__(self, bedrock: Bedrock, marks: CandidateMarks, wanted: Candidate) -> None:
        self._bedrock = bedrock
        self._marks = marks
        self._wanted = wanted

    def stand(self) -> dict[str, Any]:
        """Return `ready` with its ARN, `wait`, or `failed` with the reason."""
        return _unless_it_passes(self._stand)

    def gone(self) -> dict[str, Any]:
        """Return `gone`, or `wait`; whatever is not of the same stack, or is a newer run's, is left alone."""
        return _unless_it_passes(self._gone)

    def _stand(self) -> dict[str, Any]:
        # One that a run of before has left is taken over, so that nothing that comes late of that run deletes it.
        now = self._marks.takes()
        if now is None:
            return _wait(_SLOT_SECONDS)
        decision = table.stand(self._sought, self._found())
        match decision:
            case table.Ready(arn):
                return {"next": "ready", "arn": arn}
            case table.CandidateWait(seconds):
                return _wait(seconds)
            case table.CandidateFailed(reason):
                return {"next": "failed", "reason": reason}
            case table.Make():
                return self._make(now)
        assert_never(decision)

    def _gone(self) -> dict[str, Any]:
        if not self._marks.ends():
            return {"next": "gone"}
        owner = self._wanted.tags[TAG_OWNER]
        decision = table.gone(owner, self._found(), may_appear=self._marks.may_appear())
        match decision:
            case table.Gone():
                return {"next": "gone"}
            case table.CandidateWait(seconds):
                return _wait(seconds)
            case table.Remove(found):
                if delete_candidate(self._bedrock, found):
                    self._marks.forgets()
                return _wait(_SOON_SECONDS)
        assert_never(decision)

    @property
    def _sought(self) -> table.Wanted:
        return table.Wanted(self._wanted.name, self._wanted.model_arn, self._wanted.tags[TAG_OWNER])

    def _found(self) -> Deployment | None:
        return self._bedrock.deployment(self._wanted.name)

    def _make(self, now: datetime) -> dict[str, Any]:
        # A run that is being ended deletes it: what is made behind its back would stay.
        if not self._marks.begins(now):
            return _wait(_SLOT_SECONDS)
        try:
            self._bedrock.client.create_custom_model_deployment(
                modelDeploymentName=self._wanted.name,
                modelArn=self._wanted.model_arn,
                tags=as_list(self._wanted.tags),
            )
        except ClientError as error:
            return self._not_made(error)
        return _wait(_SOON_SECONDS)

    def _not_made(self, error: ClientError) -> dict[str, Any]:
        if aws_errors.passes(error):
            raise error
        if aws_errors.code(error) in _MADE_NOTHING:
            self._marks.forgets()
        if self._bedrock.is_refused_for_now(error):
            return _wait(_SLOT_SECONDS)
        if self._found() is not None:
            return _wait(_SOON_SECONDS)
        return {"next": "failed", "reason": f"candidate {self._wanted.name}: {aws_errors.sentence(error)}"}


def _unless_it_passes(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a step says; to wait where AWS refuses it for a moment."""
    try:
        return step()
    except Again:
        return _wait(_SOON_SECONDS)
    except ClientError as error:
        if not aws_errors.passes(error):
            raise
        return _wait(_SOON_SECONDS)


def _wait(seconds: int) -> dict[str, Any]:
    return {"next": "wait", "seconds": seconds}
