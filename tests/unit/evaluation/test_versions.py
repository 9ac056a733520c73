"""Scores of a version never change: they are stored, and compared with later ones."""

import hashlib
import itertools

import pytest

from bedrock_lifecycle.contract.evaluation_identity import metric_definition
from bedrock_lifecycle.evaluation.metrics.exact_match import ExactMatch
from bedrock_lifecycle.evaluation.metrics.json_schema import JsonSchema
from bedrock_lifecycle.evaluation.metrics.metric import Metric
from bedrock_lifecycle.evaluation.metrics.rouge_l import RougeL
from bedrock_lifecycle.evaluation.metrics.schema import Schema
from bedrock_lifecycle.evaluation.metrics.texts import NORMALIZATIONS
from bedrock_lifecycle.evaluation.metrics.token_f1 import TokenF1
from bedrock_lifecycle.evaluation.metrics.tool_call import ToolCall
from bedrock_lifecycle.evaluation.scoring.definitions import metric_of

TEXTS = (
    "The function returns the sum, or None.",
    "the  FUNCTION returns: None or the sum",
    "Größe café",
    "GRÖSSE cafe\u0301 \u200f",
    "我爱GPT模型3个。",
    "我恨GPT模型3个",
    "สวัสดีครับ",
    "हिन्दी में लिखो",
    "می‌خواهم بروم",
    "👍🏽 ok",
    "",
)
DOCUMENTS = (
    "{}",
    '{"a": 1, "b": [true, null, {"c": "d"}]}',
    '{"b": [true, null, {"c": "e"}], "a": 1.0}',
    '{"a": "1", "b": []}',
    "[1, [2, 2.5], {}]",
    "1e2",
    "null",
)
CALLS = (
    "[]",
    '[{"name": "a", "input": {}}]',
    '[{"name": "a", "input": {"x": 1, "y": [1, 2]}}]',
    '[{"name": "a", "input": {"y": [1, 3], "x": 1.0}}, {"name": "b", "input": {"x": "1"}}]',
    '[{"name": "b", "input": {"x": "1"}}, {"name": "a", "input": {"x": true, "y": [1, 3]}}]',
)
ANYTHING = Schema("true")
# If one differs on purpose, raise the metric's version as well.
STORED = [
    (ExactMatch(), 1, TEXTS, "2c88e261416e"),
    (ExactMatch(NORMALIZATIONS), 1, TEXTS, "395c19ddf4df"),
    (TokenF1(), 1, TEXTS, "4599c4b875f2"),
    (RougeL(), 1, TEXTS, "98ca7b1fde25"),
    (JsonSchema(ANYTHING), 1, DOCUMENTS, "ce54761d0592"),
    (ToolCall(), 1, CALLS, "c8348a0fd1a4"),
]


@pytest.mark.parametrize(("metric", "version", "texts", "digest"), STORED, ids=lambda value: getattr(value, "name", ""))
def test_a_version_gives_the_scores_it_always_gave(
    metric: Metric, version: int, texts: tuple[str, ...], digest: str
) -> None:
    scores = [
        [round(score, 12) for _, score in sorted(metric.score(answer, reference).items())]
        for answer, reference in itertools.product((*texts, "not any"), texts)
    ]
    assert metric.version == version
    options = {"schema": "true"} if isinstance(metric, JsonSchema) else {}
    assert type(metric_of(metric_definition(metric.name, version, options))) is type(metric)
    assert hashlib.sha256(repr(scores).encode()).hexdigest()[:12] == digest
