"""Another logical ID for what serves: two resources of a stack are about one thing, and it outlives either of them."""

from typing import Any

import pytest

from tests.lifecycle.invariants import violations
from tests.lifecycle.watch import Watch
from tests.support.environment import SERVING, Wanted
from tests.support.messages import says
from tests.support.wired import QUICK, WiredAccount
from tests.unit.resources.serving_ways import ON_DEMAND, THROUGHPUT, Way

RENAMED = "Renamed"


@pytest.fixture(params=[THROUGHPUT, ON_DEMAND], ids=["throughput", "on demand"])
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.fixture
def wanted(way: Way) -> Wanted:
    return way.wanted.but(served_model="ServedModel")


@pytest.fixture
def account(wanted: Wanted) -> WiredAccount:
    account = WiredAccount(QUICK, wanted.region)
    account.deploy(wanted)
    return account


@pytest.mark.parametrize(
    "changes", [{}, {"hyper_parameters": {"epochCount": "3"}}], ids=["nothing else", "another training"]
)
def test_another_logical_id_is_refused_and_the_old_one_serves_on(
    account: WiredAccount, way: Way, wanted: Wanted, changes: dict[str, Any]
) -> None:
    watch = Watch(account)
    renamed = wanted.but(renamed=RENAMED, **changes)
    assert account.deploy(renamed) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.serving_name, way.construct_id)
    assert account.serving_names() == [wanted.serving_name]
    assert account.served_model(wanted) == wanted.training_name
    assert watch.gaps == []
    assert account.deploy(wanted.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert violations(account, [wanted, renamed]) == []


def test_a_resource_that_fails_for_another_reason_takes_nothing_with_it(account: WiredAccount, wanted: Wanted) -> None:
    watch = Watch(account)
    assert account.serve(wanted.but(renamed=RENAMED, attempt=7)) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.serving_names() == [wanted.serving_name]
    assert watch.gaps == []


def test_of_two_resources_that_hold_one_thing_the_first_to_go_leaves_it_to_the_other(
    account: WiredAccount, way: Way, wanted: Wanted
) -> None:
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    # As a Foundation that adopted it left them.
    stack.resources[f"{way.construct_id}{RENAMED}"] = stack.resources[way.construct_id]
    both = wanted.but(renamed=RENAMED).serving()
    assert account.cloudformation.deploy(SERVING, both) == "UPDATE_COMPLETE"
    assert account.serving_names() == [wanted.serving_name]
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.serving_names() == []


def test_two_resources_that_hold_one_thing_go_with_their_stack_and_leave_nothing(
    account: WiredAccount, way: Way, wanted: Wanted
) -> None:
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    stack.resources[f"{way.construct_id}{RENAMED}"] = stack.resources[way.construct_id]
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.serving_names() == []
