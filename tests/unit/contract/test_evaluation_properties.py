"""What a template says of an evaluation and its gate is text, and is read back as what it was."""

from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import (
    EvaluationAwaitProperties,
    EvaluationProperties,
    GateProperties,
    QualityGateProperties,
)
from bedrock_lifecycle.contract.evaluation_identity import (
    BASE,
    TUNED,
    EvaluationInputs,
    Judging,
    Questions,
    Target,
    metric_definition,
)
from bedrock_lifecycle.contract.properties import BadProperty, Properties
from bedrock_lifecycle.contract.served_model import CustomModelDeploymentProperties, ServedModelProperties
from tests.unit.contract.test_written import is_text, served

INPUTS: Final = EvaluationInputs(
    questions=Questions(test_sha256="ab" * 32, records=200, group_by="source"),
    targets=[
        Target(name=TUNED, model="faq-prod-0123456789ab-2"),
        Target(name=BASE, model="any.model-v1:0"),
        Target(name="us.other", model="us.other"),
    ],
    max_output_tokens=256,
    metrics=[metric_definition("token_f1", 1), metric_definition("exact_match", 1)],
    judge=Judging(model="us.other", rubric_sha256="cd" * 32, records=50),
)
REQUIREMENT: Final = '{"against":"base","measure":"token_f1","threshold":0.05}'
GATE: Final = GateProperties.write_gate(
    evaluation_id=INPUTS.id,
    requirements=[REQUIREMENT],
    confidence=0.9,
    accepted=INPUTS.id,
    accepted_until="2026-12-31",
    accepted_reason="any",
)
LEAST: Final = EvaluationInputs(
    questions=Questions(test_sha256="ab" * 32),
    targets=[Target(name=TUNED, model="faq-prod-0123456789ab-2")],
    max_output_tokens=256,
    metrics=[metric_definition("exact_match", 1)],
)


def evaluation(**changes: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": "faq",
        "environment": "prod",
        "model_environment": None,
        "base_model": "any.model-v1:0:128k",
        "training_id": "0123456789ab",
        "attempt": 2,
        "inputs": INPUTS,
        "metric_functions": {"own": "arn:any:function:1"},
        "max_tokens": 3_000_000,
        "max_error_rate": 0.02,
        "quota_share": 0.25,
        "requests_per_minute": 2000,
        "tokens_per_minute": None,
        "quota_codes": {"us.other": "L-00000000"},
        "served_arn": None,
        "train_sha256": "ef" * 32,
        "custom_model_kms_key_arn": "arn:any-key",
        "quotas": {"Deployments": "L-1EF80F3E"},
        "tags": {"team": "any"},
        "reconcile": 0,
    }
    return EvaluationProperties.write(**asked | changes)


@pytest.mark.parametrize("inputs", [INPUTS, LEAST], ids=["everything", "least"])
def test_an_evaluation_is_read_as_it_was_written_and_has_the_same_identity(inputs: EvaluationInputs) -> None:
    properties = evaluation(inputs=inputs)
    read = EvaluationProperties(Properties(properties)).complete()
    assert is_text(properties)
    assert read.inputs.id == read.evaluation_id == inputs.id
    assert (read.max_tokens, read.requests_per_minute, read.tokens_per_minute) == (3_000_000, 2000, None)
    assert (read.quota_codes, read.metric_functions) == ({"us.other": "L-00000000"}, {"own": "arn:any:function:1"})


def test_a_step_and_a_gate_are_read_as_they_were_written() -> None:
    step = EvaluationAwaitProperties.write(evaluation_id=INPUTS.id, execution="arn:any", rung=1, rungs=3)
    read = EvaluationAwaitProperties(Properties(step)).complete()
    assert (read.evaluation_id, read.execution, read.rung, read.rungs) == (INPUTS.id, "arn:any", 1, 3)
    asked = QualityGateProperties.write(model="any-1", state="complete", gate=GATE, tells_only=True, reconcile=0)
    gate = QualityGateProperties(Properties(asked)).complete()
    assert is_text(step)
    assert is_text(asked)
    assert (gate.model, gate.tells_only, gate.confidence) == ("any-1", True, 0.9)
    assert (gate.gate_evaluation_id, gate.requirements) == (INPUTS.id, (REQUIREMENT,))


def test_what_serves_behind_a_gate_is_refused_by_functions_that_do_not_know_gates() -> None:
    free, gated = served(), served(gate=GATE)
    versions = (free["ContractVersion"], gated["ContractVersion"])
    assert versions == (contract.CONTRACT_VERSION, contract.GATED_CONTRACT_VERSION)
    assert gated.items() >= GATE.items()
    assert CustomModelDeploymentProperties(Properties(gated)).gate_evaluation_id == INPUTS.id


def test_what_serves_in_a_template_from_before_has_no_gate() -> None:
    read = ServedModelProperties(Properties(served()))
    assert (read.gate_evaluation_id, read.requirements, read.accepted) == (None, (), None)


OPTIONAL: Final = evaluation().keys() - {
    "Name", "Environment", "BaseModel", "TrainingId", "Attempt", "EvaluationId", "TestSha256", "MaxOutputTokens",
    "MaxTokens", "MaxErrorRate", "QuotaShare",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_an_evaluation_needs_nothing_that_a_template_may_leave_out(name: str) -> None:
    properties = {key: value for key, value in evaluation().items() if key != name}
    EvaluationProperties(Properties(properties)).complete()


@pytest.mark.parametrize("name", sorted(evaluation().keys() - OPTIONAL))
def test_what_an_evaluation_needs_is_named(name: str) -> None:
    properties = {key: value for key, value in evaluation().items() if key != name}
    with pytest.raises(BadProperty, match=name):
        EvaluationProperties(Properties(properties)).complete()
