"""`Custom::BedrockEvaluation`, its rungs, and `Custom::BedrockQualityGate`: what they are told, what they answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bedrock_lifecycle.contract import CONTRACT_VERSION
from bedrock_lifecycle.contract.evaluation_identity import (
    TUNED,
    EvaluationInputs,
    Judging,
    Questions,
    Target,
)
from bedrock_lifecycle.contract.model import ModelProperties
from bedrock_lifecycle.contract.properties import (
    MAX_OUTPUT_TOKENS,
    RUNG,
    RUNGS,
    SERVED_ARN,
    TRAIN_SHA256,
    Property,
    Received,
    flag,
    integer,
    mapping,
    number,
    optional_text,
    text,
    texts,
    written,
)

# Attributes, which a rung hands on.
EVALUATION_ID: Final = "EvaluationId"
EXECUTION: Final = "Execution"
STATE: Final = "State"
# The attribute `Execution` of an evaluation whose numbers were there before anything was started.
NO_EXECUTION: Final = "none"
# Attribute of the gate.
VERDICT: Final = "Verdict"

# Keys of the property `Judge`.
JUDGE_MODEL: Final = "Model"
JUDGE_RUBRIC: Final = "RubricSha256"
JUDGE_RECORDS: Final = "Records"


def _optional_integer(name: str) -> Property[int | None]:
    return Property(name, lambda properties, its: properties.integer(its) if its in properties else None)


class EvaluationProperties(ModelProperties):
    """`Custom::BedrockEvaluation`: who is asked what, and what that may cost.

    `compared_with` has the ids of the other models by their names; `served_arn` is what serves the tuned model where
    it cannot be deployed for the evaluation alone; `quota_codes` are Service Quotas codes of requests a minute by
    model id. `metric_functions` are ARNs of versions of functions, by the name of the metric that each computes.
    """

    evaluation_id = text(EVALUATION_ID)
    # For people and for a plan; the functions know their bucket.
    test_uri = optional_text("TestUri")
    test_sha256 = text("TestSha256")
    records = _optional_integer("Records")
    group_by = optional_text("GroupBy")
    compared_with = mapping("ComparedWith")
    metrics = texts("Metrics")
    metric_functions = mapping("MetricFunctions")
    judge = mapping("Judge")
    max_output_tokens = integer(MAX_OUTPUT_TOKENS)
    max_tokens = integer("MaxTokens")
    max_error_rate = number("MaxErrorRate")
    quota_share = number("QuotaShare")
    requests_per_minute = _optional_integer("RequestsPerMinute")
    tokens_per_minute = _optional_integer("TokensPerMinute")
    quota_codes = mapping("QuotaCodes")
    served_arn = optional_text(SERVED_ARN)
    train_sha256 = optional_text(TRAIN_SHA256)

    @property
    def inputs(self) -> EvaluationInputs:
        """What its identity is the digest of."""
        judge = self.judge
        return EvaluationInputs(
            questions=Questions(test_sha256=self.test_sha256, records=self.records, group_by=self.group_by),
            targets=[
                Target(name=TUNED, model=self.training_name),
                *(Target(name=name, model=model) for name, model in sorted(self.compared_with.items())),
            ],
            max_output_tokens=self.max_output_tokens,
            metrics=self.metrics,
            judge=Judging(
                model=judge[JUDGE_MODEL],
                rubric_sha256=judge[JUDGE_RUBRIC],
                records=int(judge[JUDGE_RECORDS]),
            )
            if judge
            else None,
        )

    @classmethod
    def write(
        cls,
        *,
        name: str,
        environment: str,
        model_environment: str | None,
        base_model: str,
        training_id: str,
        attempt: int,
        inputs: EvaluationInputs,
        metric_functions: Mapping[str, str],
        max_tokens: int,
        max_error_rate: float,
        quota_share: float,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        quota_codes: Mapping[str, str],
        served_arn: str | None,
        train_sha256: str | None,
        custom_model_kms_key_arn: str | None,
        quotas: Mapping[str, str],
        tags: Mapping[str, str],
        reconcile: int,
        test_uri: str | None = None,
    ) -> dict[str, Any]:
        """Return the properties; `inputs` are those of a tuned model and of those that it is compared with."""
        judge = inputs.judge
        return written(
            {
                cls.contract_version: CONTRACT_VERSION,
                cls.name: name,
                cls.environment: environment,
                cls.model_environment: model_environment,
                cls.base_model: base_model,
                cls.training_id: training_id,
                cls.attempt: attempt,
                cls.evaluation_id: inputs.id,
                cls.test_uri: test_uri,
                cls.test_sha256: inputs.questions.test_sha256,
                cls.records: inputs.questions.records,
                cls.group_by: inputs.questions.group_by,
                cls.compared_with: {each.name: each.model for each in inputs.targets if each.name != TUNED} or None,
                cls.metrics: sorted(inputs.metrics),
                cls.metric_functions: dict(sorted(metric_functions.items())) or None,
                cls.judge: {
                    JUDGE_MODEL: judge.model,
                    JUDGE_RUBRIC: judge.rubric_sha256,
                    JUDGE_RECORDS: str(judge.records),
                }
                if judge
                else None,
                cls.max_output_tokens: inputs.max_output_tokens,
                cls.max_tokens: max_tokens,
                cls.max_error_rate: str(max_error_rate),
                cls.quota_share: str(quota_share),
                cls.requests_per_minute: requests_per_minute,
                cls.tokens_per_minute: tokens_per_minute,
                cls.quota_codes: dict(sorted(quota_codes.items())) or None,
                cls.served_arn: served_arn,
                cls.train_sha256: train_sha256,
                cls.custom_model_kms_key_arn: custom_model_kms_key_arn,
                cls.quotas: dict(quotas) or None,
                cls.tags: dict(sorted(tags.items())) or None,
                cls.reconcile: reconcile,
            }
        )


class EvaluationAwaitProperties(Received):
    """`Custom::BedrockEvaluationAwait`: one rung of so many, which waits for the run of the workflow."""

    evaluation_id = text(EVALUATION_ID)
    execution = text(EXECUTION)
    rung = integer(RUNG)
    rungs = integer(RUNGS)

    @classmethod
    def write(cls, *, evaluation_id: str, execution: str, rung: int, rungs: int) -> dict[str, Any]:
        return written(
            {
                cls.contract_version: CONTRACT_VERSION,
                cls.evaluation_id: evaluation_id,
                cls.execution: execution,
                cls.rung: rung,
                cls.rungs: rungs,
            }
        )


class GateProperties(Received):
    """What a gate asks of an evaluation; the gate has it, and what serves the model has it too.

    `requirements` are canonical texts, see `bedrock_lifecycle.evaluation.results.gate`. `accepted` is the evaluation
    whose failure is accepted until the end of the day `accepted_until` in UTC.
    """

    gate_evaluation_id = optional_text("GateEvaluationId")
    requirements = texts("GateRequirements")
    confidence = Property(
        "GateConfidence", lambda properties, its: properties.number(its) if its in properties else 0.95
    )
    accepted = optional_text("GateAccepted")
    accepted_until = optional_text("GateAcceptedUntil")
    accepted_reason = optional_text("GateAcceptedReason")

    @classmethod
    def write_gate(
        cls,
        *,
        evaluation_id: str,
        requirements: Sequence[str],
        confidence: float,
        accepted: str | None = None,
        accepted_until: str | None = None,
        accepted_reason: str | None = None,
    ) -> dict[str, Any]:
        """Return the properties that say what is asked."""
        return written(
            {
                cls.gate_evaluation_id: evaluation_id,
                cls.requirements: list(requirements),
                cls.confidence: str(confidence),
                cls.accepted: accepted,
                cls.accepted_until: accepted_until,
                cls.accepted_reason: accepted_reason,
            }
        )


class QualityGateProperties(GateProperties):
    """`Custom::BedrockQualityGate`: the verdict on an evaluation that is complete.

    `model` is the name of the tuned model, on which the verdict is left. With `tells_only` it fails nothing: what
    serves was there before.
    """

    model = text("Model")
    state = optional_text(STATE)
    tells_only = flag("TellsOnly", default=False)

    @classmethod
    def write(
        cls, *, model: str, state: str | None, gate: Mapping[str, Any], tells_only: bool, reconcile: int
    ) -> dict[str, Any]:
        """Return the properties; `gate` is what `write_gate` returned, `state` the last rung's, None without any."""
        return {
            **written({cls.contract_version: CONTRACT_VERSION, cls.model: model, cls.state: state}),
            **gate,
            **written({cls.tells_only: True if tells_only else None, cls.reconcile: reconcile}),
        }
