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
    return list(findings(ModelPair((None, None), (None, None), (before, after), "bedrock-tuning-dev-Foundation")))


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
    (found,) = findings(ModelPair((None, trains), (None, None), (None, None), "bedrock-tuning-dev-Foundation"))
    assert (found.finding_class, found.certainty) == ("unknown", "unknown")
    assert "2 trainings" in found.says


PROMOTED = {
    "ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:door",
    "ContractVersion": "1",
    "Name": "docstrings",
    "Environment": "staging",
    "ModelEnvironment": "dev",
    "GiverFoundation": "arn:aws:cloudformation:us-east-1:111122223333:stack/bedrock-tuning-dev-Foundation",
    "TrainingId": "0123456789ab",
    "Attempt": "1",
    "BaseModel": "amazon.nova-micro-v1:0:128k",
    "CustomizationType": "FINE_TUNING",
    "TrainSha256": "a" * 64,
}
NEXT = {**PROMOTED, "TrainingId": "ba9876543210", "TrainSha256": "b" * 64}


def promoted(properties: Mapping[str, Any]) -> tuple[StackTemplate, StackTemplate]:
    """Return the stacks of a promotion, and of what serves it."""
    served = {name: properties[name] for name in ("Name", "Environment", "ModelEnvironment", "TrainingId", "Attempt")}
    resources = {
        "Promotion": {"Model": {"Type": contract.PROMOTED_MODEL, "Properties": dict(properties)}},
        "Serving": {
            "Deployment": {
                "Type": contract.CUSTOM_MODEL_DEPLOYMENT,
                "Properties": {**served, "BaseModel": properties["BaseModel"], "ServiceToken": "any"},
            }
        },
    }
    promotion, serving = (
        stack(its, name=f"bedrock-tuning-staging-docstrings-{kind}", model="docstrings")
        for kind, its in resources.items()
    )
    return promotion, serving


@pytest.mark.parametrize("before", [None, PROMOTED], ids=["the first", "another"])
def test_a_promotion_moves_and_neither_trains_nor_costs(before: Mapping[str, Any] | None) -> None:
    was, now = promoted(before) if before else (None, None), promoted(NEXT)
    pair = ModelPair((None, None), (was[0], now[0]), (was[1], now[1]), "bedrock-tuning-staging-Foundation")
    found = list(findings(pair))
    assert {its.finding_class for its in found} <= {"moves", "changes"}
    (promotion,) = (its for its in found if its.finding_class == "moves" and "dev" in its.says)
    assert (promotion.was, promotion.now) == (
        "docstrings-dev-0123456789ab-1" if before else "",
        "docstrings-dev-ba9876543210-1",
    )
    assert promotion.costs == ()
    assert NEXT["TrainSha256"] in promotion.says
    (served,) = (its for its in found if its.finding_class == "moves" and its is not promotion)
    assert served.now == promotion.now


def test_the_same_promotion_says_nothing() -> None:
    pair = promoted(PROMOTED)
    both = ((None, None), (pair[0], pair[0]), (pair[1], pair[1]))
    assert list(findings(ModelPair(*both, "bedrock-tuning-staging-Foundation"))) == []
