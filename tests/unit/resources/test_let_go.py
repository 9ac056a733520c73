"""A committed throughput that was let go is taken back by the stack that let it go, and bought no second time."""

from datetime import timedelta

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock import ApiFault
from tests.support.bedrock_client import ACCOUNT
from tests.support.environment import NOVA_REGION, SERVING, Wanted
from tests.support.messages import says
from tests.support.wired import QUICK, WiredAccount
from tests.unit.resources.test_switching_serving import BOUGHT, COMMITTED, ON_DEMAND, RESOURCE

DETACHED = COMMITTED.but(detach_when_committed=True)
SERVING_OWNER = f"arn:aws:cloudformation:{NOVA_REGION}:{ACCOUNT}:stack/{SERVING}"
AT_ONCE = timedelta(minutes=5)


@pytest.fixture
def account() -> WiredAccount:
    """An account whose committed throughput was let go by a change to on demand."""
    account = WiredAccount(QUICK, NOVA_REGION)
    account.deploy(DETACHED)
    account.deploy(ON_DEMAND)
    assert tags(account) == {
        "team": "any",
        contract.TAG_ENVIRONMENT: "prod",
        contract.TAG_FOUNDATION: account.lifecycle.foundation,
        contract.TAG_MODEL: "faq",
        contract.TAG_RESOURCE: RESOURCE,
        contract.TAG_DETACH: "true",
        contract.TAG_LET_GO: SERVING_OWNER,
    }
    return account


def tags(account: WiredAccount) -> dict[str, str]:
    return account.tags(account.throughput(COMMITTED)["provisionedModelArn"])


def bought(account: WiredAccount) -> int:
    return account.changes().count("CreateProvisionedModelThroughput")


@pytest.mark.parametrize("back", [COMMITTED, DETACHED], ids=["to be held", "to be let go again"])
def test_switching_back_inside_the_term_takes_it_back_at_once(account: WiredAccount, back: Wanted) -> None:
    arn, began = account.throughput(COMMITTED)["provisionedModelArn"], account.lifecycle.now
    assert account.deploy(back) == "UPDATE_COMPLETE"
    assert account.lifecycle.now - began < AT_ONCE
    assert account.serving_names() == [COMMITTED.serving_name]
    assert account.throughput(COMMITTED)["provisionedModelArn"] == arn
    assert bought(account) == 1
    assert tags(account)[contract.TAG_OWNER] == SERVING_OWNER
    assert contract.TAG_LET_GO not in tags(account)
    assert (contract.TAG_DETACH in tags(account)) is (back is DETACHED)


def test_it_can_be_let_go_and_taken_back_again_and_again(account: WiredAccount) -> None:
    for _ in range(2):
        assert account.deploy(DETACHED) == "UPDATE_COMPLETE"
        assert account.deploy(ON_DEMAND) == "UPDATE_COMPLETE"
    assert contract.TAG_OWNER not in tags(account)
    assert bought(account) == 1


def test_a_new_stack_of_the_same_name_takes_it_back(account: WiredAccount) -> None:
    account.deploy(DETACHED)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.deploy(DETACHED) == "CREATE_COMPLETE"
    assert bought(account) == 1
    assert tags(account)[contract.TAG_OWNER] == SERVING_OWNER


def test_it_moves_to_the_model_that_is_wanted_then(account: WiredAccount) -> None:
    retrained = DETACHED.but(hyper_parameters={"epochCount": "4"})
    assert account.deploy(retrained) == "UPDATE_COMPLETE"
    assert account.served_model(retrained) == retrained.training_name
    assert bought(account) == 1


@pytest.mark.parametrize(
    ("operation", "code"),
    [("TagResource", "ThrottlingException"), ("UntagResource", "ThrottlingException")],
)
def test_what_breaks_off_is_taken_up_where_it_stopped(account: WiredAccount, operation: str, code: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault(operation, code))
    assert account.deploy(DETACHED) == "UPDATE_COMPLETE"
    account.lifecycle.simulated.faults.add(ApiFault(operation, code))
    assert account.deploy(ON_DEMAND) == "UPDATE_COMPLETE"
    assert contract.TAG_OWNER not in tags(account)
    assert tags(account)[contract.TAG_LET_GO] == SERVING_OWNER
    assert bought(account) == 1


def test_a_right_that_is_missing_is_told_and_nothing_is_bought_or_taken(account: WiredAccount) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("TagResource", "AccessDeniedException", times=100))
    assert account.deploy(DETACHED) == "UPDATE_ROLLBACK_COMPLETE"
    assert "AccessDeniedException" in account.reason
    assert bought(account) == 1
    assert contract.TAG_OWNER not in tags(account)


def test_a_refused_return_leaves_it_as_it_is_and_waits_for_nothing(account: WiredAccount) -> None:
    before, began = tags(account), account.lifecycle.now
    assert account.serve(DETACHED.but(attempt=7)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, DETACHED.but(attempt=7).training_name, "deploy", "Training")
    assert account.lifecycle.now - began < AT_ONCE
    assert tags(account) == before


@pytest.mark.parametrize(("tag", "value"), [(contract.TAG_LET_GO, "any-stack"), (contract.TAG_RESOURCE, "Other")])
def test_what_another_let_go_is_refused_at_once_with_the_command_that_hands_it_over(
    account: WiredAccount, tag: str, value: str
) -> None:
    arn, began = account.throughput(COMMITTED)["provisionedModelArn"], account.lifecycle.now
    account.bedrock.tag_resource(resourceARN=arn, tags=[{"key": tag, "value": value}])
    assert account.deploy(DETACHED) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.lifecycle.now - began < AT_ONCE
    command = (
        f"aws bedrock tag-resource --resource-arn {arn} --tags key={contract.TAG_OWNER},value={SERVING_OWNER} "
        f"key={contract.TAG_RESOURCE},value={RESOURCE}"
    )
    assert command in account.reason
    assert account.serving_names() == [COMMITTED.serving_name, ON_DEMAND.serving_name]
    given = {contract.TAG_OWNER: SERVING_OWNER, contract.TAG_RESOURCE: RESOURCE}
    account.bedrock.tag_resource(resourceARN=arn, tags=[{"key": key, "value": its} for key, its in given.items()])
    assert account.deploy(DETACHED) == "UPDATE_COMPLETE"
    assert contract.TAG_LET_GO not in tags(account)
    assert bought(account) == 1


def test_other_terms_are_another_throughput(account: WiredAccount) -> None:
    assert account.deploy(BOUGHT) == "UPDATE_COMPLETE"
    assert sorted(account.serving_names()) == sorted([COMMITTED.serving_name, BOUGHT.serving_name])
    assert contract.TAG_OWNER not in tags(account)
