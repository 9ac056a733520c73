"""A throughput through real clients: bought once, moved in place, deleted only when it is ours."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources import retirement
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.provisioned_throughput import ProvisionedThroughput
from bedrock_lifecycle.resources.retirement import Retirement
from sandbox.bedrock import ApiFault, Quotas, Settings, ThroughputFault
from tests.support.cloudformation import Resource, Template
from tests.support.environment import SERVING, Wanted
from tests.support.events import any_event, any_request, throughput_properties
from tests.support.messages import says
from tests.support.turns import Turns
from tests.support.wired import QUICK, SERVING_OWNER, STACK_ARNS, TRAINING_OWNER, WANTED, WiredAccount

OTHER_EPOCHS = WANTED.but(hyper_parameters={"epochCount": "3"})
TAGS = {
    "team": "any",
    contract.TAG_OWNER: SERVING_OWNER,
    contract.TAG_ENVIRONMENT: "prod",
    contract.TAG_RESOURCE: "Purchase",
}


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK)


def buy_by_hand(account: WiredAccount, wanted: Wanted, tags: dict[str, str], **changes: Any) -> None:
    request: dict[str, Any] = {
        "provisionedModelName": wanted.throughput_name,
        "modelId": wanted.training_name,
        "modelUnits": 1,
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }
    account.bedrock.create_provisioned_model_throughput(**(request | changes))


def names(account: WiredAccount) -> list[str]:
    return sorted(each["provisionedModelName"] for each in account.throughputs())


def test_a_throughput_is_asked_for_in_exactly_these_words(account: WiredAccount) -> None:
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateProvisionedModelThroughput")
    assert len(request.pop("clientRequestToken")) == 64
    assert request == {
        "provisionedModelName": WANTED.throughput_name,
        "modelId": account.job(WANTED)["outputModelArn"],
        "modelUnits": 1,
        "tags": [{"key": key, "value": value} for key, value in sorted(TAGS.items())],
    }


def test_a_commitment_is_asked_for_only_when_the_settings_say_so(account: WiredAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    (request,) = account.requests("CreateProvisionedModelThroughput")
    assert request["commitmentDuration"] == "OneMonth"


def test_the_attributes_name_the_throughput_and_what_it_serves(account: WiredAccount) -> None:
    account.deploy(WANTED)
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    assert stack.resources["Purchase"].attributes == {
        "ProvisionedModelArn": account.throughput(WANTED)["provisionedModelArn"],
        "ProvisionedModelName": WANTED.throughput_name,
        "ModelArn": account.job(WANTED)["outputModelArn"],
    }
    assert account.throughput(WANTED)["status"] == "InService"


def test_a_name_that_was_used_before_is_bought_under_another_token(account: WiredAccount) -> None:
    account.deploy(WANTED)
    account.destroy()
    account.deploy(WANTED)
    requests = account.requests("CreateProvisionedModelThroughput")
    assert len({request["provisionedModelName"] for request in requests}) == 1
    assert len({request["clientRequestToken"] for request in requests}) == 2
    assert names(account) == [WANTED.throughput_name]


def test_another_model_of_the_same_base_is_moved_to_in_place(account: WiredAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    wanted_model = account.job(OTHER_EPOCHS)["outputModelArn"]
    assert account.requests("UpdateProvisionedModelThroughput") == [
        {"provisionedModelId": WANTED.throughput_name, "desiredModelId": wanted_model}
    ]
    served = account.throughput(OTHER_EPOCHS)
    assert (served["provisionedModelArn"], served["modelArn"], served["status"]) == (arn, wanted_model, "InService")


def test_going_back_trains_nothing(account: WiredAccount) -> None:
    for wanted in (WANTED, OTHER_EPOCHS, WANTED):
        account.deploy(wanted)
    assert account.changes().count("CreateModelCustomizationJob") == 2
    assert account.served_model(WANTED) == WANTED.training_name


def test_tags_that_change_later_reach_the_throughput(account: WiredAccount) -> None:
    account.deploy(WANTED)
    assert account.deploy(WANTED.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"
    expected = {**TAGS, "cost-center": "4711"}
    del expected["team"]
    assert account.tags(account.throughput(WANTED)["provisionedModelArn"]) == expected
    assert account.changes().count("CreateProvisionedModelThroughput") == 1


def test_destroying_leaves_nothing_that_bills_by_the_hour(account: WiredAccount) -> None:
    account.deploy(WANTED)
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert names(account) == []
    assert account.requests("DeleteProvisionedModelThroughput") == [{"provisionedModelId": WANTED.throughput_name}]
    assert account.models() == [WANTED.training_name]


def test_more_units_are_bought_before_the_old_ones_go(account: WiredAccount) -> None:
    account.deploy(WANTED)
    more = WANTED.but(model_units=2)
    assert account.deploy(more) == "UPDATE_COMPLETE"
    assert names(account) == [more.throughput_name]
    assert account.changes()[-2:] == ["CreateProvisionedModelThroughput", "DeleteProvisionedModelThroughput"]


def test_a_quota_that_does_not_suffice_is_told_before_the_training_and_nothing_is_created() -> None:
    account = WiredAccount(Settings(durations=QUICK.durations, quotas=Quotas(custom_model_units=0)))
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert "quota L-BE77399C" in account.reason
    assert account.changes() == []


def test_a_quota_that_is_lowered_after_the_training_is_told_and_nothing_is_bought(account: WiredAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 0}})
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "L-BE77399C")
    assert account.changes() == ["CreateModelCustomizationJob"]


def test_a_quota_that_the_template_does_not_name_is_left_to_the_service_and_its_words(account: WiredAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 0}})
    purchase = WANTED.serving()["Purchase"]
    old = {name: value for name, value in purchase.properties.items() if name != "Quotas"}
    status = account.cloudformation.deploy(SERVING, {"Purchase": Resource(purchase.type, old)})
    assert status == "ROLLBACK_COMPLETE"
    assert account.reason == (
        "ServiceQuotaExceededException: 1 model units were requested and 0 are in use, the quota is 0"
    )
    assert names(account) == []


def test_nothing_is_bought_while_the_training_runs(account: WiredAccount) -> None:
    account.train(WANTED.but(rungs=0))
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "0 min", "deploy")
    assert "CreateProvisionedModelThroughput" not in account.changes()


def test_nothing_is_bought_without_a_training(account: WiredAccount) -> None:
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "deploy", "Training")


@pytest.mark.parametrize("tags", [{"team": "theirs"}, {contract.TAG_OWNER: f"{STACK_ARNS}other"}])
def test_a_throughput_of_another_is_refused_and_left_as_it_is(account: WiredAccount, tags: dict[str, str]) -> None:
    account.train(WANTED)
    buy_by_hand(account, WANTED, tags)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.throughput_name, "name")
    assert account.tags(account.throughput(WANTED)["provisionedModelArn"]) == tags


@pytest.mark.parametrize(("outcome", "reason"), [("failed", "no capacity"), ("stuck", "52 min")])
def test_a_purchase_that_comes_to_nothing_is_taken_back_before_it_is_answered(
    account: WiredAccount, outcome: Any, reason: str
) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.faults.add(ThroughputFault(outcome, message="no capacity"))
    left: list[list[str]] = []

    def look() -> None:
        if account.cloudformation.events[-1]["RequestId"] in account.lifecycle.answers:
            left.append(names(account))

    account.cloudformation.watch = look
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.throughput_name, reason)


def test_a_throughput_inside_its_commitment_is_not_deleted_and_the_way_out_is_named(account: WiredAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    ends = f"{account.throughput(wanted)['commitmentExpirationTime']:%Y-%m-%d %H:%M} UTC"
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert says(account.cloudformation.reasons[-1], ends, "detach_when_committed = true")
    assert names(account) == [wanted.throughput_name]


def test_a_committed_throughput_that_is_detached_is_left_to_its_owner(account: WiredAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth", detach_when_committed=True)
    account.deploy(wanted)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == [wanted.throughput_name]
    assert contract.TAG_OWNER not in account.tags(account.throughput(wanted)["provisionedModelArn"])


def test_replacing_a_committed_throughput_is_refused_before_anything_is_bought(account: WiredAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    assert account.deploy(wanted.but(model_units=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.throughput_name, "UTC")
    assert names(account) == [wanted.throughput_name]


def test_a_delete_with_an_id_that_cloudformation_made_up_finds_what_is_ours(account: WiredAccount) -> None:
    account.train(WANTED)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=30)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert len(account.requests("CreateProvisionedModelThroughput")) == 1
    assert names(account) == []


def test_what_an_interrupted_update_left_goes_with_the_whole_stack(account: WiredAccount) -> None:
    account.deploy(WANTED)
    buy_by_hand(account, WANTED.but(model_units=3), TAGS)
    buy_by_hand(account, WANTED.but(model_units=4), {**TAGS, contract.TAG_RESOURCE: "Other"})
    account.cloudformation.delete(SERVING)
    assert names(account) == [WANTED.but(model_units=4).throughput_name]


def epochs(count: int, keep_models: int | None = None) -> Wanted:
    return WANTED.but(hyper_parameters={"epochCount": str(count)}, keep_models=keep_models)


def test_models_beyond_the_newest_are_retired_once_the_new_one_serves(account: WiredAccount) -> None:
    for count in (1, 2, 3, 4):
        account.deploy(epochs(count, keep_models=2))
    assert account.models() == sorted(epochs(count).training_name for count in (3, 4))
    assert account.served_model(WANTED) == epochs(4).training_name
    deleted, swaps = account.changes().index("DeleteCustomModel"), "UpdateProvisionedModelThroughput"
    assert account.changes()[:deleted].count(swaps) == 2


def test_models_are_retired_in_the_very_deployment_that_says_how_many_are_kept(account: WiredAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(count))
    assert account.serve(epochs(3, keep_models=1)) == "UPDATE_COMPLETE"
    assert account.models() == [epochs(3).training_name]


def test_no_model_is_retired_unless_the_settings_say_how_many_are_kept(account: WiredAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(count))
    assert len(account.models()) == 3


def keep_by_another(account: WiredAccount) -> None:
    arn = account.job(epochs(1))["outputModelArn"]
    account.bedrock.tag_resource(
        resourceARN=arn, tags=[{"key": contract.TAG_OWNER, "value": f"{TRAINING_OWNER}-of-another"}]
    )


def keep_serving(account: WiredAccount) -> None:
    buy_by_hand(account, epochs(1), {}, provisionedModelName="by-hand")


@pytest.mark.parametrize("keep", [keep_by_another, keep_serving])
def test_a_model_of_another_or_one_that_serves_is_never_retired(
    account: WiredAccount, keep: Callable[[WiredAccount], None]
) -> None:
    account.deploy(epochs(1, keep_models=1))
    account.lifecycle.clock.advance(timedelta(hours=1))
    keep(account)
    for count in (2, 3, 4):
        account.deploy(epochs(count, keep_models=1))
    assert account.models() == sorted(epochs(count).training_name for count in (1, 3, 4))


def test_a_retired_model_s_training_asks_for_another_attempt_before_anything_happens(account: WiredAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(count, keep_models=1))
    assert account.deploy(epochs(1, keep_models=1)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, epochs(1).training_name, "attempt")
    assert account.served_model(WANTED) == epochs(3).training_name


def test_the_model_of_the_deployment_before_is_kept_until_the_next_one(account: WiredAccount) -> None:
    for count in (1, 2):
        account.deploy(epochs(count, keep_models=1))
    assert account.models() == sorted(epochs(count).training_name for count in (1, 2))
    account.serve(epochs(2, keep_models=1).but(detach_when_committed=True))
    assert account.models() == [epochs(2).training_name]


def test_what_served_before_is_still_there_for_a_rollback_that_comes_after_the_swap(account: WiredAccount) -> None:
    account.deploy(epochs(1, keep_models=1))
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    account.train(epochs(2))
    serving = {
        **epochs(2, keep_models=1).serving(),
        "Later": Resource(contract.PROVISIONED_THROUGHPUT, {"Name": "refused at the front door"}),
    }
    assert account.cloudformation.deploy(SERVING, serving) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.changes().count("UpdateProvisionedModelThroughput") == 2
    assert account.served_model(WANTED) == epochs(1).training_name
    assert account.models() == sorted(epochs(count).training_name for count in (1, 2))


@pytest.mark.parametrize("tag", [contract.TAG_OWNER, contract.TAG_ENVIRONMENT])
def test_a_model_without_our_owner_and_environment_is_never_retired(account: WiredAccount, tag: str) -> None:
    account.deploy(epochs(1, keep_models=1))
    account.bedrock.untag_resource(resourceARN=account.job(epochs(1))["outputModelArn"], tagKeys=[tag])
    for count in (2, 3, 4):
        account.deploy(epochs(count, keep_models=1))
    assert account.models() == sorted(epochs(count).training_name for count in (1, 3, 4))


@pytest.mark.parametrize(
    ("operation", "seconds", "retired"),
    [("DeleteCustomModel", 8, 1), ("DeleteCustomModel", 4, 2), ("DeleteCustomModel", 1, 3), ("ListCustomModels", 8, 0)],
)
def test_retiring_stops_in_time_for_the_answer_and_goes_on_with_the_next_update(
    account: WiredAccount, monkeypatch: pytest.MonkeyPatch, operation: str, seconds: int, retired: int
) -> None:
    for count in (1, 2, 3, 4):
        account.deploy(epochs(count))
    passed = 0.0

    def take_time(**_: object) -> None:
        nonlocal passed
        passed += seconds

    events: Any = account.lifecycle.client.meta.events
    events.register(f"after-call.bedrock.{operation}", take_time)
    monkeypatch.setattr(retirement, "time", SimpleNamespace(monotonic=lambda: passed))
    assert account.serve(epochs(4, keep_models=1)) == "UPDATE_COMPLETE"
    assert len(account.models()) == 4 - retired
    events.unregister(f"after-call.bedrock.{operation}", take_time)
    assert account.serve(epochs(4, keep_models=1).but(detach_when_committed=True)) == "UPDATE_COMPLETE"
    assert account.models() == [epochs(4).training_name]


@pytest.mark.parametrize("operation", ["ListCustomModels", "ListProvisionedModelThroughputs", "ListTagsForResource"])
def test_nothing_that_goes_wrong_while_retiring_fails_the_deployment(account: WiredAccount, operation: str) -> None:
    account.deploy(epochs(1, keep_models=1))
    request = any_request(
        ResourceType=contract.PROVISIONED_THROUGHPUT,
        ResourceProperties=throughput_properties(KeepModels="1", ModelOwner=TRAINING_OWNER),
    )
    account.lifecycle.simulated.faults.add(ApiFault(operation, "AccessDeniedException", times=100))
    Retirement(Bedrock(account.lifecycle.client)).retire(request)
    account.lifecycle.simulated.faults.clear()
    assert account.models() == [epochs(1).training_name]


@pytest.mark.parametrize("changes", [{"KeepModels": "many"}, {"ModelOwner": ""}, {"Name": ""}])
def test_properties_that_retirement_cannot_read_fail_nothing_and_retire_nothing(
    account: WiredAccount, changes: dict[str, str]
) -> None:
    account.deploy(epochs(1))
    properties = throughput_properties(KeepModels="1", ModelOwner=TRAINING_OWNER) | changes
    request = any_request(ResourceType=contract.PROVISIONED_THROUGHPUT, ResourceProperties=properties)
    Retirement(Bedrock(account.lifecycle.client)).retire(request)
    assert account.models() == [epochs(1).training_name]


def test_a_model_that_cannot_be_retired_does_not_fail_the_deployment_and_is_retired_with_the_next(
    account: WiredAccount,
) -> None:
    account.deploy(epochs(1, keep_models=1))
    account.deploy(epochs(2, keep_models=1))
    account.lifecycle.simulated.faults.add(ApiFault("DeleteCustomModel", "ConflictException"))
    assert account.deploy(epochs(3, keep_models=1)) == "UPDATE_COMPLETE"
    assert len(account.models()) == 3
    account.deploy(epochs(4, keep_models=1))
    assert account.models() == sorted(epochs(count).training_name for count in (3, 4))


def turns_of(account: WiredAccount) -> Turns:
    return Turns(
        ProvisionedThroughput(Bedrock(account.lifecycle.client), Preflight(account.lifecycle.aws)),
        contract.PROVISIONED_THROUGHPUT,
    )


def throughput_event(**changes: Any) -> dict[str, Any]:
    properties = throughput_properties(TrainingId=WANTED.training_id, BaseModel=WANTED.base_model)
    return any_event(
        ResourceType=contract.PROVISIONED_THROUGHPUT,
        LogicalResourceId="Purchase",
        ResourceProperties=properties,
        **changes,
    )


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_bought_for_a_stack_that_no_longer_waits(account: WiredAccount, kind: str) -> None:
    account.train(WANTED)
    turns = turns_of(account)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(throughput_event(RequestType=kind, PhysicalResourceId="any"))
    assert turns.turn(state)["next"] == "wait"
    turns.pass_time(timedelta(minutes=2))
    assert says(turns.turn(state)["reason"], "ROLLBACK_IN_PROGRESS")
    assert names(account) == []


def test_a_delete_that_comes_late_ends_nothing_that_serves_again(account: WiredAccount) -> None:
    account.deploy(WANTED)
    turns = turns_of(account)
    turns.stacks.now_is = "UPDATE_COMPLETE"
    known = f"provisioned-throughput/v1/{WANTED.throughput_name}"
    state = turns.taken_up(throughput_event(RequestType="Delete", PhysicalResourceId=known))
    turns.turn(state)
    turns.pass_time(timedelta(minutes=2))
    assert turns.turn(state)["status"] == "FAILED"
    assert names(account) == [WANTED.throughput_name]


# What belongs to which resource of the stack.


def renamed(wanted: Wanted, construct_id: str = "Renamed") -> Template:
    return {construct_id: wanted.serving()["Purchase"]}


def test_a_construct_id_that_changes_is_refused_and_what_serves_goes_on_serving(account: WiredAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    assert account.cloudformation.deploy(SERVING, renamed(WANTED)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.throughput_name, "Purchase", "id")
    assert account.throughput(WANTED)["provisionedModelArn"] == arn
    assert account.throughput(WANTED)["status"] == "InService"
    assert account.tags(arn) == TAGS
    assert "DeleteProvisionedModelThroughput" not in account.changes()


def test_a_construct_id_can_change_when_the_other_was_removed_in_a_deployment_before(account: WiredAccount) -> None:
    account.deploy(WANTED)
    assert account.cloudformation.deploy(SERVING, {}) == "UPDATE_COMPLETE"
    assert account.cloudformation.deploy(SERVING, renamed(WANTED)) == "UPDATE_COMPLETE"
    arn = account.throughput(WANTED)["provisionedModelArn"]
    assert account.tags(arn) == {**TAGS, contract.TAG_RESOURCE: "Renamed"}


def test_what_another_resource_has_taken_over_is_left_untouched_by_a_delete(account: WiredAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    account.bedrock.tag_resource(resourceARN=arn, tags=[{"key": contract.TAG_RESOURCE, "value": "Other"}])
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == [WANTED.throughput_name]
    assert account.tags(arn) == {**TAGS, contract.TAG_RESOURCE: "Other"}


def test_what_an_earlier_stack_of_this_name_left_is_named_and_not_deleted_by_a_create(account: WiredAccount) -> None:
    account.train(WANTED)
    retained, of_another = WANTED.but(model_units=3), WANTED.but(model_units=4)
    buy_by_hand(account, retained, TAGS)
    buy_by_hand(account, of_another, {**TAGS, contract.TAG_RESOURCE: "Other"})
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert names(account) == sorted([retained.throughput_name, of_another.throughput_name])
    for word in (retained.throughput_name, "delete-provisioned-model-throughput", "untag-resource"):
        assert word in account.reason
    assert of_another.throughput_name not in account.reason
    account.cloudformation.delete(SERVING)
    assert account.serve(retained) == "CREATE_COMPLETE"
    assert account.changes().count("CreateProvisionedModelThroughput") == 0


# Tags that are not seen (yet).


def hide_tags(account: WiredAccount) -> None:
    events: Any = account.lifecycle.client.meta.events
    events.register("after-call.bedrock.ListTagsForResource", _without_tags, unique_id="hidden")


def show_tags(account: WiredAccount) -> None:
    events: Any = account.lifecycle.client.meta.events
    events.unregister("after-call.bedrock.ListTagsForResource", unique_id="hidden")


def _without_tags(parsed: dict[str, Any], **_: object) -> None:
    parsed["tags"] = []


def test_what_was_bought_a_moment_ago_is_waited_for_until_its_tags_are_seen(account: WiredAccount) -> None:
    account.train(WANTED)
    turns = turns_of(account)
    state = turns.taken_up(throughput_event())
    turns.turn(state)
    account.lifecycle.clock.advance(timedelta(minutes=5))
    hide_tags(account)
    assert says(turns.turn(state)["detail"], names(account)[0], "owner tag", "tag-resource")
    show_tags(account)
    assert turns.turn(state)["status"] == "SUCCESS"
    assert account.changes().count("CreateProvisionedModelThroughput") == 1


def test_a_delete_right_after_the_create_forgets_nothing_whose_tags_are_not_seen(account: WiredAccount) -> None:
    account.train(WANTED)
    turns = turns_of(account)
    turns.turn(turns.taken_up(throughput_event()))
    hide_tags(account)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(throughput_event(RequestType="Delete", RequestId="delete", PhysicalResourceId="made-up"))
    assert says(turns.turn(state)["detail"], "tag", WANTED.throughput_name)
    show_tags(account)
    turns.turn(state)
    assert turns.turn(state)["status"] == "SUCCESS"
    assert names(account) == []


def test_without_its_owner_tag_nothing_is_deleted_and_the_delete_says_so(account: WiredAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    account.bedrock.untag_resource(resourceARN=arn, tagKeys=[contract.TAG_OWNER])
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert says(account.cloudformation.reasons[-1], "52 min", "tag", WANTED.throughput_name)
    assert names(account) == [WANTED.throughput_name]


def test_tags_that_somebody_else_added_stay(account: WiredAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    account.bedrock.tag_resource(resourceARN=arn, tags=[{"key": "theirs", "value": "any"}])
    assert account.serve(WANTED.but(keep_models=100)) == "UPDATE_COMPLETE"
    assert not {"TagResource", "UntagResource"} & set(account.changes())
    assert account.serve(WANTED.but(tags={})) == "UPDATE_COMPLETE"
    expected = {**TAGS, "theirs": "any"}
    del expected["team"]
    assert account.tags(arn) == expected


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource"])
def test_tags_that_are_refused_fail_nothing(account: WiredAccount, operation: str) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault(operation, "AccessDeniedException", times=100))
    assert account.serve(WANTED.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"


# What is met again though the answer to it was lost, or cannot be done just now.


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException"])
def test_a_swap_that_is_under_way_already_is_waited_for(account: WiredAccount, code: str) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault("UpdateProvisionedModelThroughput", code, when="after"))
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException"])
def test_a_swap_that_is_refused_for_good_fails_in_the_service_s_words(account: WiredAccount, code: str) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault("UpdateProvisionedModelThroughput", code, message="no"))
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reason == f"{code}: no"
    assert account.served_model(WANTED) == WANTED.training_name


def test_a_swap_that_may_not_be_asked_for_fails_though_one_is_under_way(account: WiredAccount) -> None:
    account.deploy(WANTED)
    denied = ApiFault("UpdateProvisionedModelThroughput", "ServiceQuotaExceededException", when="after", message="no")
    account.lifecycle.simulated.faults.add(denied)
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reason == "ServiceQuotaExceededException: no"


def test_a_throughput_that_is_refused_while_it_is_being_created_is_deleted_later(account: WiredAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault("DeleteProvisionedModelThroughput", "ValidationException", times=3))
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert names(account) == []


def test_a_commitment_that_is_refused_as_a_validation_error_names_the_way_out(account: WiredAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    account.lifecycle.simulated.faults.add(ApiFault("DeleteProvisionedModelThroughput", "ValidationException", times=9))
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert "detach_when_committed = true" in account.cloudformation.reasons[-1]


@pytest.mark.parametrize(("times", "status"), [(9, "DELETE_COMPLETE"), (1000, "DELETE_FAILED")])
def test_a_validation_error_may_mean_that_it_is_going_and_is_told_when_the_time_is_up(
    account: WiredAccount, times: int, status: str
) -> None:
    account.deploy(WANTED)
    refused = ApiFault("DeleteProvisionedModelThroughput", "ValidationException", message="no", times=times)
    account.lifecycle.simulated.faults.add(refused)
    assert account.cloudformation.delete(SERVING) == status
    if status == "DELETE_FAILED":
        assert says(account.cloudformation.reasons[-1], "52 min", WANTED.throughput_name, "ValidationException: no")


# Models that are not there, or not whole.


def test_a_rollback_to_a_model_that_is_gone_leaves_what_serves(account: WiredAccount) -> None:
    account.deploy(WANTED)
    account.train(OTHER_EPOCHS)
    watched = iter([None])

    def lose_the_model_before() -> None:
        moved = account.throughput(WANTED)["modelArn"] == account.job(OTHER_EPOCHS)["outputModelArn"]
        if moved and next(watched, ...) is None:
            account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)

    account.cloudformation.watch = lose_the_model_before
    serving = {
        **OTHER_EPOCHS.serving(),
        "Later": Resource(contract.PROVISIONED_THROUGHPUT, {"Name": "refused at the front door"}),
    }
    assert account.cloudformation.deploy(SERVING, serving) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.models() == [OTHER_EPOCHS.training_name]
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name


@pytest.mark.parametrize("code", ["ConflictException", "ResourceNotFoundException", "ThrottlingException"])
def test_a_throughput_that_cannot_be_deleted_just_now_is_looked_at_again(account: WiredAccount, code: str) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault("DeleteProvisionedModelThroughput", code))
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == []


def test_a_throughput_that_may_not_be_deleted_fails_the_delete_in_the_service_s_words(account: WiredAccount) -> None:
    account.deploy(WANTED)
    denied = ApiFault("DeleteProvisionedModelThroughput", "AccessDeniedException", times=100)
    account.lifecycle.simulated.faults.add(denied)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert account.cloudformation.reasons[-1].startswith("AccessDeniedException: ")
