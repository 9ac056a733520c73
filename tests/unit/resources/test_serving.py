"""What serves a model, in either way: made once, moved in place, deleted only when it is ours."""

from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock.lasting_faults import DeletionFault
from tests.support.cloudformation import Resource
from tests.support.environment import SERVING, Wanted
from tests.support.messages import says
from tests.support.wired import hide_tags, show_tags
from tests.unit.resources.serving_ways import (
    ON_DEMAND,
    THROUGHPUT,
    ServingAccount,
    Way,
    epochs,
    stack_arn,
)


@pytest.fixture(params=[THROUGHPUT, ON_DEMAND], ids=["throughput", "on demand"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def account(way: Way) -> ServingAccount:
    return ServingAccount(way)


@pytest.fixture
def wanted(way: Way) -> Wanted:
    return way.wanted


def test_a_name_that_was_used_before_is_asked_for_under_another_token(account: ServingAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    account.destroy()
    account.deploy(wanted)
    requests = account.requests(f"Create{account.way.api}")
    assert len({request[account.way.name_key] for request in requests}) == 1
    assert len({request["clientRequestToken"] for request in requests}) == 2
    assert account.names() == [wanted.serving_name]


def test_going_back_trains_nothing_and_moves_in_place(account: ServingAccount, wanted: Wanted) -> None:
    for each in (wanted, epochs(wanted, 3), wanted):
        account.deploy(each)
    assert account.changes().count("CreateModelCustomizationJob") == 2
    assert account.changes().count(f"Update{account.way.api}") == 2
    assert account.created() == 1
    assert account.served_model(wanted) == wanted.training_name


def test_tags_that_change_later_reach_what_serves(account: ServingAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    assert account.deploy(wanted.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"
    expected = {**account.way.tags, "cost-center": "4711"}
    del expected["team"]
    assert account.tags(account.arn(wanted)) == expected
    assert account.created() == 1


def test_destroying_leaves_nothing_that_serves_and_keeps_the_model(account: ServingAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    arn = account.arn(wanted)
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert account.names() == []
    assert account.requests(f"Delete{account.way.api}") == [{account.way.identifier_key: arn}]
    assert account.models() == [wanted.training_name]


def test_what_lost_the_tag_that_the_policies_name_gets_it_back_before_it_is_moved_or_deleted(
    account: ServingAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    arn = account.arn(wanted)
    for change in (lambda: account.deploy(epochs(wanted, 1)), account.destroy):
        account.bedrock.untag_resource(resourceARN=arn, tagKeys=[contract.TAG_FOUNDATION])
        account.asked.clear()
        change()
        of_it = [name for name in account.changes() if name == "TagResource" or name.endswith(account.way.api)]
        assert of_it[0] == "TagResource"
        assert of_it[1] in (f"Update{account.way.api}", f"Delete{account.way.api}")
        assert account.requests("TagResource")[0] == {
            "resourceARN": arn,
            "tags": [{"key": contract.TAG_FOUNDATION, "value": account.lifecycle.foundation}],
        }
    assert account.names() == []


def test_nothing_is_made_while_the_training_runs(account: ServingAccount, wanted: Wanted) -> None:
    account.train(wanted.but(rungs=0))
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.training_name, "0 min", "deploy")
    assert account.created() == 0


@pytest.mark.parametrize("of_another", [False, True])
def test_what_somebody_else_made_is_refused_and_left_as_it_is(
    account: ServingAccount, wanted: Wanted, of_another: bool
) -> None:
    tags = {contract.TAG_OWNER: stack_arn(wanted, "other")} if of_another else {"team": "theirs"}
    account.train(wanted)
    arn = account.make_by_hand(wanted.serving_name, tags)
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.serving_name, "name")
    assert account.tags(arn) == tags


@pytest.mark.parametrize(("outcome", "reason"), [("failed", "no room"), ("stuck", "52 min")])
def test_what_comes_to_nothing_is_deleted_before_it_is_answered(
    account: ServingAccount, wanted: Wanted, outcome: Any, reason: str
) -> None:
    account.train(wanted)
    account.lifecycle.simulated.faults.add(account.way.fault(outcome, message="no room"))
    left: list[list[str]] = []

    def look() -> None:
        if account.cloudformation.events[-1]["RequestId"] in account.lifecycle.answers:
            left.append(account.names())

    account.cloudformation.watch = look
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.serving_name, reason)
    assert left[0] == []


def test_a_delete_with_an_id_that_cloudformation_made_up_finds_what_is_ours(
    account: ServingAccount, wanted: Wanted
) -> None:
    account.train(wanted)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=30)
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert account.created() == 1
    assert account.names() == []


def test_what_an_interrupted_update_left_goes_with_the_whole_stack(account: ServingAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    account.make_by_hand("faq-prod-left-over", account.way.tags)
    account.make_by_hand("of-another", {**account.way.tags, contract.TAG_RESOURCE: "Other"})
    account.cloudformation.delete(SERVING)
    assert account.names() == ["of-another"]


def test_models_beyond_the_newest_are_retired_once_the_new_one_serves(account: ServingAccount, wanted: Wanted) -> None:
    for count in (1, 2, 3, 4):
        account.deploy(epochs(wanted, count, keep_models=2))
    assert account.models() == sorted(epochs(wanted, count).training_name for count in (3, 4))
    assert account.served_model(wanted) == epochs(wanted, 4).training_name
    deleted = account.changes().index("DeleteCustomModel")
    assert account.changes()[:deleted].count(f"Update{account.way.api}") == 2


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_made_for_a_stack_that_no_longer_waits(account: ServingAccount, wanted: Wanted, kind: str) -> None:
    account.train(wanted)
    turns = account.turns()
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(account.event(RequestType=kind, PhysicalResourceId="any"))
    assert turns.turn(state)["next"] == "wait"
    turns.pass_time(timedelta(minutes=2))
    assert says(turns.turn(state)["reason"], "ROLLBACK_IN_PROGRESS")
    assert account.names() == []


def test_a_delete_that_comes_late_ends_nothing_that_serves_again(account: ServingAccount, wanted: Wanted) -> None:
    account.deploy(wanted)
    turns = account.turns()
    turns.stacks.now_is = "UPDATE_COMPLETE"
    known = f"{account.way.physical_id_kind}/v1/{wanted.serving_name}"
    state = turns.taken_up(account.event(RequestType="Delete", PhysicalResourceId=known))
    turns.turn(state)
    turns.pass_time(timedelta(minutes=2))
    assert turns.turn(state)["status"] == "FAILED"
    assert account.names() == [wanted.serving_name]


def test_a_delete_right_after_the_create_forgets_nothing_whose_tags_are_not_seen(
    account: ServingAccount, wanted: Wanted
) -> None:
    account.train(wanted)
    turns = account.turns()
    turns.turn(turns.taken_up(account.event()))
    hide_tags(account)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(account.event(RequestType="Delete", RequestId="delete", PhysicalResourceId="made-up"))
    assert says(turns.turn(state)["detail"], "tag", wanted.serving_name)
    show_tags(account)
    turns.turn(state)
    assert turns.turn(state)["status"] == "SUCCESS"
    assert account.names() == []


def test_a_construct_id_that_changes_is_refused_and_what_serves_goes_on_serving(
    account: ServingAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    arn = account.arn(wanted)
    renamed = {"Renamed": wanted.serving()[account.way.construct_id]}
    assert account.cloudformation.deploy(SERVING, renamed) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.serving_name, account.way.construct_id, "construct")
    assert account.arn(wanted) == arn
    assert account.found(wanted)["status"] in ("InService", "Active")
    assert account.tags(arn) == account.way.tags
    assert f"Delete{account.way.api}" not in account.changes()


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException"])
def test_a_move_that_is_under_way_already_is_waited_for(account: ServingAccount, wanted: Wanted, code: str) -> None:
    account.deploy(wanted)
    account.fault("Update", code, when="after")
    assert account.deploy(epochs(wanted, 3)) == "UPDATE_COMPLETE"
    assert account.served_model(wanted) == epochs(wanted, 3).training_name


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException", "ServiceQuotaExceededException"])
def test_a_move_that_is_refused_for_good_fails_in_the_service_s_words(
    account: ServingAccount, wanted: Wanted, code: str
) -> None:
    account.deploy(wanted)
    account.fault("Update", code, message="no")
    assert account.deploy(epochs(wanted, 3)) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reason == f"{code}: no"
    assert account.served_model(wanted) == wanted.training_name


def test_a_rollback_to_a_model_that_is_gone_leaves_what_serves(account: ServingAccount, wanted: Wanted) -> None:
    after = epochs(wanted, 3)
    account.deploy(wanted)
    account.train(after)
    watched = iter([None])

    def lose_the_model_before() -> None:
        moved = account.found(wanted)["modelArn"] == account.job(after)["outputModelArn"]
        if moved and next(watched, ...) is None:
            account.bedrock.delete_custom_model(modelIdentifier=wanted.training_name)

    account.cloudformation.watch = lose_the_model_before
    refused = Resource(account.way.resource_type, {"Name": "refused at the front door"})
    assert account.cloudformation.deploy(SERVING, {**after.serving(), "Later": refused}) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.models() == [after.training_name]
    assert account.served_model(wanted) == after.training_name


@pytest.mark.parametrize("code", ["ConflictException", "ResourceNotFoundException", "ThrottlingException"])
def test_what_cannot_be_deleted_just_now_is_looked_at_again(account: ServingAccount, wanted: Wanted, code: str) -> None:
    account.deploy(wanted)
    account.fault("Delete", code)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.names() == []


def test_what_is_refused_while_it_is_being_created_is_deleted_later(account: ServingAccount, wanted: Wanted) -> None:
    account.train(wanted)
    account.fault("Delete", "ValidationException", times=3)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert account.names() == []


@pytest.mark.parametrize("shown_as", ["", "Deleting"])
def test_what_is_shown_after_its_deletion_and_may_not_be_touched_is_waited_for(
    account: ServingAccount, wanted: Wanted, shown_as: Any
) -> None:
    account.deploy(wanted)
    account.lifecycle.simulated.faults.add(DeletionFault(120, shown_as, "ValidationException"))
    begun = account.lifecycle.now
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.lifecycle.now - begun >= timedelta(seconds=120)
    assert account.names() == []


def test_what_may_not_be_deleted_fails_the_delete_in_the_service_s_words(
    account: ServingAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    account.fault("Delete", "AccessDeniedException", message="no", times=1000)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert account.cloudformation.reasons[-1].startswith("AccessDeniedException: no")
