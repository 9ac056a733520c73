"""What a policy of the template keeps when it is replaced or removed is no leftover: no later request deletes it."""

from datetime import timedelta
from typing import Final

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock import ApiFault
from sandbox.bedrock.faults import DeploymentFault
from tests.lifecycle.retained_scenarios import serving_nothing
from tests.support.cloudformation import RETAINED, Resource, Variant
from tests.support.environment import NOVA_REGION, SERVING, Wanted
from tests.support.messages import says
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


# What an earlier stack of this name has left, and a create with the same settings finds.

WAYS: Final = pytest.mark.parametrize("way", [BOUGHT, ON_DEMAND], ids=["bought", "on demand"])
OTHER_EPOCHS: Final = {"epochCount": "3"}


@WAYS
def test_a_create_that_is_refused_before_it_changes_anything_leaves_what_it_has_found(
    account: WiredAccount, way: Wanted
) -> None:
    account.deploy(way)
    account.cloudformation.forget(SERVING)
    other = way.but(hyper_parameters=OTHER_EPOCHS)
    made, changes = names(account), len(account.changes())
    assert account.cloudformation.deploy(SERVING, other.serving()) == "ROLLBACK_COMPLETE"
    assert says(account.reason, other.training_name, "nothing was")
    account.lifecycle.pass_time(timedelta(hours=1))
    assert names(account) == made
    assert account.changes()[changes:] == []
    account.cloudformation.delete(SERVING)
    assert account.deploy(other) == "CREATE_COMPLETE"
    assert names(account) == made
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == []


@WAYS
def test_a_create_that_may_not_look_at_all_leaves_what_was_there(account: WiredAccount, way: Wanted) -> None:
    account.deploy(way)
    account.cloudformation.forget(SERVING)
    made = names(account)
    account.lifecycle.simulated.faults.add(ApiFault("GetCustomModel", "AccessDeniedException", times=999))
    assert account.cloudformation.deploy(SERVING, way.serving()) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "AccessDeniedException")
    assert names(account) == made


@WAYS
def test_what_a_policy_has_kept_stays_when_the_create_that_finds_it_is_refused(
    account: WiredAccount, way: Wanted
) -> None:
    kept, other = way.but(kept=RETAINED), way.but(hyper_parameters=OTHER_EPOCHS)
    account.deploy(kept)
    for _ in range(2):
        assert serving_nothing(account) == "UPDATE_COMPLETE"
        assert account.cloudformation.deploy(SERVING, other.serving()) == "UPDATE_ROLLBACK_COMPLETE"
        assert names(account) == [kept.serving_name]
        assert account.deploy(kept) == "UPDATE_COMPLETE"
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"


def test_what_is_made_after_a_refused_create_has_found_another_of_its_name_goes_with_its_stack(
    account: WiredAccount,
) -> None:
    account.deploy(KEPT)
    serving_nothing(account)
    other = BOUGHT.but(hyper_parameters=OTHER_EPOCHS)
    account.cloudformation.deploy(SERVING, other.serving())
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=KEPT.serving_name)
    assert account.deploy(BOUGHT) == "UPDATE_COMPLETE"
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == []


def test_what_a_failed_delete_has_left_goes_when_the_create_that_finds_it_is_refused(account: WiredAccount) -> None:
    account.deploy(BOUGHT)
    account.lifecycle.simulated.faults.add(
        ApiFault("DeleteProvisionedModelThroughput", "AccessDeniedException", times=100)
    )
    serving_nothing(account)
    account.lifecycle.simulated.faults.clear()
    assert names(account) == [BOUGHT.serving_name]
    other = BOUGHT.but(hyper_parameters=OTHER_EPOCHS)
    assert account.cloudformation.deploy(SERVING, other.serving()) == "UPDATE_ROLLBACK_COMPLETE"
    assert names(account) == []


def test_a_create_that_has_begun_to_move_what_it_has_found_does_not_leave_it(account: WiredAccount) -> None:
    account.deploy(ON_DEMAND)
    account.cloudformation.forget(SERVING)
    account.lifecycle.simulated.faults.add(DeploymentFault("failed", on="update"))
    assert account.deploy(ON_DEMAND.but(hyper_parameters=OTHER_EPOCHS)) == "ROLLBACK_COMPLETE"
    assert names(account) == []
