"""What the functions of the workflow are told of an evaluation, from the properties of its resource."""

from bedrock_lifecycle.contract import candidate_name
from bedrock_lifecycle.contract.evaluation import EvaluationProperties
from bedrock_lifecycle.contract.evaluation_identity import TUNED
from bedrock_lifecycle.contract.properties import BadProperty
from bedrock_lifecycle.evaluation.stored.plan import Candidate, EvaluationPlan
from bedrock_lifecycle.resources.bedrock import owner_tags


def plan_of(desired: EvaluationProperties, *, model_arn: str, owner: str, foundation: str | None) -> EvaluationPlan:
    """Return the plan of an evaluation; `BadProperty` for what is not a number, or not of this identity."""
    inputs = desired.inputs
    if inputs.id != desired.evaluation_id:
        name = EvaluationProperties.evaluation_id.name
        raise BadProperty(f"property {name}: must be {inputs.id} for these inputs (got {desired.evaluation_id})")
    asked_as = {target.name: target.model for target in inputs.targets if target.name != TUNED}
    return EvaluationPlan(
        id=inputs.id,
        owner=owner,
        questions=inputs.questions,
        targets=tuple(inputs.targets),
        asked_as=asked_as | ({TUNED: desired.served_arn} if desired.served_arn else {}),
        metrics=tuple(inputs.metrics),
        metric_functions=desired.metric_functions,
        judge=inputs.judge,
        max_output_tokens=inputs.max_output_tokens,
        max_tokens=desired.max_tokens,
        max_error_rate=desired.max_error_rate,
        quota_share=desired.quota_share,
        requests_per_minute=desired.requests_per_minute,
        tokens_per_minute=desired.tokens_per_minute,
        quota_codes=desired.quota_codes,
        candidate=None if desired.served_arn else _candidate(desired, model_arn, owner, foundation),
        train_sha256=desired.train_sha256,
    )


def _candidate(desired: EvaluationProperties, model_arn: str, owner: str, foundation: str | None) -> Candidate:
    name = candidate_name(name=desired.name, environment=desired.environment, evaluation_id=desired.evaluation_id)
    return Candidate(name=name, model_arn=model_arn, tags=owner_tags(desired, owner=owner, foundation=foundation))
