"""What must hold of evaluations and gates at every moment of a history."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle import contract
from tests.support.environment import Account, Wanted

# How a request names the model that is to answer.
_MODEL: Final = {
    "CreateProvisionedModelThroughput": "modelId",
    "UpdateProvisionedModelThroughput": "desiredModelId",
    "CreateCustomModelDeployment": "modelArn",
    "UpdateCustomModelDeployment": "modelArn",
}


class GateWatch:
    """Looks at every request to Bedrock by which a model comes to serve: only what has passed, or is accepted, may.

    `gated` are all that is asked for, which may be added to; what is asked for without a gate may serve.
    """

    def __init__(self, account: Account, gated: Sequence[Wanted] = ()) -> None:
        self._account = account
        self._gated = gated
        self._wrong: list[str] = []
        self._before = account.lifecycle.calls.heard
        account.lifecycle.calls.heard = self._hear

    @property
    def wrong(self) -> list[str]:
        return [*self._wrong, *self._account.lifecycle.evaluations.wrong]

    def _hear(self, operation: str, params: Mapping[str, Any]) -> None:
        self._before(operation, params)
        if operation not in _MODEL or evaluated_by(str(params.get("modelDeploymentName", ""))):
            return
        arn = params[_MODEL[operation]]
        name = next(
            (model.name for model in self._account.region.models.values() if arn in (model.arn, model.name)), ""
        )
        if not self._may_serve(name):
            self._wrong.append(f"{operation}: {name} has not passed its gate")

    def _may_serve(self, name: str) -> bool:
        attempt = name.rpartition("-")[2]
        tried = [wanted.but(attempt=int(attempt)) for wanted in self._gated if attempt.isdecimal()]
        asked = [wanted for wanted in tried if wanted.training_name == name]
        if not all(wanted.gated for wanted in asked):
            return True
        # What an evaluation would say is no verdict: its numbers must be there.
        evaluations = self._account.lifecycle.evaluations
        told = [wanted for wanted in asked if evaluations.is_complete(wanted.evaluation_inputs.id)]
        has_passed = evaluations.truth.get(name, contract.PASSED) == contract.PASSED
        return any(has_passed or wanted.accepted for wanted in told)


def evaluated_by(name: str) -> str:
    """Return the evaluation whose candidate something that serves is; nothing for anything else."""
    return contract.evaluated_by(name, name="faq", environment="prod")


def candidates(account: Account) -> list[str]:
    """Return the candidates that exist though no run needs them."""
    needed = account.lifecycle.evaluations.going()
    found = {name: evaluated_by(name) for name in account.serving_names()}
    return [
        f"candidate {name} is left" for name, evaluation in found.items() if evaluation and evaluation not in needed
    ]
