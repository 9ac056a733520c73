"""What an evaluation meets seldom: properties that are none, a candidate that cannot be deleted, a run unseen."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from unittest.mock import ANY

import pytest
from botocore.exceptions import ClientError

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import plan_key
from bedrock_lifecycle.engine.engine import Resource as Kind
from bedrock_lifecycle.engine.outcome import Refusal, Settled
from bedrock_lifecycle.evaluation.stored.store import Store
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.candidates import Candidates
from bedrock_lifecycle.resources.evaluation import Evaluation
from bedrock_lifecycle.resources.evaluation_await import EvaluationAwait
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns
from bedrock_lifecycle.resources.quality_gate import QualityGate
from sandbox.bedrock.faults import ApiFault
from tests.support.cloudformation import Resource
from tests.support.environment import NOVA_REGION, Account
from tests.support.events import any_event
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.support.quick import quick
from tests.support.turns import any_turn
from tests.unit.resources.test_evaluation import ID, NEXT, WANTED, runs

TRAINED: Final = WANTED.but(on_demand=False, evaluates=False)
THIRD: Final = WANTED.but(hyper_parameters={"epochCount": "4"}, evaluation_rungs=4)
SLOW: Final = timedelta(minutes=20)


@pytest.fixture
def account() -> Account:
    return Account(settings=quick(), region=NOVA_REGION)


def with_a_run_under_way(account: Account) -> None:
    """Have a stack that was complete once, with a run of another evaluation that nobody waits for any more."""
    account.deploy(WANTED)
    account.lifecycle.evaluations.takes = SLOW
    account.deploy(NEXT)
    assert runs(account)[f"{NEXT.evaluation_inputs.id}-1"] == "RUNNING"
    account.lifecycle.evaluations.takes = timedelta(seconds=20)


@pytest.mark.parametrize(
    ("resource", "changes", "told"),
    [
        ("Evaluation", {"MaxErrorRate": "many"}, ("MaxErrorRate", "many")),
        ("Evaluation", {"QuotaShare": "all"}, ("QuotaShare", "all")),
        ("Evaluation", {"EvaluationId": "ffffffffffff"}, ("EvaluationId", ID, "ffffffffffff")),
        ("Gate", {"GateAccepted": ID, "GateAcceptedUntil": "soon"}, ("GateAcceptedUntil", "soon")),
        ("Gate", {"GateAccepted": ID}, ("GateAcceptedUntil",)),
    ],
)
def test_a_property_that_is_none_is_refused_by_name(
    account: Account, resource: str, changes: Mapping[str, str], told: tuple[str, ...]
) -> None:
    account.deploy(TRAINED)
    account.lifecycle.put(contract.data_key("test", WANTED.evaluation_inputs.questions.test_sha256))
    template = dict(WANTED.evaluation())
    template[resource] = Resource(template[resource].type, {**template[resource].properties, **changes})
    assert account.cloudformation.deploy(WANTED.evaluation_stack, template) == "ROLLBACK_COMPLETE"
    assert says(account.reason, *told)


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException"])
def test_a_candidate_that_cannot_be_deleted_yet_is_waited_for(account: Account, code: str) -> None:
    with_a_run_under_way(account)
    account.lifecycle.simulated.faults.add(ApiFault("DeleteCustomModelDeployment", code, times=9))
    assert account.deploy(THIRD) == "UPDATE_COMPLETE"
    assert account.serving_names() == [WANTED.deployment_name]


def test_a_candidate_that_may_not_be_deleted_fails_the_request_in_words(account: Account) -> None:
    with_a_run_under_way(account)
    account.lifecycle.simulated.faults.add(ApiFault("DeleteCustomModelDeployment", "AccessDeniedException", times=999))
    assert account.deploy(THIRD) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, "AccessDeniedException")
    account.lifecycle.simulated.faults.clear()
    assert account.deploy(THIRD) == "UPDATE_COMPLETE"
    assert account.serving_names() == [WANTED.deployment_name]


def test_a_candidate_that_is_gone_when_it_is_deleted_is_gone(account: Account) -> None:
    with_a_run_under_way(account)
    account.lifecycle.simulated.faults.add(
        ApiFault("DeleteCustomModelDeployment", "ResourceNotFoundException", times=3)
    )
    assert account.deploy(THIRD) == "UPDATE_COMPLETE"
    assert account.serving_names() == [WANTED.deployment_name]


def test_a_candidate_that_lost_the_foundation_s_tag_gets_it_back_and_goes(account: Account) -> None:
    with_a_run_under_way(account)
    region = account.region
    (arn,) = (one.arn for one in region.serving() if one.name == NEXT.candidate_name)
    del region.tags[arn][contract.TAG_FOUNDATION]
    assert account.deploy(THIRD) == "UPDATE_COMPLETE"
    assert account.serving_names() == [WANTED.deployment_name]


def test_a_candidate_of_another_stack_is_left_alone(account: Account) -> None:
    account.deploy(TRAINED)
    theirs = contract.candidate_name(name="faq", environment="prod", evaluation_id="ffffffffffff")
    (model,) = account.region.models.values()
    account.lifecycle.client.create_custom_model_deployment(
        modelDeploymentName=theirs, modelArn=model.arn, tags=[{"key": contract.TAG_OWNER, "value": "another stack"}]
    )
    account.theirs = {theirs}
    account.deploy(WANTED)
    account.destroy()
    assert theirs in [one["modelDeploymentName"] for one in account.deployments()]


def refused(**_: object) -> None:
    raise ClientError({"Error": {"Code": "ExecutionLimitExceeded", "Message": "no"}}, "StartExecution")


@pytest.mark.parametrize("refused_before", [False, True])
def test_a_superseded_run_that_is_not_seen_yet_is_waited_for_and_stopped(
    account: Account, *, refused_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deploy(WANTED)
    account.cloudformation.deploy(NEXT.stack("Training"), NEXT.training())
    account.cloudformation.deploy(THIRD.stack("Training"), THIRD.training())
    evaluations = account.lifecycle.evaluations
    if refused_before:
        with monkeypatch.context() as patch:
            patch.setattr(evaluations, "start_execution", refused)
            assert account.evaluate(NEXT) == "UPDATE_ROLLBACK_COMPLETE"
        account.lifecycle.pass_time(timedelta(minutes=10))
    evaluations.takes, evaluations.unseen = SLOW, timedelta(minutes=4)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=30)
    account.evaluate(NEXT)
    account.cloudformation.cancel_at = None
    evaluations.takes = timedelta(seconds=20)
    assert account.evaluate(THIRD) == "UPDATE_COMPLETE"
    assert runs(account)[f"{NEXT.evaluation_inputs.id}-1"] == "ABORTED"
    assert NEXT.candidate_name not in account.serving_names()


def test_a_run_is_followed_though_its_model_is_gone(account: Account) -> None:
    account.lifecycle.evaluations.takes = SLOW
    account.deploy(WANTED)
    before = account.lifecycle.world.objects[BUCKET, plan_key(ID)]
    account.region.models.clear()
    assert account.evaluate(WANTED.but(max_tokens=7, evaluation_rungs=5)) == "CREATE_COMPLETE"
    assert account.lifecycle.world.objects[BUCKET, plan_key(ID)] == before
    assert list(runs(account)) == [f"{ID}-1"]


def kinds(account: Account) -> dict[str, Kind]:
    lifecycle: Any = account.lifecycle
    bedrock, store = Bedrock(lifecycle.client), Store(lifecycle.around("s3"), BUCKET)
    step_runs = EvaluationRuns(lifecycle.evaluations, "any")
    return {
        contract.EVALUATION: Evaluation(bedrock, Preflight(lifecycle.aws), step_runs, store),
        contract.EVALUATION_AWAIT: EvaluationAwait(step_runs, store),
        contract.QUALITY_GATE: QualityGate(bedrock, store),
    }


@pytest.mark.parametrize("kind", [contract.EVALUATION, contract.EVALUATION_AWAIT, contract.QUALITY_GATE])
def test_nothing_of_an_evaluation_is_ever_undone(account: Account, kind: str) -> None:
    with pytest.raises(Refusal):
        kinds(account)[kind].undo(any_turn(any_event(ResourceType=kind)))


def test_what_forbids_to_describe_a_run_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeExecution")

    monkeypatch.setattr(account.lifecycle.evaluations, "describe_execution", denied)
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "AccessDeniedException")


def test_a_candidate_that_is_gone_by_then_is_gone(account: Account) -> None:
    candidates = Candidates(Bedrock(account.lifecycle.client))
    assert candidates.remove(any_turn(any_event()), "faq-prod-9c1f6a0b2d3e") == Settled(detail=ANY)
