"""`Custom::BedrockEvaluation` and its wait steps: run once, followed, stopped only for good, and nothing is left."""

from datetime import timedelta
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.contract.evaluation_store import plan_key
from bedrock_lifecycle.engine import clock
from bedrock_lifecycle.engine.clock import SEEN_WITHIN
from bedrock_lifecycle.evaluation.stored.plan import EvaluationPlan
from tests.support.calls import Call, Fault
from tests.support.environment import NOVA, NOVA_RECORDS, NOVA_REGION, Account, Wanted
from tests.support.lifecycle import BUCKET
from tests.support.messages import says
from tests.support.quick import quick

WANTED: Final = Wanted(
    rungs=1,
    base_model=NOVA,
    data=NOVA_RECORDS,
    on_demand=True,
    model_units=None,
    served_model="ServedModel",
    evaluates=True,
    gated=True,
    tags={"team": "any"},
)
NEXT: Final = WANTED.but(hyper_parameters={"epochCount": "3"})
ID: Final = WANTED.evaluation_inputs.id


@pytest.fixture
def account() -> Account:
    return Account(settings=quick(), region=NOVA_REGION)


def runs(account: Account) -> dict[str, str]:
    """Return the status of every run, by its name."""
    return {run.name: run.status for run in account.lifecycle.evaluations.runs.values()}


def deployed(account: Account) -> list[str]:
    """Return how often each deployment was created, by name."""
    return [one["modelDeploymentName"] for one in account.meter()["deployments"]]


def test_an_evaluation_runs_once_and_leaves_no_candidate(account: Account) -> None:
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert runs(account) == {f"{ID}-1": "SUCCEEDED"}
    assert deployed(account) == [WANTED.candidate_name, WANTED.deployment_name]
    assert account.serving_names() == [WANTED.deployment_name]
    assert account.lifecycle.evaluations.wrong == []


def test_the_plan_says_what_the_template_says_and_the_candidate_carries_our_tags(account: Account) -> None:
    account.deploy(WANTED)
    plan = EvaluationPlan.from_json(account.lifecycle.world.objects[BUCKET, plan_key(ID)])
    assert plan.id == ID
    assert plan.candidate is not None
    assert (plan.candidate.name, plan.max_tokens, plan.train_sha256) == (
        WANTED.candidate_name,
        WANTED.max_tokens,
        WANTED.sha256,
    )
    assert plan.candidate.tags == {
        "team": "any",
        contract.TAG_OWNER: plan.owner,
        contract.TAG_ENVIRONMENT: "prod",
        contract.TAG_MODEL: "faq",
        contract.TAG_FOUNDATION: account.lifecycle.foundation,
    }
    assert plan.owner.endswith(f"stack/{WANTED.evaluation_stack}")
    assert plan.asked_as == {"base": WANTED.compared_with["base"]}


def test_the_same_again_asks_nobody(account: Account) -> None:
    account.deploy(WANTED)
    account.destroy()
    asked = account.lifecycle.evaluations.asked.copy()
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert account.lifecycle.evaluations.asked == asked
    assert list(runs(account)) == [f"{ID}-1"]


def test_a_retraining_asks_the_tuned_model_alone(account: Account) -> None:
    account.deploy(WANTED)
    assert account.deploy(NEXT) == "UPDATE_COMPLETE"
    base = [WANTED.evaluation_inputs.targets[1].answers_id(WANTED.evaluation_inputs.questions, 100)]
    asked = account.lifecycle.evaluations.asked
    assert {answers for answers, _shard in asked} > set(base)
    assert set(asked.values()) == {1}
    assert account.served_model(NEXT) == NEXT.training_name


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("refused", "no request was sent"), ("bounded", "evaluation.max_tokens"), ("failed", "fix the cause")],
)
def test_a_run_that_comes_to_nothing_fails_the_deployment_with_its_reason(
    account: Account, outcome: str, told: str
) -> None:
    account.lifecycle.evaluations.outcome = lambda _plan: outcome
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, ID, told)
    assert account.serving_names() == []


