"""The procedures of docs/how-to: what a person does by hand is taken up without a second bill."""

from datetime import timedelta

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock.faults import JobFault
from sandbox.bedrock.phases import Phase
from tests.lifecycle.invariants import violations
from tests.lifecycle.watch import Watch
from tests.support.cloudformation import Resource, Template
from tests.support.environment import NOVA_REGION, SERVING, TRAINING, Wanted
from tests.support.wired import QUICK, WANTED, WiredAccount
from tests.unit.resources import serving_ways

ON_DEMAND = serving_ways.ON_DEMAND.wanted
BOUGHT = ON_DEMAND.but(on_demand=False, model_units=1)
OTHER_EPOCHS = {"hyper_parameters": {"epochCount": "3"}}
OTHER_STACK = "platform-Models"
BOTH_WAYS = pytest.mark.parametrize("wanted", [ON_DEMAND, BOUGHT], ids=["on demand", "throughput"])


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK, NOVA_REGION)


def purchases(account: WiredAccount) -> int:
    """Return how often anything that serves was made."""
    makers = {"CreateProvisionedModelThroughput", "CreateCustomModelDeployment"}
    return sum(name in makers for name in account.changes())


def trainings(account: WiredAccount) -> int:
    return account.changes().count("CreateModelCustomizationJob")


def serving_arn(account: WiredAccount) -> str:
    (one,) = account.region.serving()
    return str(one.arn)


def tag(account: WiredAccount, **tags: str) -> None:
    """Do what `aws bedrock tag-resource` does to the one thing that serves."""
    names = {"owner": contract.TAG_OWNER, "resource": contract.TAG_RESOURCE}
    account.bedrock.tag_resource(
        resourceARN=serving_arn(account), tags=[{"key": names[key], "value": value} for key, value in tags.items()]
    )


def owner(stack: str) -> str:
    return f"arn:aws:cloudformation:{NOVA_REGION}:111122223333:stack/{stack}"


def renamed(template: Template) -> Template:
    """Return a template whose resources have other logical ids."""
    return {f"Other{logical_id}": resource for logical_id, resource in template.items()}


def with_a_failure(template: Template) -> Template:
    """Return a template with one more resource, which fails after the others."""
    properties = {"TrainingName": "nobody-ever-1", "Rung": 1, "Rungs": 1}
    return {**template, "Broken": Resource(contract.TRAINING_AWAIT, properties)}


def leave(account: WiredAccount, stack: str) -> None:
    """Let a stack be gone with everything left that it made, as `delete-stack --retain-resources` does."""
    account.cloudformation.forget(stack)


@BOTH_WAYS
def test_another_logical_id_for_what_serves_is_refused(account: WiredAccount, wanted: Wanted) -> None:
    wanted = wanted.but(served_model=None)
    account.deploy(wanted)
    before = serving_arn(account)
    assert account.cloudformation.deploy(SERVING, renamed(wanted.serving())) == "UPDATE_ROLLBACK_COMPLETE"
    assert "belongs to resource" in account.reason
    assert serving_arn(account) == before
    assert purchases(account) == 1


@BOTH_WAYS
def test_what_serves_moves_to_another_place_under_its_old_logical_id_once_its_tag_names_that_place(
    account: WiredAccount, wanted: Wanted
) -> None:
    account.deploy(wanted.but(served_model="ServedModel"))
    before, moved = serving_arn(account), wanted.but(served_model="Chat")
    watch = Watch(account)
    tag(account, resource="Chat")

    assert account.cloudformation.deploy(SERVING, with_a_failure(moved.serving())) == "UPDATE_ROLLBACK_FAILED"
    assert serving_arn(account) == before
    assert account.cloudformation.deploy(SERVING, moved.serving()) == "UPDATE_ROLLBACK_FAILED"
    tag(account, resource="ServedModel")
    assert account.cloudformation.deploy(SERVING, wanted.but(served_model="ServedModel").serving()) == "UPDATE_COMPLETE"

    tag(account, resource="Chat")
    assert account.cloudformation.deploy(SERVING, moved.serving()) == "UPDATE_COMPLETE"

    assert serving_arn(account) == before
    assert purchases(account) == 1
    assert watch.gaps == []
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.serving_names() == []


def test_a_renamed_training_is_found_again_and_its_running_job_is_not_stopped(account: WiredAccount) -> None:
    wanted = WANTED.but(rungs=0, base_model=ON_DEMAND.base_model, data=ON_DEMAND.data, model_units=None)
    account.deploy(wanted)
    assert account.job(wanted)["status"] == "InProgress"
    assert account.cloudformation.deploy(TRAINING, renamed(wanted.training())) == "UPDATE_COMPLETE"
    assert account.job(wanted)["status"] == "InProgress"
    assert trainings(account) == 1


