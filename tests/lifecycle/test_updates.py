"""Every change of a setting and its reverse: what is trained, bought, replaced or refused, and what a rollback does."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.clock import SEEN_WITHIN
from sandbox.bedrock import Quotas, Settings
from sandbox.bedrock.faults import JobFault
from sandbox.bedrock.phases import Phase
from tests.lifecycle.deployment_scenarios import ON_DEMAND
from tests.lifecycle.invariants import violations
from tests.lifecycle.scenarios import taken_back
from tests.lifecycle.switch_scenarios import BOUGHT
from tests.lifecycle.watch import Watch
from tests.support.calls import Calls, Fault
from tests.support.cloudformation import Variant
from tests.support.environment import SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import RECORDS, ROLE_ARN
from tests.support.quick import quick

QUICK = quick()
FIRST = Wanted(rungs=2)


def deployed(wanted: Wanted = FIRST) -> Account:
    account = Account(settings=QUICK)
    assert account.deploy(wanted) == "CREATE_COMPLETE"
    return account


def throughput(account: Account) -> dict[str, Any]:
    (only,) = account.throughputs()
    return only


def tags_of(account: Account, arn: str) -> Mapping[str, str]:
    region = account.region
    return region.tags[arn]


@pytest.mark.parametrize(
    ("changes", "trainings", "same_throughput"),
    [
        ({"hyper_parameters": {"epochCount": "3"}}, 2, True),
        ({"data": RECORDS.replace(b"valve", b"pump")}, 2, True),
        ({"tags": {"CostCentre": "42"}}, 1, True),
        ({"stop_on_delete": False}, 1, True),
        ({"rungs": 5}, 1, True),
        ({"detach_when_committed": True}, 1, True),
        ({"keep_models": 1}, 1, True),
        ({"model_units": 2}, 1, False),
        ({"commitment_duration": "OneMonth"}, 1, False),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_change_trains_and_replaces_just_what_it_must(
    changes: dict[str, Any], trainings: int, same_throughput: bool
) -> None:
    account = deployed()
    before = throughput(account)["provisionedModelArn"]
    assert account.deploy(FIRST.but(**changes)) == "UPDATE_COMPLETE"
    assert len(account.jobs()) == trainings
    assert (throughput(account)["provisionedModelArn"] == before) is same_throughput
    assert violations(account, [FIRST, FIRST.but(**changes)]) == []


def test_another_attempt_trains_again_once_the_model_of_the_first_is_gone() -> None:
    account, again = deployed(), FIRST.but(attempt=2)
    assert account.deploy(again) == "UPDATE_ROLLBACK_COMPLETE"
    assert "set `training.attempt` to 1" in account.reason
    assert len(account.jobs()) == 1
    account.destroy()
    account.lifecycle.client.delete_custom_model(modelIdentifier=FIRST.training_name)
    account.lifecycle.pass_time(SEEN_WITHIN)
    assert account.deploy(again) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 2
    assert violations(account, [FIRST, again]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"hyper_parameters": {"epochCount": "3"}},
        {"data": RECORDS.replace(b"valve", b"pump")},
        {"tags": {"CostCentre": "42"}},
        {"model_units": 2},
    ],
    ids=lambda value: next(iter(value)),
)
def test_the_reverse_of_a_change_trains_nothing_and_serves_the_model_before(changes: dict[str, Any]) -> None:
    account = deployed()
    watch = Watch(account)
    account.deploy(FIRST.but(**changes))
    trained = len(account.jobs())
    assert account.deploy(FIRST) == "UPDATE_COMPLETE"
    assert len(account.jobs()) == trained
    assert account.served_model(FIRST) == FIRST.training_name
    assert watch.gaps == []


def test_tags_changed_later_reach_job_model_and_throughput_and_those_taken_away_are_gone() -> None:
    account = deployed(FIRST.but(tags={"Old": "1", "Team": "a"}))
    assert account.deploy(FIRST.but(tags={"Team": "b"})) == "UPDATE_COMPLETE"
    region = account.region
    arns = [*region.jobs, *region.models, *region.throughputs]
    assert len(arns) == 3
    for arn in arns:
        tags = tags_of(account, arn)
        assert tags["Team"] == "b"
        assert "Old" not in tags
        assert contract.TAG_OWNER in tags


def test_another_role_for_a_finished_training_of_our_own_changes_nothing() -> None:
    account = deployed()
    assert account.deploy(FIRST.but(role_arn=f"{ROLE_ARN}-renamed")) == "UPDATE_COMPLETE"
    assert len(account.jobs()) == 1


def test_a_failed_training_leaves_the_old_model_serving_and_the_stack_deployable() -> None:
    account = deployed()
    watch = Watch(account)
    second = FIRST.but(hyper_parameters={"epochCount": "3"})
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING, "the loss went up"))
    assert account.deploy(second) == "UPDATE_ROLLBACK_COMPLETE"
    assert "the loss went up" in account.reason
    assert "raise `training.attempt` by one" in account.reason
    assert account.served_model(FIRST) == FIRST.training_name
    assert account.deploy(second) == "UPDATE_ROLLBACK_COMPLETE"
    assert "the loss went up" in account.reason
    again = second.but(attempt=2)
    assert account.deploy(again) == "UPDATE_COMPLETE"
    assert account.served_model(again) == again.training_name
    assert watch.gaps == []
    assert violations(account, [FIRST, second, again]) == []


def test_a_rollback_runs_no_gate_even_when_the_old_model_is_gone() -> None:
    account = deployed(FIRST.but(model_units=None))
    account.lifecycle.client.delete_custom_model(modelIdentifier=FIRST.training_name)
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING, "no"))
    second = FIRST.but(hyper_parameters={"epochCount": "3"}, model_units=None)
    assert account.deploy(second) == "UPDATE_ROLLBACK_COMPLETE"


def test_deleting_a_stack_that_was_complete_stops_a_job_in_progress() -> None:
    account, second = retraining()
    account.cloudformation.delete(TRAINING)
    assert job(account, second)["status"] == "Stopped"


def test_deleting_a_stack_keeps_a_job_in_progress_when_the_settings_say_so() -> None:
    account, second = retraining(stop_on_delete=False)
    account.cloudformation.delete(TRAINING)
    assert job(account, second)["status"] == "InProgress"


def test_a_rollback_and_the_clearing_away_of_a_failed_first_create_leave_the_job_for_adoption() -> None:
    account = Account(settings=Settings(quotas=Quotas(custom_model_units=10)))
    assert account.deploy(FIRST.but(rungs=1)) == "ROLLBACK_COMPLETE"
    assert job(account, FIRST)["status"] == "InProgress"
    account.lifecycle.pass_time(timedelta(hours=9))
    assert account.deploy(FIRST) == "CREATE_COMPLETE"
    assert len(account.jobs()) == 1


def retraining(**changes: Any) -> tuple[Account, Wanted]:
    """Return an account with a complete stack that trains again and does not wait for it."""
    first = FIRST.but(rungs=0, model_units=None, **changes)
    account = Account(settings=Settings(quotas=Quotas(custom_model_units=10)))
    account.deploy(first)
    second = first.but(hyper_parameters={"epochCount": "3"})
    assert account.deploy(second) == "UPDATE_COMPLETE"
    return account, second


def job(account: Account, wanted: Wanted) -> dict[str, Any]:
    return next(job for job in account.jobs() if job["jobName"] == wanted.training_name)


def test_destroying_inside_a_commitment_fails_naming_its_end_and_the_way_out() -> None:
    committed = FIRST.but(commitment_duration="OneMonth")
    account = deployed(committed)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    for words in ("committed until 2025-12-15", "renews", "detach_when_committed = true"):
        assert words in account.cloudformation.reasons[-1]
    assert len(account.throughputs()) == 1
    account.lifecycle.pass_time(timedelta(days=31))
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.throughputs() == []


def test_a_detached_throughput_stays_without_our_owner_tag() -> None:
    committed = FIRST.but(commitment_duration="OneMonth")
    account = deployed(committed)
    assert account.deploy(committed.but(detach_when_committed=True)) == "UPDATE_COMPLETE"
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert contract.TAG_OWNER not in tags_of(account, throughput(account)["provisionedModelArn"])


def test_a_replacement_inside_a_commitment_is_refused_before_anything_is_bought() -> None:
    committed = FIRST.but(commitment_duration="OneMonth")
    account = deployed(committed)
    assert account.deploy(committed.but(model_units=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert "nothing was bought" in account.reason
    assert len(account.meter()["throughputs"]) == 1


def test_keep_models_retires_old_models_after_the_swap_and_never_one_that_serves() -> None:
    keeping = FIRST.but(keep_models=2)
    account = deployed(keeping)
    generations = [keeping.but(hyper_parameters={"epochCount": str(epochs)}) for epochs in (3, 4, 5)]
    for wanted in generations:
        assert account.deploy(wanted) == "UPDATE_COMPLETE"
    region = account.region
    assert sorted(model.name for model in region.models.values()) == sorted(
        wanted.training_name for wanted in generations[-2:]
    )
    assert account.deploy(keeping) == "UPDATE_ROLLBACK_COMPLETE"
    assert "raise `training.attempt` by one" in account.reason


def test_a_throughput_that_another_owner_made_under_our_name_is_refused_and_left_untouched() -> None:
    account = Account(settings=QUICK)
    account.deploy(FIRST.but(model_units=None))
    account.lifecycle.client.create_provisioned_model_throughput(
        provisionedModelName=FIRST.throughput_name, modelId=FIRST.training_name, modelUnits=1
    )
    assert account.cloudformation.deploy(SERVING, FIRST.serving()) == "ROLLBACK_COMPLETE"
    assert "`name` or `environment`" in account.reason
    assert len(account.throughputs()) == 1


def test_detaching_is_repeated_safely_when_its_answer_was_lost() -> None:
    committed = FIRST.but(commitment_duration="OneMonth", detach_when_committed=True)
    lost = [Fault.LOST_AFTER]
    calls = Calls(lambda call: lost.pop() if lost and call.operation == "UntagResource" else None)
    account = Account(settings=QUICK, calls=calls)
    assert account.deploy(committed) == "CREATE_COMPLETE"
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert contract.TAG_OWNER not in tags_of(account, throughput(account)["provisionedModelArn"])
    assert lost == []


FORWARD = Variant(rollback_goes_backwards=False)


@pytest.mark.parametrize("variant", [Variant(), FORWARD], ids=["backwards", "forward"])
@pytest.mark.parametrize(("first", "second"), [(BOUGHT, ON_DEMAND), (ON_DEMAND, BOUGHT)], ids=["on demand", "bought"])
def test_a_switch_that_is_taken_back_leaves_no_gap_in_whichever_order(
    first: Wanted, second: Wanted, variant: Variant
) -> None:
    account = Account(variant, settings=QUICK, region=first.region)
    watch = Watch(account)
    account.deploy(first)
    taken_back(second)(account)
    assert account.serving_names() == [first.serving_name]
    assert watch.gaps == []


def test_a_replacement_that_is_taken_back_leaves_a_gap_in_one_case_that_is_not_established() -> None:
    # A rollback that takes back the throughput before the parameter, with an update that does not tell the new id:
    # that the parameter names the new one cannot be told from one that was never answered, and would bill for ever.
    gaps = {}
    for new_id, backwards in itertools.product((True, False), repeat=2):
        account = Account(Variant(new_id, rollback_goes_backwards=backwards), settings=QUICK)
        watch = Watch(account)
        account.deploy(FIRST)
        taken_back(FIRST.but(model_units=2))(account)
        assert account.serving_names() == [FIRST.throughput_name]
        gaps[new_id, backwards] = bool(watch.gaps)
    assert [known for known, gap in gaps.items() if gap] == [(False, False)]
