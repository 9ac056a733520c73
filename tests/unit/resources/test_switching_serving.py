"""From the token to the hour and back: what serves is there before what served goes."""

from datetime import timedelta
from typing import Any

import pytest

from bedrock_lifecycle import contract
from sandbox.bedrock import ApiFault, DeploymentFault, ThroughputFault
from tests.lifecycle.invariants import violations
from tests.lifecycle.watch import Watch
from tests.support.cloudformation import Resource
from tests.support.environment import NOVA_REGION, SERVING, Wanted
from tests.support.messages import says
from tests.support.wired import QUICK, WiredAccount
from tests.unit.resources.serving_ways import ON_DEMAND as DEPLOYED
from tests.unit.resources.serving_ways import stack_arn

RESOURCE = "ServedModel"
ON_DEMAND = DEPLOYED.wanted.but(served_model=RESOURCE)
BOUGHT = ON_DEMAND.but(on_demand=False, model_units=1)
COMMITTED = BOUGHT.but(commitment_duration="OneMonth")
BOTH_WAYS = pytest.mark.parametrize(
    ("before", "after"), [(BOUGHT, ON_DEMAND), (ON_DEMAND, BOUGHT)], ids=["to on demand", "to throughput"]
)


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK, NOVA_REGION)


@BOTH_WAYS
def test_what_serves_next_is_in_service_before_what_served_is_deleted(
    account: WiredAccount, before: Wanted, after: Wanted
) -> None:
    account.deploy(before)
    watch = Watch(account)
    states: list[set[str]] = []
    events: Any = account.lifecycle.client.meta.events
    for operation in ("DeleteProvisionedModelThroughput", "DeleteCustomModelDeployment"):
        events.register(f"before-call.bedrock.{operation}", lambda **_: states.append(set(in_service(account))))
    assert account.deploy(after) == "UPDATE_COMPLETE"
    assert states == [{before.serving_name, after.serving_name}]
    assert watch.gaps == []
    assert account.serving_names() == [after.serving_name]
    assert account.served_model(after) == ON_DEMAND.training_name
    assert account.changes().count("CreateModelCustomizationJob") == 1
    assert violations(account, [before, after]) == []


def in_service(account: WiredAccount) -> list[str]:
    region = next(iter(account.lifecycle.simulated._simulation.regions.values()))
    return [one.name for one in region.serving() if one.status in ("InService", "Active")]


@BOTH_WAYS
def test_there_and_back_again_takes_one_deploy_each(account: WiredAccount, before: Wanted, after: Wanted) -> None:
    watch = Watch(account)
    for wanted in (before, after, before):
        assert account.deploy(wanted).endswith("E_COMPLETE")
        assert account.serving_names() == [wanted.serving_name]
    assert watch.gaps == []
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert account.serving_names() == []


@BOTH_WAYS
@pytest.mark.parametrize("outcome", ["failed", "stuck"])
def test_a_switch_that_fails_is_rolled_back_with_the_old_one_serving(
    account: WiredAccount, before: Wanted, after: Wanted, outcome: Any
) -> None:
    account.deploy(before)
    watch = Watch(account)
    broken = (DeploymentFault if after.on_demand else ThroughputFault)(outcome, message="no room")
    account.lifecycle.simulated.faults.add(broken)
    assert account.deploy(after) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.serving_names() == [before.serving_name]
    assert account.served_model(before) == ON_DEMAND.training_name
    assert watch.gaps == []
    assert account.deploy(after) == "UPDATE_COMPLETE"
    assert account.serving_names() == [after.serving_name]


@BOTH_WAYS
def test_a_deployment_that_fails_after_the_switch_goes_back_to_what_served(
    account: WiredAccount, before: Wanted, after: Wanted
) -> None:
    account.deploy(before)
    watch = Watch(account)
    later = {**after.serving(), "Later": Resource(contract.CUSTOM_MODEL_DEPLOYMENT, {"Name": "refused at the door"})}
    assert account.cloudformation.deploy(SERVING, later) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.serving_names() == [before.serving_name]
    assert watch.gaps == []


