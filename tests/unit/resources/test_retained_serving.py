"""What a policy of the template keeps when it is replaced or removed is no leftover: no later request deletes it."""

from datetime import timedelta
from typing import Final

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock import ApiFault
from tests.lifecycle.retained_scenarios import serving_nothing
from tests.support.cloudformation import RETAINED, Resource, Variant
from tests.support.environment import NOVA_REGION, SERVING, Wanted
from tests.support.wired import QUICK, WiredAccount
from tests.unit.resources.test_switching_serving import BOUGHT, ON_DEMAND

KEPT = BOUGHT.but(kept=RETAINED)
MORE = KEPT.but(model_units=2)
BOTH = sorted((KEPT.serving_name, MORE.serving_name))


def names(account: WiredAccount) -> list[str]:
    return sorted(account.serving_names())


def is_marked(account: WiredAccount, wanted: Wanted) -> bool:
    return contract.TAG_RETAINED in account.tags(account.throughput(wanted)["provisionedModelArn"])


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK, NOVA_REGION)


@pytest.fixture
def replaced(account: WiredAccount) -> WiredAccount:
    """An account whose throughput was replaced and kept."""
    account.deploy(KEPT)
    assert account.deploy(MORE) == "UPDATE_COMPLETE"
    assert names(account) == BOTH
    return account


