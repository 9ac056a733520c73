"""The deployments that answer for a tuned model during its evaluation: which ones a stack has left, and their end."""

import dataclasses
from collections.abc import Collection
from typing import Final

from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.decisions import custom_model_deployment as table
from bedrock_lifecycle.decisions.actions import Delete, Done, Wait
from bedrock_lifecycle.decisions.table import decide
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.engine.engine import Turn
from bedrock_lifecycle.engine.outcome import Outcome, Settled, Waiting
from bedrock_lifecycle.resources.bedrock import Bedrock

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
        facts = table.Absence(
            name=name,
            owner=turn.request.stack_owner,
            may_appear=any(turn.known.is_going(run, turn.now) for run in runs),
            found=self._bedrock.deployment(name),
        )
        decision = decide(table.ABSENCE, facts)
        if isinstance(decision, Delete) and facts.found:
            if self._bedrock.gives_back(facts.found.arn, facts.found.tags):
                return Waiting(f"candidate {name} is tagged as this Foundation's again, and then deleted")
            refusal = self._refusal(facts.found.arn)
            if not refusal:
                return Waiting(f"candidate {name} is being deleted")
            decision = decide(table.ABSENCE, dataclasses.replace(facts, refused=True, refusal=refusal))
        match decision:
            case Wait(detail):
                return Waiting(detail)
            case Done(detail):
                return Settled(detail=detail)
        raise AssertionError("a candidate is deleted, waited for, or gone")

    def _is_ours(self, turn: Turn, name: str) -> bool:
        found = self._bedrock.deployment(name)
        return found is not None and found.tags.get(contract.TAG_OWNER) == turn.request.stack_owner

    def _refusal(self, arn: str) -> str:
        """Delete it; return in Bedrock's words why it does not allow it at present, nothing when it does."""
        try:
            self._bedrock.client.delete_custom_model_deployment(customModelDeploymentIdentifier=arn)
        except ClientError as error:
            if aws_errors.is_not_found(error):
                return ""
            if aws_errors.code(error) not in _NOT_NOW:
                raise
            return aws_errors.sentence(error)
        return ""


def _name(of: EvaluationProperties, evaluation_id: str) -> str:
    return contract.candidate_name(name=of.name, environment=of.environment, evaluation_id=evaluation_id)