def test_a_throughput_inside_its_commitment_is_not_cut_off_and_nothing_is_created(account: WiredAccount) -> None:
    account.deploy(COMMITTED)
    ends = f"{account.throughput(COMMITTED)['commitmentExpirationTime']:%Y-%m-%d %H:%M} UTC"
    assert account.deploy(ON_DEMAND) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, COMMITTED.serving_name, ends, "deploy", "detach_when_committed = true")
    assert "CreateCustomModelDeployment" not in account.changes()
    assert account.serving_names() == [COMMITTED.serving_name]


def test_a_committed_throughput_that_may_be_let_go_is_left_without_a_stack(account: WiredAccount) -> None:
    account.deploy(COMMITTED)
    assert account.deploy(COMMITTED.but(detach_when_committed=True)) == "UPDATE_COMPLETE"
    assert account.deploy(ON_DEMAND) == "UPDATE_COMPLETE"
    assert sorted(account.serving_names()) == sorted([COMMITTED.serving_name, ON_DEMAND.serving_name])
    left = account.tags(account.throughput(COMMITTED)["provisionedModelArn"])
    assert contract.TAG_OWNER not in left
    assert left[contract.TAG_RESOURCE] == RESOURCE


def test_a_throughput_that_may_no_longer_be_let_go_is_told_so_by_its_tags(account: WiredAccount) -> None:
    account.deploy(COMMITTED.but(detach_when_committed=True))
    assert contract.TAG_DETACH in account.tags(account.throughput(COMMITTED)["provisionedModelArn"])
    account.deploy(COMMITTED)
    assert contract.TAG_DETACH not in account.tags(account.throughput(COMMITTED)["provisionedModelArn"])
    assert account.deploy(ON_DEMAND) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.serving_names() == [COMMITTED.serving_name]


def test_the_committed_throughput_of_another_resource_is_nobody_s_business(account: WiredAccount) -> None:
    account.deploy(BOUGHT)
    account.bedrock.create_provisioned_model_throughput(
        provisionedModelName="of-another",
        modelId=ON_DEMAND.training_name,
        modelUnits=1,
        commitmentDuration="OneMonth",
        tags=tags_of("Other"),
    )
    account.lifecycle.clock.advance(timedelta(minutes=5))
    assert account.deploy(ON_DEMAND) == "UPDATE_COMPLETE"
    assert sorted(account.serving_names()) == sorted(["of-another", ON_DEMAND.serving_name])


def test_what_another_team_has_bought_without_a_commitment_is_not_even_looked_at(account: WiredAccount) -> None:
    arn = bought_by_hand(account, "of-another")
    assert account.serve(ON_DEMAND) == "CREATE_COMPLETE"
    assert {"resourceARN": arn} not in account.requests("ListTagsForResource")


@pytest.mark.parametrize("wanted", [BOUGHT, ON_DEMAND], ids=["a throughput", "a deployment"])
def test_what_looks_like_ours_and_hides_its_tags_stays_and_is_told(account: WiredAccount, wanted: Wanted) -> None:
    theirs = f"{contract.name_prefix(wanted.name, wanted.environment)}of-another"
    arn = bought_by_hand(account, theirs)
    account.lifecycle.simulated.faults.add(
        ApiFault("ListTagsForResource", "AccessDeniedException", times=0, resource=arn)
    )
    assert account.serve(wanted) == "CREATE_COMPLETE"
    assert theirs in account.serving_names()
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.serving_names() == [theirs]
    (answer,) = account.lifecycle.answers[account.cloudformation.events[-1]["RequestId"]]
    assert says(answer["Reason"], theirs)


def bought_by_hand(account: WiredAccount, name: str) -> str:
    """Have somebody else buy a throughput for the model that is trained; return its ARN."""
    account.train(ON_DEMAND)
    bought = account.bedrock.create_provisioned_model_throughput(
        provisionedModelName=name, modelId=ON_DEMAND.training_name, modelUnits=1
    )
    account.lifecycle.clock.advance(timedelta(minutes=5))
    return str(bought["provisionedModelArn"])


