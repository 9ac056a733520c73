"""The gate: in its own stack, and once more in what serves, so that no way around the order of the stacks is left."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation import QualityGateProperties
from bedrock_lifecycle.contract.evaluation_store import bounded_summary_key, summary_key
from bedrock_lifecycle.contract.properties import Properties
from bedrock_lifecycle.engine import aws_errors
from bedrock_lifecycle.evaluation.stored.summary import Summary
from bedrock_lifecycle.resources.gate_reading import gate_verdict
from tests.support.calls import Call, Fault, client_error
from tests.support.cloudformation import Resource, Template
from tests.support.environment import NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.resources.test_evaluation import ID, NEXT, WANTED

BOUGHT: Final = WANTED.but(on_demand=False, model_units=1)
WAYS: Final = pytest.mark.parametrize("wanted", [WANTED, BOUGHT], ids=["on demand", "bought"])
BAD: Final = pytest.mark.parametrize("truth", ["failed", "inconclusive"])


@pytest.fixture
def account() -> Account:
    return Account(settings=quick(), region=NOVA_REGION)


def following(wanted: Wanted, **changes: Any) -> Wanted:
    """Return the same with another training."""
    return wanted.but(hyper_parameters=NEXT.hyper_parameters, **changes)


def tag(account: Account, wanted: Wanted) -> str:
    """Return the verdict that is left on a model; nothing where none is."""
    region = account.region
    arn = next(arn for arn, model in region.models.items() if model.name == wanted.training_name)
    return region.tags[arn].get(contract.TAG_VERDICT, "")


def serve_alone(account: Account, wanted: Wanted) -> str:
    """Deploy the Serving stack as `cdk deploy --exclusively` does, past every other stack."""
    return account.cloudformation.deploy(wanted.stack("Serving"), wanted.serving())


def made(account: Account) -> list[str]:
    """Return what serves that was ever made, besides candidates."""
    meter = account.meter()
    names = [one["modelDeploymentName"] for one in meter["deployments"]]
    names += [one["provisionedModelName"] for one in meter["throughputs"]]
    return [name for name in names if not contract.evaluated_by(name, name="faq", environment="prod")]


@WAYS
def test_a_model_that_passes_is_served_and_carries_the_verdict(account: Account, wanted: Wanted) -> None:
    assert account.deploy(wanted) == "CREATE_COMPLETE"
    assert (made(account), tag(account, wanted)) == ([wanted.serving_name], contract.PASSED)


@WAYS
@BAD
def test_a_model_that_does_not_pass_is_refused_with_numbers_and_nothing_is_made(
    account: Account, wanted: Wanted, truth: str
) -> None:
    account.lifecycle.evaluations.truth[wanted.training_name] = truth
    assert account.deploy(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, truth, "0 of 1", "exact_match", "400")
    assert made(account) == []
    assert serve_alone(account, wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, truth, "exact_match")
    assert (made(account), tag(account, wanted)) == ([], truth)


@WAYS
@BAD
def test_what_serves_is_not_moved_to_a_model_that_does_not_pass(account: Account, wanted: Wanted, truth: str) -> None:
    account.deploy(wanted)
    worse = following(wanted)
    account.lifecycle.evaluations.truth[worse.training_name] = truth
    assert account.deploy(worse) == "UPDATE_ROLLBACK_COMPLETE"
    assert serve_alone(account, worse) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, truth, "the previous model continues to serve")
    assert account.served_model(wanted) == wanted.training_name
    assert tag(account, wanted) == contract.PASSED


@WAYS
def test_what_serves_alone_is_refused_before_its_evaluation_is_complete(account: Account, wanted: Wanted) -> None:
    account.deploy(wanted.but(evaluates=False, on_demand=False, model_units=None))
    assert serve_alone(account, wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, "not complete", "deploy the Evaluation stack")
    assert made(account) == []


def test_a_part_of_an_evaluation_is_no_verdict(account: Account) -> None:
    account.lifecycle.evaluations.outcome = lambda _plan: "bounded"
    account.deploy(WANTED.but(accepted=True))
    assert (BUCKET, bounded_summary_key(ID)) in account.lifecycle.world.objects
    assert serve_alone(account, WANTED.but(accepted=True)) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, "raise `evaluation.max_tokens`")


@pytest.mark.parametrize("changes", [{"evaluation": "ffffffffffff"}, {"is_complete": False}])
def test_numbers_of_another_evaluation_or_of_a_part_are_no_verdict_wherever_they_lie(
    account: Account, changes: dict[str, Any]
) -> None:
    account.deploy(WANTED.but(on_demand=False))
    key, objects = (BUCKET, summary_key(ID)), account.lifecycle.world.objects
    objects[key] = dataclasses.replace(Summary.from_json(objects[key]), **changes).to_json().encode()
    assert serve_alone(account, WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, "raise `reconcile`")
    assert made(account) == []


def test_numbers_that_were_deleted_are_measured_again_by_what_the_message_says(account: Account) -> None:
    account.deploy(WANTED)
    account.destroy()
    account.deploy(WANTED.but(on_demand=False))
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    assert serve_alone(account, WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, "deploy the Evaluation stack", "raise `reconcile`")
    evaluation = WANTED.evaluation()
    again = {
        **evaluation,
        "Evaluation": Resource(contract.EVALUATION, {**evaluation["Evaluation"].properties, "Reconcile": "1"}),
    }
    assert account.cloudformation.deploy(WANTED.evaluation_stack, again) == "UPDATE_COMPLETE"
    assert serve_alone(account, WANTED) == "CREATE_COMPLETE"


@WAYS
@BAD
def test_a_verdict_that_is_accepted_lets_exactly_this_evaluation_through(
    account: Account, wanted: Wanted, truth: str
) -> None:
    evaluations, worse = account.lifecycle.evaluations, following(wanted, accepted=True)
    evaluations.truth |= {wanted.training_name: truth, worse.training_name: truth}
    assert account.deploy(wanted.but(accepted=True)) == "CREATE_COMPLETE"
    assert (made(account), tag(account, wanted)) == ([wanted.serving_name], truth)
    other = {name: its for name, its in worse.gate.items() if name != "GateAccepted"} | {"GateAccepted": ID}
    account.cloudformation.deploy(worse.stack("Training"), worse.training())
    account.evaluate(worse)
    properties = {key: {**its.properties, **other} for key, its in worse.serving().items() if key != "ModelId"}
    template: Template = {
        key: Resource(its.type, properties.get(key, its.properties)) for key, its in worse.serving().items()
    }
    assert account.cloudformation.deploy(worse.stack("Serving"), template) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.served_model(wanted) == wanted.training_name


@WAYS
def test_an_exception_ends_with_its_day_and_nothing_that_serves_falls_with_it(account: Account, wanted: Wanted) -> None:
    today = account.lifecycle.now.date().isoformat()
    accepted = wanted.but(accepted=True, accepted_until=today)
    account.lifecycle.evaluations.truth[wanted.training_name] = "failed"
    assert account.deploy(accepted) == "CREATE_COMPLETE"
    account.lifecycle.pass_time(timedelta(days=1))
    assert account.deploy(accepted.but(tags={"team": "other"})) == "UPDATE_COMPLETE"
    assert account.serving_names() == [wanted.serving_name]
    more = accepted.but(name="faq", hyper_parameters=NEXT.hyper_parameters)
    account.lifecycle.evaluations.truth[more.training_name] = "failed"
    assert account.deploy(more) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, today)
    account.destroy()
    assert account.deploy(accepted) == "ROLLBACK_COMPLETE"


def test_a_rollback_judges_nothing_and_moves_back(account: Account) -> None:
    account.deploy(WANTED)
    serving = NEXT.serving()
    account.cloudformation.deploy(NEXT.stack("Training"), NEXT.training())
    account.evaluate(NEXT)
    refused = Resource(contract.CUSTOM_MODEL_DEPLOYMENT, {"Name": "refused at the door"})
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    assert account.cloudformation.deploy(NEXT.stack("Serving"), {**serving, "Later": refused}) == (
        "UPDATE_ROLLBACK_COMPLETE"
    )
    assert account.served_model(WANTED) == WANTED.training_name


def test_a_serving_stack_without_anything_to_make_reads_no_numbers(account: Account) -> None:
    account.deploy(WANTED)
    del account.lifecycle.world.objects[BUCKET, summary_key(ID)]
    template = WANTED.but(tags={"team": "other"}).serving()
    assert account.cloudformation.deploy(WANTED.stack("Serving"), template) == "UPDATE_COMPLETE"


def test_the_numbers_of_another_model_are_no_verdict(account: Account) -> None:
    account.deploy(WANTED)
    worse = NEXT.but(evaluates=False)
    account.cloudformation.deploy(worse.stack("Training"), worse.training())
    template = {
        key: Resource(its.type, {**its.properties, **(WANTED.gate if key == "Deployment" else {})})
        for key, its in worse.serving().items()
    }
    assert account.cloudformation.deploy(worse.stack("Serving"), template) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, NEXT.training_name)


def test_a_gate_that_tells_only_keeps_nothing_out_and_leaves_the_verdict(account: Account) -> None:
    account.lifecycle.evaluations.truth[WANTED.training_name] = "failed"
    account.deploy(WANTED.but(gated=False, on_demand=False))
    template = WANTED.evaluation()
    gate = Resource(contract.QUALITY_GATE, {**template["Gate"].properties, "TellsOnly": "true"})
    status = account.cloudformation.deploy(WANTED.evaluation_stack, {**template, "Gate": gate})
    assert (status, tag(account, WANTED)) == ("UPDATE_COMPLETE", "failed")
    told = [each["Reason"] for answers in account.lifecycle.answers.values() for each in answers]
    assert any(says(reason, ID, "failed", "nothing is kept out") for reason in told)


def test_a_model_of_another_environment_is_judged_and_not_tagged(account: Account) -> None:
    account.deploy(WANTED.but(on_demand=False, evaluates=False))
    region = account.region
    (arn,) = (model.arn for model in region.models.values() if model.name == WANTED.training_name)
    region.tags[arn][contract.TAG_FOUNDATION] = "another environment's"
    assert account.evaluate(WANTED) == "CREATE_COMPLETE"
    assert tag(account, WANTED) == ""


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject"])
@pytest.mark.parametrize(
    ("lasts", "status"), [(aws_errors.PROPAGATION / 2, "CREATE_COMPLETE"), (timedelta(hours=1), "ROLLBACK_COMPLETE")]
)
def test_a_permission_that_is_on_its_way_is_waited_for(
    account: Account, monkeypatch: pytest.MonkeyPatch, operation: str, lasts: timedelta, status: str
) -> None:
    account.deploy(WANTED.but(on_demand=False))
    until = account.lifecycle.now + lasts
    s3 = account.lifecycle.around("s3")
    method = {"ListObjectsV2": "list_objects_v2", "GetObject": "get_object"}[operation]
    real = getattr(s3, method)

    def denied(**params: Any) -> dict[str, Any]:
        if account.lifecycle.now < until:
            raise client_error("AccessDenied", "Access Denied", 403, operation)
        answer: dict[str, Any] = real(**params)
        return answer

    monkeypatch.setattr(s3, method, denied)
    assert serve_alone(account, WANTED) == status
    assert made(account) == ([WANTED.deployment_name] if status == "CREATE_COMPLETE" else [])


@pytest.mark.parametrize(
    ("name", "value"),
    [("GateRequirements", []), ("GateRequirements", ["none"]), ("GateConfidence", "sure")],
)
def test_a_gate_that_cannot_be_read_is_refused_by_name(account: Account, name: str, value: Any) -> None:
    account.deploy(WANTED.but(on_demand=False))
    template = WANTED.evaluation()
    gate = Resource(contract.QUALITY_GATE, {**template["Gate"].properties, name: value})
    assert account.cloudformation.deploy(WANTED.evaluation_stack, {**template, "Gate": gate}) == (
        "UPDATE_ROLLBACK_COMPLETE"
    )
    assert says(account.reason, name)


def test_a_requirement_on_what_was_not_measured_is_no_verdict(account: Account) -> None:
    account.deploy(WANTED.but(on_demand=False))
    template = WANTED.evaluation()
    required = {"GateRequirements": ['{"against":"base","measure":"rouge_l","threshold":0.1}']}
    gate = Resource(contract.QUALITY_GATE, {**template["Gate"].properties, **required})
    account.cloudformation.deploy(WANTED.evaluation_stack, {**template, "Gate": gate})
    assert says(account.reason, ID, "rouge_l", "base", "[gate]")


def test_a_turn_that_is_killed_judges_again(account: Account) -> None:
    killed: list[Call] = []

    def kill(call: Call) -> Fault | None:
        if call.operation == "TagResource" and not killed:
            killed.append(call)
            return Fault.KILLED_AFTER
        return None

    account.lifecycle.calls.chaos = kill
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert (len(killed), tag(account, WANTED)) == (1, contract.PASSED)


def test_a_foundation_that_keeps_no_evaluations_has_no_verdict() -> None:
    asked = QualityGateProperties(Properties(WANTED.gate))
    verdict = gate_verdict(None, asked, WANTED.training_name, datetime(2026, 11, 30, tzinfo=UTC))
    assert (verdict.verdict, verdict.is_open) == ("", False)
    assert says(verdict.told, "evaluate_with", "Foundation")