def test_the_next_update_leaves_what_was_replaced(replaced: WiredAccount) -> None:
    assert replaced.deploy(MORE.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert names(replaced) == BOTH


def test_it_stays_also_when_the_policy_is_gone_and_with_the_stack(replaced: WiredAccount) -> None:
    assert replaced.deploy(MORE.but(kept=frozenset())) == "UPDATE_COMPLETE"
    assert names(replaced) == BOTH
    assert replaced.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(replaced) == [KEPT.serving_name]


@pytest.mark.parametrize("first", [BOUGHT, KEPT], ids=["new with the replacement", "as before"])
def test_what_is_replaced_stays_whichever_template_has_the_policy_first(account: WiredAccount, first: Wanted) -> None:
    account.deploy(first)
    account.deploy(MORE)
    account.deploy(MORE.but(tags={"team": "another"}))
    assert names(account) == BOTH


def test_what_is_removed_stays_when_another_way_to_serve_is_updated(account: WiredAccount) -> None:
    account.deploy(KEPT)
    assert account.deploy(ON_DEMAND) == "UPDATE_COMPLETE"
    assert account.deploy(ON_DEMAND.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert names(account) == sorted((KEPT.serving_name, ON_DEMAND.serving_name))


def test_going_back_takes_it_up_again(replaced: WiredAccount) -> None:
    bought = replaced.changes().count("CreateProvisionedModelThroughput")
    back = KEPT.but(kept=frozenset())
    assert replaced.deploy(back) == "UPDATE_COMPLETE"
    assert replaced.changes().count("CreateProvisionedModelThroughput") == bought
    assert replaced.deploy(back.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert not is_marked(replaced, KEPT)


def test_a_replacement_that_fails_marks_nothing(account: WiredAccount) -> None:
    account.deploy(BOUGHT)
    account.lifecycle.simulated.faults.add(
        ApiFault("CreateProvisionedModelThroughput", "ServiceQuotaExceededException")
    )
    assert account.deploy(MORE) == "UPDATE_ROLLBACK_COMPLETE"
    assert not is_marked(account, BOUGHT)
    assert account.deploy(BOUGHT.but(model_units=3)) == "UPDATE_COMPLETE"
    assert names(account) == [BOUGHT.but(model_units=3).serving_name]


def test_what_a_cancelled_replacement_left_is_deleted_all_the_same(account: WiredAccount) -> None:
    account.deploy(KEPT)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    account.cloudformation.deploy(SERVING, MORE.serving())
    account.cloudformation.cancel_at = None
    account.lifecycle.pass_time(timedelta(hours=2))
    assert account.deploy(KEPT.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert names(account) == [KEPT.serving_name]


def test_what_cloudformation_deletes_by_name_is_no_longer_kept_also_if_that_fails(account: WiredAccount) -> None:
    only_replaced = KEPT.but(kept=frozenset({"UpdateReplacePolicy"}))
    account.deploy(only_replaced)
    fault = ApiFault("DeleteProvisionedModelThroughput", "AccessDeniedException", times=100)
    account.lifecycle.simulated.faults.add(fault)
    assert account.deploy(ON_DEMAND) == "UPDATE_COMPLETE"
    account.lifecycle.simulated.faults.clear()
    assert account.deploy(ON_DEMAND.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert names(account) == [ON_DEMAND.serving_name]


# What takes the place of another, and is itself replaced or removed by the next deployment.

SUCCESSORS: Final = [ON_DEMAND, MORE.but(model_units=3)]
TAGGED: Final = {"team": "another"}


@pytest.mark.parametrize("successor", SUCCESSORS, ids=["another way", "replaced"])
def test_a_successor_stays_when_the_very_next_deployment_takes_it_away(
    replaced: WiredAccount, successor: Wanted
) -> None:
    for wanted in (successor, successor.but(tags=TAGGED)):
        assert replaced.deploy(wanted) == "UPDATE_COMPLETE"
    assert names(replaced) == sorted((*BOTH, successor.serving_name))


@pytest.mark.parametrize("successor", SUCCESSORS, ids=["another way", "as before"])
def test_a_successor_that_was_removed_stays_when_something_serves_again(
    replaced: WiredAccount, successor: Wanted
) -> None:
    assert serving_nothing(replaced) == "UPDATE_COMPLETE"
    replaced.lifecycle.pass_time(timedelta(days=100))
    for wanted in (successor, successor.but(tags=TAGGED)):
        assert replaced.deploy(wanted) == "UPDATE_COMPLETE"
    assert names(replaced) == sorted((*BOTH, successor.serving_name))


@pytest.mark.parametrize("carries_new", [True, False])
@pytest.mark.parametrize("successor", SUCCESSORS, ids=["another way", "as before"])
def test_a_successor_that_was_taken_back_and_not_deleted_does_not_stay(
    *, carries_new: bool, successor: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = WiredAccount(QUICK, NOVA_REGION, variant=Variant(rollback_carries_new_id=carries_new))
    account.deploy(KEPT)
    fault = ApiFault("DeleteProvisionedModelThroughput", "AccessDeniedException", times=100)
    account.lifecycle.simulated.faults.add(fault)
    refused = Resource(contract.CUSTOM_MODEL_DEPLOYMENT, {"Name": "refused at the door"})
    deliver = account.lifecycle.deliver
    with monkeypatch.context() as patch:
        # The delete of the clean-up gets lost besides.
        patch.setattr(
            account.lifecycle, "deliver", lambda event, **its: event["RequestType"] == "Delete" or deliver(event, **its)
        )
        account.cloudformation.deploy(SERVING, {**MORE.serving(), "Later": refused})
    assert names(account) == BOTH
    account.lifecycle.simulated.faults.clear()
    stack = account.cloudformation.stack(SERVING)
    assert stack
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        # As `continue-update-rollback` does that skips it: no further request comes.
        stack.unfinished, stack.statuses[-1:] = [], ["UPDATE_ROLLBACK_COMPLETE"]
    serving_nothing(account)
    for wanted in (successor, successor.but(tags=TAGGED)):
        assert account.deploy(wanted) == "UPDATE_COMPLETE"
    assert names(account) == sorted((KEPT.serving_name, successor.serving_name))


def test_nothing_is_left_to_be_done_for_a_successor(replaced: WiredAccount) -> None:
    changes = len(replaced.changes())
    assert replaced.deploy(MORE.but(keep_models=50)) == "UPDATE_COMPLETE"
    assert replaced.changes()[changes:] == []