def tags_of(resource: str) -> Any:
    tags = {contract.TAG_OWNER: stack_arn(ON_DEMAND, SERVING), contract.TAG_RESOURCE: resource}
    return [{"key": key, "value": value} for key, value in tags.items()]


def cleanup_fails(account: WiredAccount, before: Wanted, after: Wanted) -> None:
    """Switch, with a clean-up delete that is denied for good: CloudFormation only logs it."""
    account.deploy(before)
    operation = "DeleteCustomModelDeployment" if before.on_demand else "DeleteProvisionedModelThroughput"
    account.lifecycle.simulated.faults.add(ApiFault(operation, "AccessDeniedException", times=100))
    assert account.deploy(after) == "UPDATE_COMPLETE"
    assert sorted(account.serving_names()) == sorted([before.serving_name, after.serving_name])
    account.lifecycle.simulated.faults.clear()


@BOTH_WAYS
def test_what_a_failed_clean_up_left_goes_with_the_next_update(
    account: WiredAccount, before: Wanted, after: Wanted
) -> None:
    cleanup_fails(account, before, after)
    assert account.deploy(after.but(tags={"team": "another"})) == "UPDATE_COMPLETE"
    assert account.serving_names() == [after.serving_name]


@BOTH_WAYS
def test_what_a_failed_clean_up_left_goes_with_the_whole_stack(
    account: WiredAccount, before: Wanted, after: Wanted
) -> None:
    cleanup_fails(account, before, after)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.serving_names() == []


@BOTH_WAYS
def test_what_a_failed_clean_up_left_is_taken_up_again_by_switching_back(
    account: WiredAccount, before: Wanted, after: Wanted
) -> None:
    cleanup_fails(account, before, after)
    account.lifecycle.simulated.faults.add(ApiFault("CreateProvisionedModelThroughput", "AccessDeniedException"))
    account.lifecycle.simulated.faults.add(ApiFault("CreateCustomModelDeployment", "AccessDeniedException"))
    assert account.deploy(before) == "UPDATE_COMPLETE"
    assert account.serving_names() == [before.serving_name]


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnknownOperationException"])
def test_who_buys_throughput_needs_no_right_to_look_for_deployments(account: WiredAccount, code: str) -> None:
    account.lifecycle.simulated.faults.add(ApiFault("ListCustomModelDeployments", code, times=1000))
    assert account.deploy(BOUGHT) == "CREATE_COMPLETE"
    assert account.deploy(BOUGHT.but(tags={"team": "other"})) == "UPDATE_COMPLETE"
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert account.serving_names() == []


@pytest.mark.parametrize("wanted", [BOUGHT, ON_DEMAND], ids=["a throughput", "a deployment"])
def test_what_is_known_to_serve_is_deleted_also_when_nothing_else_can_be_looked_for(
    account: WiredAccount, wanted: Wanted
) -> None:
    account.deploy(wanted)
    for operation in ("ListProvisionedModelThroughputs", "ListCustomModelDeployments"):
        account.lifecycle.simulated.faults.add(ApiFault(operation, "AccessDeniedException", times=1000))
    assert account.destroy()[0] == "DELETE_FAILED"
    assert account.serving_names() == []
    account.lifecycle.simulated.faults.clear()
    assert account.destroy() == ["DELETE_COMPLETE"]


def test_a_deployment_is_not_deleted_in_silence_while_a_throughput_may_bill_unseen(account: WiredAccount) -> None:
    account.deploy(ON_DEMAND)
    account.lifecycle.simulated.faults.add(
        ApiFault("ListProvisionedModelThroughputs", "AccessDeniedException", times=1000)
    )
    assert account.destroy()[0] == "DELETE_FAILED"
    assert "AccessDenied" in account.cloudformation.reasons[-1]