def test_a_bound_that_is_raised_goes_on_and_asks_nothing_again(account: Account) -> None:
    evaluations = account.lifecycle.evaluations
    evaluations.outcome = lambda plan: "complete" if plan.max_tokens > WANTED.max_tokens else "bounded"
    account.deploy(WANTED)
    assert account.deploy(WANTED.but(max_tokens=2 * WANTED.max_tokens)) == "CREATE_COMPLETE"
    assert runs(account) == {f"{ID}-1": "SUCCEEDED", f"{ID}-2": "SUCCEEDED"}
    assert set(evaluations.asked.values()) == {1}


def test_a_run_that_outlasts_the_last_step_goes_on_and_the_next_deploy_follows_it(account: Account) -> None:
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, f"{ID}-1", "same deploy", "max_hours")
    assert runs(account) == {f"{ID}-1": "RUNNING"}
    assert account.serving_names() == [WANTED.candidate_name]
    assert account.deploy(WANTED.but(max_tokens=5)) == "ROLLBACK_COMPLETE"
    plan = EvaluationPlan.from_json(account.lifecycle.world.objects[BUCKET, plan_key(ID)])
    assert plan.max_tokens == 5
    assert account.deploy(WANTED.but(evaluation_rungs=4)) == "CREATE_COMPLETE"
    assert runs(account) == {f"{ID}-1": "SUCCEEDED"}


def test_steps_hand_on_until_the_run_is_over(account: Account) -> None:
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    assert account.deploy(WANTED.but(evaluation_rungs=4)) == "CREATE_COMPLETE"
    assert runs(account) == {f"{ID}-1": "SUCCEEDED"}


def test_another_evaluation_stops_the_run_and_the_candidate_is_gone(account: Account) -> None:
    account.deploy(WANTED)
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    assert account.deploy(NEXT) == "UPDATE_ROLLBACK_COMPLETE"
    assert NEXT.candidate_name in account.serving_names()
    third = WANTED.but(hyper_parameters={"epochCount": "4"}, evaluation_rungs=4)
    assert account.deploy(third) == "UPDATE_COMPLETE"
    assert runs(account) == {
        f"{ID}-1": "SUCCEEDED",
        f"{NEXT.evaluation_inputs.id}-1": "ABORTED",
        f"{third.evaluation_inputs.id}-1": "SUCCEEDED",
    }
    assert account.serving_names() == [WANTED.deployment_name]


def test_another_evaluation_stops_the_run_that_a_stack_of_before_has_left(account: Account) -> None:
    """A stack that never was complete leaves its run; the ledger of the next one knows nothing of it."""
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert runs(account) == {f"{ID}-1": "RUNNING"}
    account.lifecycle.evaluations.takes = timedelta(seconds=20)
    assert account.deploy(NEXT) == "CREATE_COMPLETE"
    assert runs(account) == {f"{ID}-1": "ABORTED", f"{NEXT.evaluation_inputs.id}-1": "SUCCEEDED"}
    assert account.serving_names() == [NEXT.deployment_name]


def test_the_run_of_another_models_stack_is_left_alone(account: Account) -> None:
    other = WANTED.but(name="letters")
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    assert account.deploy(other) == "ROLLBACK_COMPLETE"
    account.lifecycle.evaluations.takes = timedelta(seconds=20)
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert runs(account)[f"{other.evaluation_inputs.id}-1"] == "RUNNING"
    assert other.candidate_name in account.serving_names()


def test_a_stack_that_goes_for_good_stops_its_run_and_deletes_its_candidate(account: Account) -> None:
    account.deploy(WANTED)
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    account.deploy(NEXT)
    assert account.destroy() == ["DELETE_COMPLETE"] * 3
    assert runs(account)[f"{NEXT.evaluation_inputs.id}-1"] == "ABORTED"
    assert account.serving_names() == []


