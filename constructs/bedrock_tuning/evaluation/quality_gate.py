"""A gate as a resource: behind it stands only what has shown to be good enough."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Annotations, CustomResource
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import GateProperties, QualityGateProperties
from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_tuning.checks.base_model import today
from bedrock_tuning.evaluation.evaluation import Evaluation
from bedrock_tuning.evaluation.evaluation_await import EvaluationAwait
from bedrock_tuning.evaluation.inputs import unmet_needs
from bedrock_tuning.lifecycle.lifecycle_workflow import LifecycleWorkflow
from bedrock_tuning.spending.metadata import tell_spending
from bedrock_tuning.spending.words import Spending, gate_spending

ACCEPTANCE_WARNING: Final = "bedrock-tuning:gate-accept-over"


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """An exception: the model of one evaluation serves although it may not pass.

    Args:
        evaluation: The ID of that evaluation.
        until: The last day, in UTC, on which something may be created or moved by it.
        reason: Why, on one line; it is in the template.
    """

    evaluation: str
    until: dt.date
    reason: str


class QualityGate(Construct):
    """Fails the deployment unless an evaluation has shown what is required.

    It judges one-sided bounds, not estimates: a model that is not good enough passes in at most 1 - `confidence` of all
    evaluations. All requirements must pass. If the records are too few to tell, the message says about how many it
    takes. Give it as `gate` to what serves too: it is judged again there before anything is created, bought or moved,
    so that no other order of stacks goes past it. A rollback is not judged.

    A model of this environment that has passed carries the tag `bedrock-tuning:verdict` with `passed`.

    Args:
        evaluation: The evaluation.
        waited: The wait for it.
        requirements: 1 to 10, each by `at_least`, `better_than` or `not_worse_than` of
            `bedrock_lifecycle.evaluation.results.gate.Requirement`.
        workflow: The lifecycle that manages it.
        confidence: Above 0.5, below 1. Default: 0.95.
        accept: An exception for one evaluation. Default: none. Once its last day is over, the synthesis warns and the
            gate counts again; the current model continues to serve.
        tells_only: Whether it fails nothing: for an evaluation of what serves already. Default: False.
        reconcile: Raise it by one to judge again. Default: 0.

    Attributes:
        asked: What it asks, as properties of what serves.
        resource: The custom resource.
        spending: What is required and accepted, as texts by name, for your own outputs.

    Raises:
        ValueError: For requirements that the evaluation does not measure, or values out of bounds.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        evaluation: Evaluation,
        waited: EvaluationAwait,
        requirements: Sequence[Requirement],
        workflow: LifecycleWorkflow,
        confidence: float = 0.95,
        accept: Acceptance | None = None,
        tells_only: bool = False,
        reconcile: int = 0,
    ) -> None:
        super().__init__(scope, construct_id)
        _check(evaluation, requirements, confidence)
        if accept and accept.until < today(self):
            Annotations.of(self).add_warning_v2(
                ACCEPTANCE_WARNING,
                f"the exception for evaluation {accept.evaluation} ended on {accept.until}: nothing is created, "
                "bought or moved by it any more, and the current model continues to serve; remove [gate.accept], or "
                "write a later day",
            )
        tuned = next(each.model for each in evaluation.inputs.targets if each.name == TUNED)
        self.asked: Mapping[str, Any] = GateProperties.write_gate(
            evaluation_id=evaluation.evaluation_id,
            requirements=[each.to_text() for each in requirements],
            confidence=confidence,
            accepted=accept.evaluation if accept else None,
            accepted_until=accept.until.isoformat() if accept else None,
            accepted_reason=accept.reason if accept else None,
        )
        self.resource: CustomResource = workflow.custom_resource(
            self,
            "Verdict",
            resource_type=contract.QUALITY_GATE,
            properties=QualityGateProperties.write(
                model=tuned, state=waited.state, gate=self.asked, tells_only=tells_only, reconcile=reconcile
            ),
        )
        self.resource.node.add_dependency(evaluation, waited)
        self.spending: Spending = gate_spending(
            requirements=[(each.measure, each.threshold, each.against) for each in requirements],
            confidence=confidence,
            accepted=(accept.evaluation, accept.until.isoformat(), accept.reason) if accept else None,
        )
        tell_spending(self.resource, self.spending)


def _check(evaluation: Evaluation, requirements: Sequence[Requirement], confidence: float) -> None:
    if not 1 <= len(requirements) <= contract.MAX_REQUIREMENTS:
        allowed = f"1 to {contract.MAX_REQUIREMENTS}"
        raise ValueError(f"`requirements` must be {allowed} requirements (got {len(requirements)})")
    if not 0.5 < confidence < 1:
        raise ValueError(f"`confidence` must be above 0.5, below 1 (got {confidence})")
    others = [each.name for each in evaluation.inputs.targets if each.name != TUNED]
    unmet = unmet_needs(
        requirements,
        list(evaluation.metrics),
        others,
        is_judged=evaluation.is_judged,
        records=evaluation.inputs.questions.records,
        confidence=confidence,
    )
    for _, why in unmet:
        raise ValueError(f"`requirements`: {why}")
