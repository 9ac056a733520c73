"""The deployments that answer for a tuned model during its evaluation: which ones a stack has left, and their end."""

from collections.abc import Collection
from typing import Final, assert_never

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.decisions import evaluation_candidate as table
from bedrock_lifecycle.decisions.observed import Deployment
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Outcome, Settled, Waiting
from bedrock_lifecycle.resources.bedrock import Bedrock

# Bedrock declares the first, and no documentation says with which it refuses to delete what is being created.
_NOT_NOW: Final = frozenset({"ConflictException", "ValidationException"})


class Candidates:
    """Candidates of one stack. They are made by the workflow's own function, which also deletes them at the end."""

    def __init__(self, bedrock: Bedrock) -> None:
        self._bedrock = bedrock

    def left(self, turn: Turn, of: EvaluationProperties, *, needed: Collection[str]) -> tuple[str, ...]:
        """Return the names of those of this stack and model that no run needs.

        needed: The evaluations whose runs are, or are about to be, under way. One whose run was stopped minutes ago
            may be made yet by the function that the stop has not ended, so it is among them though it is not seen.
        """
        listed = [each["customModelDeploymentName"] for each in self._bedrock.deployment_summaries()]
        evaluations = {name: contract.evaluated_by(name, name=of.name, environment=of.environment) for name in listed}
        found = {name for name, its in evaluations.items() if its and its not in needed and self._is_ours(turn, name)}
        stopped = {name.rpartition("-")[0] for name in turn.known.deleted if turn.known.is_going(name, turn.now)}
        return tuple(sorted(found | {_name(of, its) for its in stopped - {*needed, ""}}))

    def remove(self, turn: Turn, name: str) -> Outcome:
        """Delete one, as often as it takes, and say whether it is gone."""
        evaluation = name.rpartition("-")[2]
        runs = (run for run in turn.known.deleted if contract.run_number(run, evaluation))
        found = self._bedrock.deployment(name)
        may_appear = any(turn.known.is_going(run, turn.now) for run in runs)
        decision = table.gone(turn.request.stack_owner, found, may_appear=may_appear)
        match decision:
            case table.Gone():
                return Settled(detail=f"candidate {name} is gone")
            case table.CandidateWait():
                return Waiting(f"candidate {name} may be made yet by the run that was stopped")
            case table.Remove(there):
                delete_candidate(self._bedrock, there)
                return Waiting(f"candidate {name} is being deleted")
        assert_never(decision)

    def _is_ours(self, turn: Turn, name: str) -> bool:
        found = self._bedrock.deployment(name)
        return found is not None and found.tags.get(contract.TAG_OWNER) == turn.request.stack_owner


def delete_candidate(bedrock: Bedrock, found: Deployment) -> bool:
    """Delete one as far as that is possible now; tell whether Bedrock has taken it up. Look again in any case."""
    if bedrock.gives_back(found.arn, found.tags):
        return False
    try:
        bedrock.client.delete_custom_model_deployment(customModelDeploymentIdentifier=found.arn)
    except ClientError as error:
        if not (aws_errors.is_not_found(error) or aws_errors.code(error) in _NOT_NOW):
            raise
        return False
    return True


def _name(of: EvaluationProperties, evaluation_id: str) -> str:
    return contract.candidate_name(name=of.name, environment=of.environment, evaluation_id=evaluation_id)
