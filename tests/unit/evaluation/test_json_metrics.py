"""Answers that are JSON or tool calls."""

import json
from typing import Any

import pytest

from bedrock_lifecycle.evaluation.metrics.json_schema import JsonSchema
from bedrock_lifecycle.evaluation.metrics.metric import BadReference, Metric
from bedrock_lifecycle.evaluation.metrics.schema import Schema
from bedrock_lifecycle.evaluation.metrics.tool_call import ToolCall
from tests.support.messages import says

CANARY = "kanarienvogel"
INVOICE = JsonSchema(Schema('{"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}'))
REFERENCE = '{"total": 5, "lines": [{"name": "a"}, {"name": "b"}]}'


def call(name: str, **arguments: object) -> dict[str, object]:
    return {"name": name, "input": arguments}


def scores(metric: Metric, answer: str, reference: str) -> list[float]:
    found = metric.score(answer, reference)
    assert found.keys() == set(metric.measures)
    assert metric.measures[0] == metric.name
    return [found[measure] for measure in metric.measures]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # valid, parses, equal, fields
        (REFERENCE, [1, 1, 1, 1]),
        ('{"lines": [{"name": "a"}, {"name": "b"}], "total": 5.0}', [1, 1, 1, 1]),
        ('{"total": 6, "lines": [{"name": "a"}, {"name": "b"}]}', [1, 1, 0, 2 / 3]),
        ('{"total": 5, "lines": [{"name": "b"}, {"name": "a"}]}', [1, 1, 0, 1 / 3]),
        ('{"total": 5}', [1, 1, 0, 0.5]),
        ('{"total": "5", "lines": [{"name": "a"}, {"name": "b"}]}', [0, 1, 0, 2 / 3]),
        ("[]", [0, 1, 0, 0]),
        (f"```json\n{REFERENCE}\n```", [0, 0, 0, 0]),
        ("", [0, 0, 0, 0]),
    ],
)
def test_json_is_scored(answer: str, expected: list[float]) -> None:
    assert scores(INVOICE, answer, REFERENCE) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [(CANARY, "not JSON at character 1"), (f'{{"{CANARY}": 1}}', "not valid against the schema")],
)
def test_a_reference_that_no_answer_could_equal_is_refused_without_its_content(reference: str, reason: str) -> None:
    with pytest.raises(BadReference) as refused:
        INVOICE.score("{}", reference)
    assert says(str(refused.value), "reference", reason)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        # equal, names, arguments
        ([call("a", x=1)], [call("a", x=1)], [1, 1, 1]),
        ([call("a", x=1.0)], [call("a", x=1)], [1, 1, 1]),
        ([call("a", x="1")], [call("a", x=1)], [0, 1, 0]),
        ([call("a", x=True)], [call("a", x=1)], [0, 1, 0]),
        ([call("b", x=1)], [call("a", x=1)], [0, 0, 0]),
        ([call("b", y=2), call("a", x=1)], [call("a", x=1), call("b", y=2)], [1, 1, 1]),
        ([call("a", x=1), call("a", x=1)], [call("a", x=1)], [0, 0, 2 / 3]),
        ([call("a", x=1, y=[1, 2])], [call("a", x=1, y=[1, 3])], [0, 1, 2 / 3]),
        ([call("a")], [call("a")], [1, 1, 1]),
        ([call("a")], [call("b")], [0, 0, 0]),
        ([], [], [1, 1, 1]),
        ([], [call("a", x=1)], [0, 0, 0]),
        ([call("a", x=1)], [], [0, 0, 0]),
    ],
)
def test_tool_calls_are_scored(answer: list[Any], reference: list[Any], expected: list[float]) -> None:
    assert scores(ToolCall(), json.dumps(answer), json.dumps(reference)) == pytest.approx(expected)


NO_CALLS = [
    "I shall call it.",
    '{"name": "a", "input": {}}',
    '["a"]',
    '[{"name": "a"}]',
    '[{"name": 1, "input": {}}]',
    '[{"name": "a", "input": []}]',
    '[{"name": "a", "input": {}, "toolUseId": "any"}]',
]


@pytest.mark.parametrize("answer", NO_CALLS)
def test_an_answer_that_is_no_list_of_calls_calls_nothing(answer: str) -> None:
    assert scores(ToolCall(), answer, json.dumps([call("a")])) == [0, 0, 0]
    assert scores(ToolCall(), answer, "[]") == [1, 1, 1]


@pytest.mark.parametrize("reference", NO_CALLS)
def test_a_reference_that_is_no_list_of_calls_is_refused(reference: str) -> None:
    with pytest.raises(BadReference) as refused:
        ToolCall().score("[]", reference)
    assert says(str(refused.value), "reference", "name and input")
