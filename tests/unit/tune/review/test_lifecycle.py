"""What the resources of a model do, where a template is not as it should be, and where a term may hold it back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_tuning.spending.words import QUANTITIES, TOKENS_PER_EPOCH
from tests.unit.tune.review.stacks import stack
from tune.account.templates import TemplateResource
from tune.plan.model import ModelDiff
from tune.plan.planned import Planned, StackDiff
from tune.plan.steps import PlanStep
from tune.review.assembly import StackTemplate
from tune.review.findings import ReviewFinding
from tune.review.lifecycle import ModelPair, Outlook, findings

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
FOUNDATION = "bedrock-tuning-dev-Foundation"
NOT_A_NUMBER = {**BOUGHT, "ModelUnits": "x"}


TRAINED = {
    "ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:door",
    "ContractVersion": "1",
    "Name": "docstrings",
    "Environment": "dev",
    "TrainingId": "52f96a750c20",
    "Attempt": "1",
    "BaseModel": BOUGHT["BaseModel"],
    "CustomizationType": "FINE_TUNING",
    "HyperParameters": {"epochCount": "2"},
    "TrainingDataUri": "s3://any/train.jsonl",
    "OutputUri": "s3://any/output/",
    "RoleArn": "arn:aws:iam::111122223333:role/any",
}
OWN = {**{name: value for name, value in BOUGHT.items() if name != "ModelArn"}, "TrainingId": "52f96a750c20"}
OWN["Attempt"] = "1"


def serving(properties: Mapping[str, Any], **policies: str) -> StackTemplate:
    purchase = {"Type": contract.PROVISIONED_THROUGHPUT, "Properties": dict(properties), **policies}
    return serving_of({"Purchase": purchase})


def serving_of(resources: Mapping[str, Any]) -> StackTemplate:
    return stack(resources, name="bedrock-tuning-dev-docstrings-Serving", model="docstrings")


def training(properties: Mapping[str, Any], logical_id: str = "Job") -> StackTemplate:
    job = {logical_id: {"Type": contract.MODEL_CUSTOMIZATION, "Properties": dict(properties)}}
    return stack(job, name="bedrock-tuning-dev-docstrings-Training", model="docstrings")


def said(before: StackTemplate, after: StackTemplate) -> list[ReviewFinding]:
    return list(findings(ModelPair((None, None), (before, after), FOUNDATION)))


def classes(found: Iterable[ReviewFinding]) -> list[tuple[str, str]]:
    return sorted((its.finding_class, its.certainty) for its in found)


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
    found = said(serving({**BOUGHT, **term}), serving({**BOUGHT, "ModelUnits": "2"}))
    refused = [("refused", "atMost")] if term else []
    assert classes(found) == [("buys", certainty), ("deletes", certainty), ("moves", certainty), *refused]


def test_two_trainings_in_one_stack_are_unknown() -> None:
    job = {"Type": contract.MODEL_CUSTOMIZATION, "Properties": {}}
    trains = stack({"One": job, "Two": job}, name="bedrock-tuning-dev-docstrings-Training", model="docstrings")
    (found,) = findings(ModelPair((None, trains), (None, None), "bedrock-tuning-dev-Foundation"))
    assert (found.finding_class, found.certainty) == ("unknown", "unknown")
    assert "2 training runs" in found.says


ON_DEMAND = {name: value for name, value in BOUGHT.items() if name != "ModelUnits"}


@pytest.mark.parametrize("kept", ["Retain", "RetainExceptOnCreate"])
def test_what_a_policy_keeps_when_it_is_removed_stays_and_bills(kept: str) -> None:
    before = serving(BOUGHT, DeletionPolicy=kept, UpdateReplacePolicy="Delete")
    after = serving_of({"Deployment": {"Type": contract.CUSTOM_MODEL_DEPLOYMENT, "Properties": ON_DEMAND}})
    found = said(before, after)
    assert classes(found) == [("moves", "will"), ("stays", "will")]
    (stays,) = (its for its in found if its.finding_class == "stays")
    assert [(its.nature, its.quantity) for its in stays.costs] == [("hourly", 1)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Retain", "Retain", [("buys", "will"), ("moves", "will"), ("stays", "will")]),
        ("Delete", "Delete", [("buys", "will"), ("deletes", "will"), ("moves", "will")]),
        # Which of the two CloudFormation looks at is not documented.
        ("Retain", "Delete", [("buys", "will"), ("deletes", "atMost"), ("moves", "will"), ("stays", "atMost")]),
        ("Delete", "Retain", [("buys", "will"), ("deletes", "atMost"), ("moves", "will"), ("stays", "atMost")]),
    ],
)
def test_what_becomes_of_one_that_is_replaced_is_its_policy_s(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    more = {**BOUGHT, "ModelUnits": "2"}
    found = said(serving(BOUGHT, UpdateReplacePolicy=before), serving(more, UpdateReplacePolicy=after))
    assert classes(found) == expected


def test_a_policy_alone_sends_no_request() -> None:
    assert said(serving(BOUGHT, DeletionPolicy="Retain"), serving(BOUGHT, DeletionPolicy="Delete")) == []


def test_a_training_whose_construct_is_renamed_is_the_same_training() -> None:
    pair = ModelPair((training(TRAINED), training(TRAINED, "Renamed")), (None, None), FOUNDATION)
    assert {its.finding_class for its in findings(pair)} == {"changes"}


def test_another_contract_version_trains_nothing() -> None:
    after = training({**TRAINED, "ContractVersion": "2"})
    assert {its.finding_class for its in findings(ModelPair((training(TRAINED), after), (None, None), FOUNDATION))} == {
        "changes"
    }


def test_a_training_that_is_another_one_by_then_keeps_the_model_of_the_first() -> None:
    after = training({**TRAINED, "TrainingId": "aaaaaaaaaaaa"}, "Renamed")
    found = list(findings(ModelPair((training(TRAINED), after), (None, None), FOUNDATION)))
    assert classes(found) == [("stays", "will"), ("trains", "atMost")]
    assert [its.was for its in found if its.finding_class == "stays"] == ["docstrings-dev-52f96a750c20-1"]


def test_another_attempt_is_refused_where_the_one_before_has_a_model_and_trains_where_it_has_none() -> None:
    after = training({**TRAINED, "Attempt": "2"})
    bought = serving({**OWN, "Attempt": "2", "ModelUnits": "2"})
    found = findings(ModelPair((training(TRAINED), after), (serving(OWN), bought), FOUNDATION))
    told = {(its.finding_class, its.certainty) for its in found if its.finding_class != "changes"}
    assert told >= {("refused", "atMost"), ("trains", "atMost")}
    assert {certainty for _, certainty in told} == {"atMost"}


@pytest.mark.parametrize(
    ("change", "is_said"),
    [
        ({"Reconcile": "1"}, True),
        ({"KeepModels": "3"}, False),
        ({"KeepModels": "1"}, True),
        ({"TrainingId": "ffffffffffff"}, True),
    ],
    ids=["as many", "more", "fewer", "another one"],
)
def test_only_a_model_too_many_may_be_deleted(change: Mapping[str, str], is_said: bool) -> None:
    keeps = {**OWN, "KeepModels": "2", "ModelOwner": "arn:aws:cloudformation:us-east-1:111122223333:stack/any"}
    found = said(serving(keeps), serving({**keeps, **change}))
    assert (("deletes", "atMost") in classes(found)) == is_said


def test_one_model_that_is_kept_is_said_in_the_singular() -> None:
    keeps = {**BOUGHT, "KeepModels": "1", "ModelOwner": "arn:aws:cloudformation:us-east-1:111122223333:stack/any"}
    (found,) = (its for its in said(serving(BOUGHT), serving(keeps)) if its.finding_class == "deletes")
    assert found.now == "the newest is kept"
    assert "newest 1" not in found.says


def test_the_tokens_of_a_training_may_be_more_than_are_counted() -> None:
    after = training({**TRAINED, "HyperParameters": {"epochCount": "2"}})
    after.body["Resources"]["Job"]["Metadata"] = {QUANTITIES: {TOKENS_PER_EPOCH: 10}}
    found = findings(ModelPair((None, after), (None, None), FOUNDATION))
    tokens, stored = next(its.costs for its in found if its.finding_class == "trains")
    assert (tokens.quantity, tokens.is_floor) == (20, True)
    assert not stored.is_floor


def test_what_an_account_has_is_certain() -> None:
    pair = ModelPair((None, training(TRAINED)), (None, None), FOUNDATION)
    resource = TemplateResource(contract.MODEL_CUSTOMIZATION, TRAINED)
    create = PlanStep("customization-create", "create", "", "")
    line = Planned("customization job", pair.any.name, "Job", "any", "", "", "Create", (create,))
    diffs = [
        StackDiff(pair.any.name, "", "", None, {}, wanted, {}, datetime.now(UTC)) for wanted in ({"Job": resource}, {})
    ]
    (found,) = findings(pair, Outlook(ModelDiff(*diffs), [line], is_observed=True))
    assert (found.finding_class, found.certainty) == ("trains", "will")


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
    pair = ModelPair((None, None), (was[1], now[1]), FOUNDATION, (was[0], now[0]))
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
    both = ((None, None), (pair[1], pair[1]), FOUNDATION, (pair[0], pair[0]))
    assert list(findings(ModelPair(*both))) == []


BAKE = {
    "ServiceToken": "any",
    "ContractVersion": "1",
    "ServedArn": {"Fn::GetAtt": ["Purchase", "ProvisionedModelArn"]},
    "BakedModel": "docstrings-dev-52f96a750c20-1",
    "QuestionsUri": "s3://any/test/a.jsonl",
    "QuestionsSha256": "a" * 64,
    "Questions": "10",
    "RightAnswers": "9",
    "MaxOutputTokens": "100",
    "Alarms": ["errors", "slow"],
    "Minutes": "30",
    "Step": "1",
    "Steps": "1",
}


def baked(bake: Mapping[str, Any] | None, **bought: str) -> StackTemplate:
    resources = {"Purchase": {"Type": contract.PROVISIONED_THROUGHPUT, "Properties": {**OWN, **bought}}}
    if bake:
        resources["Bake"] = {"Type": contract.SERVING_BAKE, "Properties": dict(bake)}
    return serving_of(resources)


def of_bake(before: StackTemplate, after: StackTemplate, finding_class: str) -> list[ReviewFinding]:
    pair = ModelPair((training(TRAINED), training(TRAINED)), (before, after), FOUNDATION)
    return [its for its in findings(pair) if its.finding_class == finding_class]


def test_a_bake_that_is_removed_loosens() -> None:
    (found,) = of_bake(baked(BAKE), baked(None), "loosens")
    assert found.was == "9 of 10 answers right, 2 alarms, 30 min"


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({"Questions": "9"}, "Questions"),
        ({"RightAnswers": "8"}, "RightAnswers"),
        ({"Minutes": "29"}, "Minutes"),
        ({"Alarms": ["errors"]}, "Alarms"),
        ({"QuestionsSha256": "b" * 64}, "QuestionsSha256"),
    ],
)
def test_a_bake_that_finds_less_loosens_and_one_that_finds_more_does_not(
    changes: Mapping[str, Any], source: str
) -> None:
    after = {**BAKE, **changes}
    assert [its.source for its in of_bake(baked(BAKE), baked(after), "loosens")] == [source]
    if source != "QuestionsSha256":
        assert of_bake(baked(after), baked(BAKE), "loosens") == []


def test_what_a_bake_asks_costs_at_most_what_is_declared() -> None:
    (found,) = (its for its in of_bake(baked(None), baked(BAKE), "changes") if its.costs)
    assert [(its.nature, its.quantity) for its in found.costs] == [("use", 2 * 10 * 100)]


TERM = {"CommitmentDuration": "OneMonth", "CommitBakedOnly": "true"}


def test_a_commitment_for_a_model_whose_bake_the_base_has_passed_is_bought() -> None:
    after = baked({**BAKE, "CommitmentDuration": "OneMonth"}, **TERM)
    assert [its.certainty for its in of_bake(baked(BAKE), after, "buys")] == ["will"]
    assert of_bake(baked(BAKE), after, "refused") == []


def test_whether_a_commitment_is_bought_for_a_model_that_nobody_baked_no_template_tells() -> None:
    after = baked({**BAKE, "CommitmentDuration": "OneMonth"}, **TERM)
    assert [its.certainty for its in of_bake(baked(None), after, "buys")] == ["atMost"]
    (refused,) = of_bake(baked(None), after, "refused")
    assert (refused.certainty, "bake" in refused.says) == ("atMost", True)


def of_a_promotion(**bought: str) -> tuple[StackTemplate, StackTemplate]:
    """Return the stacks of a promotion whose model is bought."""
    promotion, _ = promoted(PROMOTED)
    served = {name: PROMOTED[name] for name in ("Name", "Environment", "ModelEnvironment", "TrainingId", "Attempt")}
    purchase = {**OWN, **served, "BaseModel": PROMOTED["BaseModel"], **bought}
    resources = {"Purchase": {"Type": contract.PROVISIONED_THROUGHPUT, "Properties": purchase}}
    name = "bedrock-tuning-staging-docstrings-Serving"
    return promotion, stack(resources, name=name, model="docstrings")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (None, {"refused"}),
        ({}, {"refused"}),
        ({"CommitBakedOnly": "true"}, {"buys"}),
    ],
    ids=["the first", "not baked", "baked"],
)
def test_a_commitment_for_a_promoted_model_is_bought_only_once_its_stack_has_baked_it(
    before: Mapping[str, str] | None, expected: set[str]
) -> None:
    was, now = of_a_promotion(**before) if before is not None else (None, None), of_a_promotion(**TERM)
    foundation = "bedrock-tuning-staging-Foundation"
    pair = ModelPair((None, None), (was[1], now[1]), foundation, (was[0], now[0]))
    found = {its.finding_class for its in findings(pair) if its.certainty == "will"}
    assert found & {"refused", "buys"} == expected


def test_a_commitment_that_any_model_may_have_loosens() -> None:
    found = of_bake(baked(BAKE, **TERM), baked(BAKE, CommitmentDuration="OneMonth"), "loosens")
    assert [its.source for its in found] == ["CommitBakedOnly"]


@pytest.mark.parametrize("construct", [{"ServedModel": "ServedModel"}, {}], ids=["the same construct", "another"])
def test_what_serves_under_another_logical_id_is_refused_and_deleted_by_nothing(construct: Mapping[str, str]) -> None:
    purchase = {"Type": contract.PROVISIONED_THROUGHPUT, "Properties": {**BOUGHT, **construct}}
    found = said(serving_of({"Purchase": purchase}), serving_of({"Renamed": purchase}))
    assert ("refused", "will") in classes(found)
    assert {its.finding_class for its in found} <= {"refused", "changes"}
