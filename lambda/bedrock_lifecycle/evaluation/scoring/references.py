"""Whether what an answer is compared with can be used: told before anybody is asked and paid."""

from collections.abc import Mapping, Sequence

from bedrock_lifecycle.evaluation.metrics.json_schema import JsonSchema
from bedrock_lifecycle.evaluation.metrics.metric import BadReference, Metric
from bedrock_lifecycle.evaluation.metrics.tool_call import ToolCall
from bedrock_lifecycle.evaluation.scoring.definitions import metrics_of
from bedrock_lifecycle.evaluation.stored.records import Question, QuestionCheck


def check_of(definitions: Sequence[str]) -> QuestionCheck | None:
    """Return what raises `BadReference` for a question whose own answer a metric cannot use; None if each can use any.

    `UnknownMetric` for a definition of no metric that this code has.
    """
    strict = [each for each in metrics_of(definitions).values() if isinstance(each, JsonSchema | ToolCall)]

    def check(question: Question) -> None:
        for metric in strict:
            scores_of(metric, "", question)

    return check if strict else None


def scores_of(metric: Metric, answer: str, question: Question) -> Mapping[str, float]:
    """Return the scores of an answer; `BadReference` names the record and the metric, and quotes neither."""
    try:
        return metric.score(answer, question.reference)
    except BadReference as problem:
        raise BadReference(
            f"record {question.record} of the test file cannot be scored by {metric.name}: {problem}; correct the file"
        ) from None