@BOTH_WAYS
def test_what_serves_is_handed_to_another_stack_by_its_tags_and_the_old_stack_leaves_it(
    account: WiredAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    handed = serving_arn(account)
    assert account.cloudformation.deploy(OTHER_STACK, wanted.serving()) == "ROLLBACK_COMPLETE"
    assert "`name` or `environment`" in account.reason

    tag(account, owner=owner(OTHER_STACK))
    assert account.cloudformation.deploy(OTHER_STACK, wanted.serving()) == "CREATE_COMPLETE"
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"

    assert serving_arn(account) == handed
    assert purchases(account) == 1
    assert account.cloudformation.delete(OTHER_STACK) == "DELETE_COMPLETE"
    assert account.serving_names() == []


@BOTH_WAYS
def test_what_was_handed_over_is_kept_also_when_the_old_stack_goes_first(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    handed = serving_arn(account)
    tag(account, owner=owner(OTHER_STACK))
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert serving_arn(account) == handed
    assert account.cloudformation.deploy(OTHER_STACK, wanted.serving()) == "CREATE_COMPLETE"
    assert purchases(account) == 1


@BOTH_WAYS
def test_what_was_handed_over_goes_when_the_deployment_that_takes_it_up_fails(
    account: WiredAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    tag(account, owner=owner(OTHER_STACK))
    assert account.cloudformation.deploy(OTHER_STACK, with_a_failure(wanted.serving())) == "ROLLBACK_COMPLETE"
    assert account.serving_names() == []


@BOTH_WAYS
def test_after_its_tags_name_another_stack_the_old_one_may_not_change_it(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    model = account.served_model(wanted)
    tag(account, owner=owner(OTHER_STACK))
    assert account.deploy(wanted.but(**OTHER_EPOCHS)) == "UPDATE_ROLLBACK_FAILED"
    assert account.served_model(wanted) == model


@BOTH_WAYS
def test_what_a_lost_stack_has_left_is_taken_up_by_the_same_deploy(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    left = serving_arn(account)
    leave(account, SERVING)
    leave(account, TRAINING)
    assert account.deploy(wanted) == "CREATE_COMPLETE"
    assert serving_arn(account) == left
    assert (trainings(account), purchases(account)) == (1, 1)
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert account.serving_names() == []


@BOTH_WAYS
def test_a_lost_ledger_loses_nothing(account: WiredAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    account.lifecycle._records.clear()
    second = wanted.but(**OTHER_EPOCHS)
    assert account.deploy(second) == "UPDATE_COMPLETE"
    assert (trainings(account), purchases(account)) == (2, 1)
    account.lifecycle._records.clear()
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert account.serving_names() == []
    assert violations(account, [wanted, second]) == []


def test_a_training_that_its_data_fails_is_another_training_with_other_data(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(JobFault(Phase.DATA_PROCESSING, "record 3 is too long"))
    assert account.deploy(ON_DEMAND) == "ROLLBACK_COMPLETE"
    assert "record 3 is too long" in account.reason
    mended = ON_DEMAND.but(data=ON_DEMAND.data.replace(b"valve", b"pump"))
    assert account.deploy(mended) == "CREATE_COMPLETE"
    assert trainings(account) == 2


def test_a_rollback_that_failed_goes_on_once_its_cause_is_mended(account: WiredAccount) -> None:
    account.deploy(BOUGHT)
    first = account.served_model(BOUGHT)
    tag(account, owner=owner(OTHER_STACK))
    account.deploy(BOUGHT.but(**OTHER_EPOCHS))
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    assert stack.status == "UPDATE_ROLLBACK_FAILED"

    tag(account, owner=owner(SERVING))
    assert account.cloudformation.deploy(SERVING, BOUGHT.serving()) == "UPDATE_COMPLETE"

    assert account.served_model(BOUGHT) == first
    assert purchases(account) == 1


@BOTH_WAYS
def test_what_lost_its_owner_tag_long_after_it_was_made_fails_the_delete_until_it_is_tagged_again(
    account: WiredAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    account.lifecycle.pass_time(timedelta(days=30))
    assert account.deploy(wanted.but(tags={"team": "other"})) == "UPDATE_COMPLETE"
    account.bedrock.untag_resource(resourceARN=serving_arn(account), tagKeys=[contract.TAG_OWNER])

    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert "the owner tag of" in account.cloudformation.reasons[-1]
    assert account.serving_names() == [wanted.serving_name]

    tag(account, owner=owner(SERVING))
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.serving_names() == []