@pytest.mark.parametrize(("doubt", "left"), [(SEEN_WITHIN, False), (timedelta(), True)])
def test_a_candidate_that_a_stopped_run_makes_yet_is_deleted_with_the_stack(
    account: Account, monkeypatch: pytest.MonkeyPatch, doubt: timedelta, left: bool
) -> None:
    """The stop of a run does not end the function that is under way; without the doubt nobody would look for more."""
    monkeypatch.setattr(clock, "SEEN_WITHIN", doubt)
    account.deploy(WANTED)
    evaluations = account.lifecycle.evaluations
    evaluations.takes = timedelta(minutes=20)
    account.deploy(NEXT)
    plan = EvaluationPlan.from_json(account.lifecycle.world.objects[BUCKET, plan_key(NEXT.evaluation_inputs.id)])
    stopped = evaluations._stop

    def stop(arn: str) -> dict[str, Any]:
        answer = stopped(arn)
        evaluations._gone(plan)
        # The rule's function comes first, and finds nothing.
        account.lifecycle.later(
            account.lifecycle.now + timedelta(seconds=90), lambda: evaluations._stand(plan), lambda *_: None
        )
        return answer

    evaluations._stop = stop  # type: ignore[method-assign]
    assert account.cloudformation.delete(WANTED.evaluation_stack) == "DELETE_COMPLETE"
    account.lifecycle.pass_time(timedelta(minutes=5))
    assert deployed(account).count(NEXT.candidate_name) == 2
    assert (NEXT.candidate_name in account.serving_names()) is left


def test_a_run_whose_functions_die_leaves_no_candidate_and_is_run_again(account: Account) -> None:
    def dying(call: Call) -> Fault | None:
        return Fault.KILLED_BEFORE if call.operation == "Converse" else None

    account.lifecycle.calls.chaos = dying
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, f"{ID}-1", "FAILED", "deploy again")
    assert account.serving_names() == []
    account.lifecycle.calls.chaos = lambda _call: None
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert runs(account) == {f"{ID}-1": "FAILED", f"{ID}-2": "SUCCEEDED"}


def test_a_start_whose_answer_is_lost_starts_no_second_run(account: Account) -> None:
    lost: list[Call] = []

    def losing(call: Call) -> Fault | None:
        if call.operation == "StartExecution" and account.lifecycle.evaluations.runs == {} and account.jobs():
            is_the_machine = account.cloudformation.events[-1]["ResourceType"] == contract.EVALUATION
            is_first = is_the_machine and len(lost) < 2
            lost.extend([call] * is_first)
            # The front door's own start comes first.
            return Fault.LOST_AFTER if is_first else None
        return None

    account.lifecycle.calls.chaos = losing
    account.lifecycle.evaluations.unseen = timedelta(minutes=3)
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    assert len(lost) == 2
    assert runs(account) == {f"{ID}-1": "SUCCEEDED"}


def test_a_rollback_starts_and_stops_nothing(account: Account) -> None:
    account.deploy(WANTED)
    account.lifecycle.evaluations.truth[NEXT.training_name] = "failed"
    assert account.deploy(NEXT) == "UPDATE_ROLLBACK_COMPLETE"
    started = len(runs(account))
    account.lifecycle.pass_time(timedelta(hours=1))
    assert len(runs(account)) == started == 2


def test_a_missing_test_file_is_told_before_anything_is_started(account: Account) -> None:
    account.deploy(WANTED.but(evaluates=False, on_demand=False))
    assert account.cloudformation.deploy(WANTED.evaluation_stack, WANTED.evaluation()) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "test/", "no request was sent")
    assert runs(account) == {}


def test_an_evaluation_of_a_training_that_is_not_there_is_refused(account: Account) -> None:
    assert account.evaluate(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "deploy the Training stack")


def test_a_full_quota_of_deployments_is_told_before_anything_is_started(account: Account) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})
    account.deploy(WANTED)
    assert says(account.reason, "L-1EF80F3E")
    assert runs(account) == {}


def test_a_candidate_that_lost_the_tag_of_its_foundation_gets_it_back_and_is_deleted_with_the_stack(
    account: Account,
) -> None:
    account.deploy(WANTED)
    account.lifecycle.evaluations.takes = timedelta(minutes=20)
    account.deploy(NEXT)
    region = account.region
    (arn,) = (arn for arn, its in region.deployments.items() if its.name == NEXT.candidate_name and not its.deleted)
    del region.tags[arn][contract.TAG_FOUNDATION]
    assert account.cloudformation.delete(WANTED.evaluation_stack) == "DELETE_COMPLETE"
    assert NEXT.candidate_name not in account.serving_names()
