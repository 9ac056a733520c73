"""What a model must show before anything serves it, in one value."""

from collections.abc import Sequence
from dataclasses import dataclass

from bedrock_lifecycle.contract.evaluation_identity import BASE
from bedrock_lifecycle.evaluation.results.gate import Requirement
from bedrock_tuning.evaluation.metrics import EvaluationMetric


@dataclass(frozen=True, kw_only=True)
class ModelEvaluation:
    """How a `FineTunedModel` is evaluated on its test data, and what keeps it from serving.

    For a judge, an exception, or other bounds use `Evaluation`, `EvaluationAwait` and `QualityGate`.

    Args:
        metrics: How answers are scored, as for `Evaluation`.
        max_output_tokens: The most output tokens of an answer, 1 to 10,000, as for `Evaluation`.
        max_tokens: The most tokens of the whole evaluation, from 1, as for `Evaluation`.
        requirements: What the model must show, as for `QualityGate`. Default: nothing; it is measured, and then serves.
        compare_with: The models that are asked too, as for `Evaluation`. Default: the base model.
        max_hours: How long one deployment waits for it, 0 to 120 hours. Default: 12.
    """

    metrics: Sequence[EvaluationMetric]
    max_output_tokens: int
    max_tokens: int
    requirements: Sequence[Requirement] = ()
    compare_with: Sequence[str] = (BASE,)
    max_hours: int = 12
