"""What a change asks of models, and which guard rails of evaluations and gates it lowers."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.evaluation.results.gate import Requirement
from tests.unit.tune.review.stacks import stack
from tests.unit.tune.review.test_lifecycle import FOUNDATION, TRAINED, training
from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding
from tune.review.lifecycle import ModelPair, findings

ID: Final = "9c1f6a0b2d3e"
EVALUATION: Final = {
    "ServiceToken": "any",
    "ContractVersion": "1",
    "Name": "docstrings",
    "Environment": "dev",
    "BaseModel": "amazon.nova-micro-v1:0:128k",
    "TrainingId": "52f96a750c20",
    "Attempt": "1",
    "EvaluationId": ID,
    "TestUri": "s3://any/test/a.jsonl",
    "TestSha256": "a" * 64,
    "Records": "1000",
    "ComparedWith": {"base": "amazon.nova-micro-v1:0"},
    "Metrics": ["any"],
    "MaxOutputTokens": "256",
    "MaxTokens": "3000000",
    "MaxErrorRate": "0.02",
    "QuotaShare": "0.25",
}
BETTER: Final = Requirement.better_than("rouge_l", "base", by=0.05).to_text()
LESS: Final = Requirement.better_than("rouge_l", "base", by=0.02).to_text()
VALID: Final = Requirement.at_least("json_schema", 0.99).to_text()
GATE: Final = {
    "ServiceToken": "any",
    "ContractVersion": "1",
    "Model": "docstrings-dev-52f96a750c20-1",
    "GateEvaluationId": ID,
    "GateRequirements": [BETTER, VALID],
    "GateConfidence": "0.95",
}
ACCEPTED: Final = {"GateAccepted": ID, "GateAcceptedUntil": "2026-12-31", "GateAcceptedReason": "known to be worse"}


def evaluated(evaluation: Mapping[str, Any], gate: Mapping[str, Any] | None = None) -> StackTemplate:
    resources = {"Run": {"Type": contract.EVALUATION, "Properties": dict(evaluation)}}
    if gate:
        resources["Gate"] = {"Type": contract.QUALITY_GATE, "Properties": dict(gate)}
    return stack(resources, name="bedrock-tuning-dev-docstrings-Evaluation", model="docstrings")


def of(before: StackTemplate | None, after: StackTemplate | None, *classes: str) -> list[ReviewFinding]:
    trains = (training(TRAINED), training(TRAINED))
    pair = ModelPair(trains, (None, None), FOUNDATION, evaluation=(before, after))
    return [its for its in findings(pair) if its.finding_class in classes]


def test_a_new_evaluation_asks_at_most_what_is_declared() -> None:
    (found,) = of(None, evaluated(EVALUATION), "evaluates")
    assert (found.certainty, found.now, [its.quantity for its in found.costs]) == ("atMost", ID, [3_000_000])


def test_another_evaluation_is_said_and_the_same_is_not() -> None:
    other = {**EVALUATION, "EvaluationId": "0" * 12, "Metrics": ["other"]}
    (found,) = of(evaluated(EVALUATION), evaluated(other), "evaluates")
    assert (found.was, found.now) == (ID, "0" * 12)
    assert of(evaluated(EVALUATION, GATE), evaluated(EVALUATION, GATE), "evaluates", "changes", "loosens") == []


def test_another_bound_alone_asks_nobody() -> None:
    after = evaluated({**EVALUATION, "MaxTokens": "1000000"})
    assert of(evaluated(EVALUATION), after, "evaluates", "loosens") == []
    assert [its.finding_class for its in of(evaluated(EVALUATION), after, "changes")] == ["changes"]


@pytest.mark.parametrize(
    "change",
    [
        {"MaxTokens": "4000000"},
        {"MaxErrorRate": "0.5"},
        {"QuotaShare": "1.0"},
        {"Records": "100"},
        {"TestSha256": "b" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_evaluation_that_may_spend_or_overlook_more_loosens(change: Mapping[str, Any]) -> None:
    (source,) = change
    before, after = evaluated(EVALUATION), evaluated({**EVALUATION, **change})
    assert [its.source for its in of(before, after, "loosens")] == [source]
    if source != "TestSha256":
        assert of(after, before, "loosens") == []


@pytest.mark.parametrize(
    ("change", "source"),
    [
        ({"GateRequirements": [LESS, VALID]}, "GateRequirements"),
        ({"GateRequirements": [BETTER]}, "GateRequirements"),
        ({"GateConfidence": "0.8"}, "GateConfidence"),
        ({"TellsOnly": "true"}, "TellsOnly"),
        (ACCEPTED, "GateAccepted"),
    ],
)
def test_a_gate_that_lets_more_pass_loosens_and_one_that_lets_less_pass_does_not(
    change: Mapping[str, Any], source: str
) -> None:
    before, after = evaluated(EVALUATION, GATE), evaluated(EVALUATION, {**GATE, **change})
    assert [its.source for its in of(before, after, "loosens")] == [source]
    assert of(after, before, "loosens") == []


def test_a_gate_that_is_gone_loosens() -> None:
    (found,) = of(evaluated(EVALUATION, GATE), evaluated(EVALUATION), "loosens")
    assert "0.05" in found.was


def test_an_acceptance_in_a_new_gate_is_said() -> None:
    after = evaluated(EVALUATION, {**GATE, **ACCEPTED})
    assert [its.source for its in of(evaluated(EVALUATION), after, "loosens")] == ["GateAccepted"]
