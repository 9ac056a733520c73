"""What is asked before a model serves: the evaluation, the wait for it, and the gate."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import VERDICT
from bedrock_lifecycle.contract.evaluation_identity import BASE
from bedrock_tuning import (
    Acceptance,
    DatasetProvider,
    EvaluationAwait,
    EvaluationWorkflow,
    QualityGate,
)
from bedrock_tuning import Evaluation as AskedModels
from bedrock_tuning.foundation import Foundation
from bedrock_tuning.spending.words import DataFile
from settings import Accept, Evaluation, Gate, Model
from settings.folder import ENVIRONMENTS_CONTEXT
from stacks.organization import given_key
from stacks.remedies import remedies_of_model
from stacks.spending_outputs import output_spending


class EvaluationStack(Stack):
    """Costs once for each evaluation; complete only when it is, and its gate has passed.

    Args:
        settings: The model in its environment.
        evaluation: Its `[evaluation]`.
        foundation: The Foundation of that environment.
        evaluations: The workflow in it.
        test: What is known of its test data at synth, None where it was not read there.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Model,
        evaluation: Evaluation,
        foundation: Foundation,
        evaluations: EvaluationWorkflow,
        test: DataFile | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._settings = settings
        self._foundation = foundation
        sha256 = settings.evaluated_sha256
        made = settings.training or settings.promotion
        asked = AskedModels(
            self,
            "Evaluation",
            name=settings.name,
            environment=settings.environment.name,
            base_model=settings.profile,
            training_id=settings.training_id,
            attempt=made.attempt if made else 1,
            model_environment=settings.promotion.giver if settings.promotion else None,
            model_key_arn=self._model_key_arn(),
            test=test if test and test.sha256 == sha256 else DataFile(split="test", sha256=sha256),
            train_sha256=settings.data.train.sha256 if settings.data else None,
            compare_with=evaluation.compare_with,
            metrics=evaluation.metrics,
            max_output_tokens=evaluation.max_output_tokens,
            max_tokens=evaluation.max_tokens,
            records=evaluation.records,
            group_by=evaluation.group_by,
            max_error_rate=evaluation.max_error_rate,
            quota_share=evaluation.quota_share,
            quota_codes={
                settings.profile.untuned_id if each == BASE else each: code
                for each, code in evaluation.quota_codes.items()
            },
            judge=evaluation.judge.asked if evaluation.judge else None,
            reader=self._reader() if evaluation.judge else None,
            data_store=foundation.data_store,
            workflow=foundation.workflow,
            scorer=evaluations.functions.score.role,
            served_arn=self._served_arn(),
            functions=foundation.functions,
            tags=settings.made_tags,
            reconcile=settings.reconcile,
        )
        waited = EvaluationAwait(
            self, "Await", evaluation=asked, workflow=foundation.workflow, max_hours=evaluation.max_hours
        )
        spending = dict(asked.spending)
        gate = self._gate(settings.gate, asked, waited) if settings.gate else None
        # Where what serves was asked, it serves already: its gate tells, and holds nothing back.
        self.gate = None if settings.is_asked_as_it_serves else gate
        if gate:
            spending |= gate.spending
            CfnOutput(self, "Verdict", value=gate.resource.get_att_string(VERDICT), description="What the gate said")
        output_spending(self, f"Evaluation of {settings.name}", spending, "Evaluates", "Bills")

    def _gate(self, gate: Gate, asked: AskedModels, waited: EvaluationAwait) -> QualityGate:
        return QualityGate(
            self,
            "Gate",
            evaluation=asked,
            waited=waited,
            requirements=gate.require,
            confidence=gate.confidence,
            accept=_acceptance(gate.accept),
            tells_only=self._settings.is_asked_as_it_serves,
            workflow=self._foundation.workflow,
            reconcile=self._settings.reconcile,
        )

    def _reader(self) -> DatasetProvider:
        return DatasetProvider(
            self,
            "RubricReader",
            data_store=self._foundation.data_store,
            workflow=self._foundation.workflow,
            functions=self._foundation.functions,
            bootstrap_key=given_key(self, "BootstrapKey", self._settings.environment.bootstrap.key_arn),
            remedies=remedies_of_model(self._settings, self.node.try_get_context(ENVIRONMENTS_CONTEXT)),
            reads_data=False,
        )

    def _model_key_arn(self) -> str | None:
        promotion = self._settings.promotion
        return promotion.kms_key_arn if promotion else self._foundation.data_store.key.key_arn

    def _served_arn(self) -> str | None:
        """Return the ARN of what serves, read when this stack is deployed: an import would hold it where it is."""
        if not self._settings.is_asked_as_it_serves:
            return None
        name = contract.model_id_parameter(self._settings.name, self._settings.environment.name)
        return ssm.StringParameter.value_for_string_parameter(self, name)


def _acceptance(accept: Accept | None) -> Acceptance | None:
    if accept is None:
        return None
    return Acceptance(evaluation=accept.evaluation, until=accept.until, reason=accept.reason)
