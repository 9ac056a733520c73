"""What the resources of a model do, where a template is not as it should be, and where a term may hold it back."""

from collections.abc import Mapping
from typing import Any

import pytest

from bedrock_lifecycle import contract
from tests.unit.tune.review.stacks import stack
from tune.review.assembly import StackTemplate
from tune.review.findings import Finding
from tune.review.lifecycle import ModelPair, findings

BOUGHT = {
    "ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:door",
    "ContractVersion": "1",
    "Name": "docstrings",
    "Environment": "dev",
    "BaseModel": "anthropic.claude-3-haiku-20240307-v1:0:200k",
    "ModelArn": "arn:aws:bedrock:us-east-1:111122223333:custom-model/given",
    "ModelUnits": "1",
    "CustomModelKmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/any",
}
NOT_A_NUMBER = {**BOUGHT, "ModelUnits": "x"}


def serving(properties: Mapping[str, Any]) -> StackTemplate:
    purchase = {"Type": contract.PROVISIONED_THROUGHPUT, "Properties": dict(properties)}
    return stack({"Purchase": purchase}, name="bedrock-tuning-dev-docstrings-Serving", model="docstrings")


def said(before: StackTemplate, after: StackTemplate) -> list[Finding]:
    return list(findings(ModelPair((None, None), (before, after), "bedrock-tuning-dev-Foundation")))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (NOT_A_NUMBER, BOUGHT),
        (BOUGHT, NOT_A_NUMBER),
        (BOUGHT, {**BOUGHT, "DetachWhenCommitted": "perhaps"}),
        ({name: value for name, value in BOUGHT.items() if name != "BaseModel"}, BOUGHT),
    ],
    ids=["the base", "the head", "only a guard rail reads it", "something is missing"],
)
def test_what_cannot_be_read_is_unknown(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    found = said(serving(before), serving(after))
    assert ("unknown", "unknown") in [(its.finding_class, its.certainty) for its in found]
    assert any("cannot be read from the template: property" in its.says for its in found)


@pytest.mark.parametrize(
    ("term", "certainty"), [({}, "will"), ({"CommitmentDuration": "OneMonth"}, "atMost")], ids=["none", "a month"]
)
def test_what_a_term_may_hold_back_is_deleted_at_most(term: Mapping[str, str], certainty: str) -> None:
    before = serving({**BOUGHT, **term})
    (found,) = (its for its in said(before, serving({**BOUGHT, "ModelUnits": "2"})) if its.finding_class == "deletes")
    assert found.certainty == certainty


def test_two_trainings_in_one_stack_are_unknown() -> None:
    job = {"Type": contract.MODEL_CUSTOMIZATION, "Properties": {}}
    trains = stack({"One": job, "Two": job}, name="bedrock-tuning-dev-docstrings-Training", model="docstrings")
    (found,) = findings(ModelPair((None, trains), (None, None), "bedrock-tuning-dev-Foundation"))
    assert (found.finding_class, found.certainty) == ("unknown", "unknown")
    assert "2 trainings" in found.says
