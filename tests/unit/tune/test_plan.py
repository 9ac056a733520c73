"""What `tune plan` says that the next deploy does is what the lifecycle then does."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.decisions import model_customization, provisioned_throughput
from sandbox.bedrock.faults import JobFault, ThroughputFault
from sandbox.bedrock.phases import Phase
from tests.lifecycle.histories import History
from tests.support.bedrock_client import ACCOUNT, REGION
from tests.support.environment import SERVING, TRAINING, Account, Wanted
from tests.support.lifecycle import RECORDS
from tests.support.messages import says
from tests.support.quick import quick
from tests.unit.tune.planning import line, operations, plan_of

QUICK = quick(units=20)
FIRST = Wanted(rungs=2)
RETRAINED: Mapping[str, Any] = {"hyper_parameters": {"epochCount": "3"}}
PAYS = {row.id: row.pays for row in model_customization.ROWS} | {
    row.id: row.pays for row in provisioned_throughput.PRESENCE
}
TRAINED_AND_MOVED = ["CreateModelCustomizationJob", "UpdateProvisionedModelThroughput"]
HISTORIES = int(os.environ.get("PLAN_HISTORIES", "20"))


def deployed(wanted: Wanted = FIRST) -> Account:
    account = Account(settings=QUICK)
    assert account.deploy(wanted) == "CREATE_COMPLETE"
    return account


def with_leftover(**terms: str) -> Account:
    """Return an account where a throughput that nobody holds any more carries the tags of the one that serves."""
    account = deployed()
    tags = {
        contract.TAG_OWNER: f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{SERVING}",
        contract.TAG_RESOURCE: "Purchase",
        contract.TAG_FOUNDATION: account.lifecycle.foundation,
    }
    account.lifecycle.client.create_provisioned_model_throughput(
        provisionedModelName="faq-prod-left-over",
        modelId=FIRST.training_name,
        modelUnits=1,
        tags=[{"key": key, "value": value} for key, value in tags.items()],
        **terms,
    )
    return account


def agrees(account: Account, wanted: Wanted) -> list[str]:
    """Plan, deploy, and return what was planned; fail when the lifecycle does something else."""
    account.put_questions(wanted)
    plan = plan_of(account, wanted, trained=not wanted.given_model)
    planned = operations(plan)
    refusals = [step.reason for each in plan.resources for step in each.steps if step.fails]
    before = len(account.lifecycle.calls.made)
    status = account.deploy(wanted)
    done = [
        call.operation.replace("UntagResource", "TagResource").replace("TagResource", "Tag")
        for call in account.lifecycle.calls.made[before:]
        if call.service == "bedrock" and call.mutating
    ]
    if refusals:
        assert account.reason == refusals[0]
        assert set(planned) <= set(done)
        return [*planned, "refuse"]
    assert status.endswith("_COMPLETE"), account.reason
    assert "ROLLBACK" not in status, account.reason
    # A tag is put on job and model, or changed and taken away.
    assert _once(planned) == _once(done)
    return planned


def _once(found: list[str]) -> list[str]:
    tags = ["Tag"] if "Tag" in found else []
    return sorted([*tags, *(each for each in found if each != "Tag")])


def test_a_first_deploy_trains_and_buys() -> None:
    assert agrees(Account(settings=QUICK), FIRST) == [
        "CreateModelCustomizationJob",
        "CreateProvisionedModelThroughput",
    ]


def test_says_who_pays_in_the_words_of_the_row() -> None:
    plan = plan_of(Account(settings=QUICK), FIRST)
    (job,) = line(plan, "customization job").steps
    (purchase,) = line(plan, "provisioned throughput").steps
    assert (job.row, job.pays) == ("customization-create", PAYS["customization-create"])
    assert purchase.pays == PAYS["throughput-create"]
    assert [step.row for step in line(plan, "custom model").steps] == ["await-wait"]


def test_what_is_deployed_needs_no_event_and_has_no_drift() -> None:
    account = deployed()
    plan = plan_of(account, FIRST)
    assert [(each.event, each.steps, each.drift) for each in plan.resources] == [(None, (), ())] * 3
    assert line(plan, "custom model").observed == "Active"
    assert says(line(plan, "provisioned throughput").observed, "InService")
    assert agrees(account, FIRST) == []


@pytest.mark.parametrize(
    ("changes", "planned"),
    [
        ({"hyper_parameters": {"epochCount": "3"}}, TRAINED_AND_MOVED),
        ({"data": RECORDS.replace(b"valve", b"pump")}, TRAINED_AND_MOVED),
        (RETRAINED, TRAINED_AND_MOVED),
        ({"tags": {"CostCentre": "42"}}, ["Tag", "Tag"]),
        ({"stop_on_delete": False}, []),
        ({"rungs": 5}, []),
        ({"detach_when_committed": True}, ["Tag"]),
        ({"keep_models": 1}, []),
        ({"model_units": 2}, ["CreateProvisionedModelThroughput", "DeleteProvisionedModelThroughput"]),
        ({"commitment_duration": "OneMonth"}, ["CreateProvisionedModelThroughput", "DeleteProvisionedModelThroughput"]),
        (
            {**RETRAINED, "keep_models": 1, "tags": {"Team": "a"}},
            ["CreateModelCustomizationJob", "Tag", "UpdateProvisionedModelThroughput"],
        ),
        ({**RETRAINED, "rungs": 0}, ["CreateModelCustomizationJob", "refuse"]),
        ({"base_model": "amazon.nova-micro-v1:0:128k"}, ["refuse"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_a_change_does_what_was_planned(changes: dict[str, Any], planned: list[str]) -> None:
    assert agrees(deployed(), FIRST.but(**changes)) == planned


def test_models_beyond_those_to_keep_are_retired_but_never_the_one_before() -> None:
    first = FIRST.but(keep_models=1)
    account = deployed(first)
    assert agrees(account, first.but(**RETRAINED)) == TRAINED_AND_MOVED
    (_, retired) = line(
        plan_of(account, first.but(hyper_parameters={"epochCount": "4"})), "provisioned throughput"
    ).steps
    assert (retired.action, retired.reason) == ("retire", first.training_name)
    assert agrees(account, first.but(hyper_parameters={"epochCount": "4"})) == sorted(
        [*TRAINED_AND_MOVED, "DeleteCustomModel"]
    )


def test_going_back_moves_the_throughput_and_trains_nothing() -> None:
    account = deployed()
    account.deploy(FIRST.but(**RETRAINED))
    assert agrees(account, FIRST) == ["UpdateProvisionedModelThroughput"]


def test_a_replacement_is_refused_inside_a_commitment() -> None:
    account = deployed(FIRST.but(commitment_duration="OneMonth"))
    assert agrees(account, FIRST.but(commitment_duration="OneMonth", model_units=2)) == ["refuse"]


def test_another_logical_id_is_refused_and_deletes_nothing() -> None:
    named = FIRST.but(served_model="ServedModel")
    account, renamed = deployed(named), named.but(renamed="Renamed")
    lines = [its for its in plan_of(account, renamed).resources if its.kind == "provisioned throughput"]
    assert [(its.logical_id, its.event, [step.row for step in its.steps]) for its in lines] == [
        ("PurchaseRenamed", "Create", ["throughput-held"]),
        ("Purchase", None, []),
    ]
    assert agrees(account, renamed) == ["refuse"]
    assert account.serving_names() == [named.serving_name]


def test_of_two_resources_that_hold_one_thing_the_first_to_go_leaves_it_to_the_other() -> None:
    named = FIRST.but(served_model="ServedModel")
    account = deployed(named)
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    stack.resources["PurchaseRenamed"] = stack.resources["Purchase"]
    assert agrees(account, named.but(renamed="Renamed")) == []
    assert account.serving_names() == [named.serving_name]


def test_what_a_policy_kept_is_no_leftover_and_is_reported_as_held_by_nobody() -> None:
    kept = FIRST.but(kept=frozenset({"UpdateReplacePolicy"}))
    account = deployed(kept)
    more = kept.but(model_units=2)
    account.deploy(more)
    assert agrees(account, more.but(keep_models=100)) == []
    plan = plan_of(account, more)
    assert [its.thing.name for its in plan.unwanted] == [kept.throughput_name]


def test_a_stack_whose_delete_failed_inside_a_commitment_is_refused_until_the_term_ends() -> None:
    committed = FIRST.but(commitment_duration="OneMonth")
    account = deployed(committed)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    throughput = line(plan_of(account, committed), "provisioned throughput")
    assert [step.row for step in throughput.steps] == ["throughput-committed"]
    assert agrees(account, committed) == ["refuse"]
    account.lifecycle.pass_time(timedelta(days=31))
    assert agrees(account, committed) == ["CreateProvisionedModelThroughput", "DeleteProvisionedModelThroughput"]


def test_a_leftover_inside_a_commitment_stays_and_fails_nothing() -> None:
    account = with_leftover(commitmentDuration="OneMonth")
    account.lifecycle.pass_time(timedelta(minutes=5))
    wanted = FIRST.but(keep_models=100)
    assert [step.row for step in line(plan_of(account, wanted), "provisioned throughput").steps] == ["throughput-done"]
    assert account.deploy(wanted) == "UPDATE_COMPLETE"
    assert "faq-prod-left-over" in account.serving_names()


def test_a_failed_training_is_refused_and_nothing_after_it_is_reached() -> None:
    account = Account(settings=QUICK)
    account.lifecycle.simulated.faults.add(JobFault(Phase.TRAINING, "it broke"))
    account.deploy(FIRST)
    plan = plan_of(account, FIRST)
    assert line(plan, "provisioned throughput").steps == ()
    assert line(plan, "provisioned throughput").remedy
    assert agrees(account, FIRST) == ["refuse"]
    assert agrees(account, FIRST.but(**RETRAINED)) == [
        "CreateModelCustomizationJob",
        "CreateProvisionedModelThroughput",
    ]


def test_a_model_that_was_deleted_is_told_before_the_deploy_that_it_fails() -> None:
    account = deployed()
    account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=FIRST.throughput_name)
    account.lifecycle.client.delete_custom_model(modelIdentifier=FIRST.training_name)
    account.destroy()
    assert agrees(account, FIRST) == ["refuse"]


def test_a_throughput_that_failed_is_planned_as_what_the_next_deploy_says() -> None:
    account = Account(settings=QUICK)
    account.lifecycle.simulated.faults.add(ThroughputFault("failed"))
    account.deploy(FIRST)
    assert agrees(account, FIRST) == ["CreateProvisionedModelThroughput"]


def test_drift_needs_the_reconcile_number_and_says_so() -> None:
    account = deployed()
    account.lifecycle.client.delete_provisioned_model_throughput(provisionedModelId=FIRST.throughput_name)
    plan = plan_of(account, FIRST)
    throughput = line(plan, "provisioned throughput")
    assert (throughput.event, throughput.steps, throughput.observed) == (None, (), "none")
    assert [step.row for step in throughput.drift] == ["throughput-create"]
    assert says(throughput.remedy, "reconcile", "prod/faq.toml", "deploy")
    assert agrees(account, FIRST) == []
    # Any change of its properties sends an event, as `reconcile` does.
    assert agrees(account, FIRST.but(detach_when_committed=True)) == ["CreateProvisionedModelThroughput"]


def test_what_is_left_over_of_the_same_resource_is_deleted_by_the_next_event() -> None:
    account = with_leftover()
    assert agrees(account, FIRST) == []
    assert agrees(account, FIRST.but(keep_models=100)) == ["DeleteProvisionedModelThroughput"]


def test_a_training_in_progress_is_waited_for_and_then_served() -> None:
    account = deployed()
    account.deploy(FIRST.but(**RETRAINED, rungs=0))
    plan = plan_of(account, FIRST.but(**RETRAINED))
    (waiting,) = line(plan, "custom model").steps
    assert waiting.row == "await-wait"
    assert says(waiting.reason, FIRST.but(**RETRAINED).training_name, "0 min")
    assert agrees(account, FIRST.but(**RETRAINED)) == ["UpdateProvisionedModelThroughput"]


def test_data_files_are_told_by_their_presence() -> None:
    account = Account(settings=QUICK)
    first = line(plan_of(account, FIRST, data_file=True), "data file")
    assert (first.observed, [step.action for step in first.steps]) == ("not in the bucket", ["create"])
    account.deploy(FIRST)
    later = line(plan_of(account, FIRST, data_file=True), "data file")
    assert (later.observed, [step.action for step in later.steps]) == (
        f"in the bucket, {len(RECORDS):,} bytes",
        ["done"],
    )


def test_data_that_was_not_pushed_fails_the_deploy_before_anything_is_paid() -> None:
    account = Account(settings=QUICK)
    plan = plan_of(account, FIRST, data_file=True, pushed=True)
    data = line(plan, "data file")
    assert [step.action for step in data.steps] == ["refuse"]
    assert says(data.steps[0].reason, "python -m tune dataset push prod faq")
    for kind in ("customization job", "provisioned throughput"):
        assert (line(plan, kind).event, line(plan, kind).steps) == (None, ())
        assert line(plan, kind).remedy


def test_pushed_data_is_checked_where_it_lies() -> None:
    account = Account(settings=QUICK)
    account.lifecycle.put(f"train/{FIRST.sha256}.jsonl")
    plan = plan_of(account, FIRST, data_file=True, pushed=True)
    assert [step.action for step in line(plan, "data file").steps] == ["done"]
    assert line(plan, "customization job").event == "Create"


def test_a_serving_stack_that_the_settings_no_longer_have_is_told_with_its_command() -> None:
    plan = plan_of(deployed(), FIRST.but(model_units=None))
    left = line(plan, "provisioned throughput")
    assert left.name == FIRST.throughput_name
    assert left.steps == ()
    assert says(left.remedy, "python -m tune destroy prod faq --serving-only")


@pytest.mark.slow
def test_random_histories_end_in_deploys_that_do_what_was_planned() -> None:
    compared = 0
    for seed in range(1, HISTORIES + 1):
        history = History(seed)
        history.wanted = history.wanted.but(rungs=15)
        for _ in range(history.random.randint(1, 4)):
            history._something_happens()
        history._calm_down()
        stacks = [history.account.cloudformation.stack(name) for name in (TRAINING, SERVING)]
        if any(stack and stack.status in ("UPDATE_ROLLBACK_FAILED", "DELETE_FAILED") for stack in stacks):
            continue
        units, epochs = history.random.choice((1, 2, 3)), history.random.choice("123")
        wanted = history.wanted.but(model_units=units, hyper_parameters={"epochCount": epochs})
        try:
            agrees(history.account, wanted)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {history.log}") from error
        compared += 1
    assert compared > HISTORIES // 2
