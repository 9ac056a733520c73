"""A throughput through real clients: bought once, moved in place, deleted only when it is ours."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.resources import retirement
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.retirement import Retirement
from sandbox.bedrock import ApiFault, Quotas, Settings
from tests.support.cloudformation import Resource, Template
from tests.support.environment import SERVING, Wanted
from tests.support.events import any_request, throughput_properties
from tests.support.messages import says
from tests.support.wired import QUICK, TRAINING_OWNER, WANTED, WiredAccount, hide_tags, show_tags
from tests.unit.resources.serving_ways import THROUGHPUT, ServingAccount, epochs

OTHER_EPOCHS = WANTED.but(hyper_parameters={"epochCount": "3"})


@pytest.fixture
def account() -> ServingAccount:
    return ServingAccount(THROUGHPUT)


def test_a_throughput_is_asked_for_in_exactly_these_words(account: ServingAccount) -> None:
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateProvisionedModelThroughput")
    assert len(request.pop("clientRequestToken")) == 64
    assert request == {
        "provisionedModelName": WANTED.throughput_name,
        "modelId": account.job(WANTED)["outputModelArn"],
        "modelUnits": 1,
        "tags": [{"key": key, "value": value} for key, value in sorted(THROUGHPUT.tags.items())],
    }


def test_a_commitment_is_asked_for_only_when_the_settings_say_so(account: ServingAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    (request,) = account.requests("CreateProvisionedModelThroughput")
    assert request["commitmentDuration"] == "OneMonth"


def test_the_attributes_name_the_throughput_and_what_it_serves(account: ServingAccount) -> None:
    account.deploy(WANTED)
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    assert stack.resources["Purchase"].attributes == {
        "ProvisionedModelArn": account.throughput(WANTED)["provisionedModelArn"],
        "ProvisionedModelName": WANTED.throughput_name,
        "ModelArn": account.job(WANTED)["outputModelArn"],
    }
    assert account.throughput(WANTED)["status"] == "InService"


def test_another_model_of_the_same_base_is_moved_to_in_place(account: ServingAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    wanted_model = account.job(OTHER_EPOCHS)["outputModelArn"]
    assert account.requests("UpdateProvisionedModelThroughput") == [
        {"provisionedModelId": arn, "desiredModelId": wanted_model}
    ]
    served = account.throughput(OTHER_EPOCHS)
    assert (served["provisionedModelArn"], served["modelArn"], served["status"]) == (arn, wanted_model, "InService")


def test_more_units_are_bought_before_the_old_ones_go(account: ServingAccount) -> None:
    account.deploy(WANTED)
    more = WANTED.but(model_units=2)
    assert account.deploy(more) == "UPDATE_COMPLETE"
    assert account.names() == [more.throughput_name]
    assert account.changes()[-2:] == ["CreateProvisionedModelThroughput", "DeleteProvisionedModelThroughput"]


def test_a_quota_that_does_not_suffice_is_told_before_the_training_and_nothing_is_created() -> None:
    account = WiredAccount(Settings(durations=QUICK.durations, quotas=Quotas(custom_model_units=0)))
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert "quota L-BE77399C" in account.reason
    assert account.changes() == []


def test_a_quota_that_is_lowered_after_the_training_is_told_and_nothing_is_bought(account: ServingAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 0}})
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, "L-BE77399C")
    assert account.changes() == ["CreateModelCustomizationJob"]


def test_a_quota_that_the_template_does_not_name_is_left_to_the_service_and_its_words(account: ServingAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"custom_model_units": 0}})
    purchase = WANTED.serving()["Purchase"]
    old = {name: value for name, value in purchase.properties.items() if name != "Quotas"}
    status = account.cloudformation.deploy(SERVING, {"Purchase": Resource(purchase.type, old)})
    assert status == "ROLLBACK_COMPLETE"
    assert account.reason == (
        "ServiceQuotaExceededException: 1 model units were requested and 0 are in use, the quota is 0"
    )
    assert account.names() == []


def test_nothing_is_bought_without_a_training(account: ServingAccount) -> None:
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "deploy", "Training")


def test_a_throughput_inside_its_commitment_is_not_deleted_and_the_way_out_is_named(account: ServingAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    ends = f"{account.throughput(wanted)['commitmentExpirationTime']:%Y-%m-%d %H:%M} UTC"
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert says(account.cloudformation.reasons[-1], ends, "detach_when_committed = true")
    assert account.names() == [wanted.throughput_name]


def test_a_committed_throughput_that_is_detached_is_left_to_its_owner(account: ServingAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth", detach_when_committed=True)
    account.deploy(wanted)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.names() == [wanted.throughput_name]
    assert contract.TAG_OWNER not in account.tags(account.throughput(wanted)["provisionedModelArn"])


def test_replacing_a_committed_throughput_is_refused_before_anything_is_bought(account: ServingAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    assert account.deploy(wanted.but(model_units=2)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, wanted.throughput_name, "UTC")
    assert account.names() == [wanted.throughput_name]


def test_models_are_retired_in_the_very_deployment_that_says_how_many_are_kept(account: ServingAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(WANTED, count))
    assert account.serve(epochs(WANTED, 3, keep_models=1)) == "UPDATE_COMPLETE"
    assert account.models() == [epochs(WANTED, 3).training_name]


def test_no_model_is_retired_unless_the_settings_say_how_many_are_kept(account: ServingAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(WANTED, count))
    assert len(account.models()) == 3


def keep_by_another(account: ServingAccount) -> None:
    arn = account.job(epochs(WANTED, 1))["outputModelArn"]
    account.bedrock.tag_resource(
        resourceARN=arn, tags=[{"key": contract.TAG_OWNER, "value": f"{TRAINING_OWNER}-of-another"}]
    )


def keep_serving(account: ServingAccount) -> None:
    account.make_by_hand("by-hand", {}, epochs(WANTED, 1))


@pytest.mark.parametrize("keep", [keep_by_another, keep_serving])
def test_a_model_of_another_or_one_that_serves_is_never_retired(
    account: ServingAccount, keep: Callable[[ServingAccount], None]
) -> None:
    account.deploy(epochs(WANTED, 1, keep_models=1))
    account.lifecycle.clock.advance(timedelta(hours=1))
    keep(account)
    for count in (2, 3, 4):
        account.deploy(epochs(WANTED, count, keep_models=1))
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 3, 4))


def test_a_retired_model_s_training_asks_for_another_attempt_before_anything_happens(account: ServingAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(WANTED, count, keep_models=1))
    assert account.deploy(epochs(WANTED, 1, keep_models=1)) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, epochs(WANTED, 1).training_name, "attempt")
    assert account.served_model(WANTED) == epochs(WANTED, 3).training_name


def test_the_model_of_the_deployment_before_is_kept_until_the_next_one(account: ServingAccount) -> None:
    for count in (1, 2):
        account.deploy(epochs(WANTED, count, keep_models=1))
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 2))
    account.serve(epochs(WANTED, 2, keep_models=1).but(detach_when_committed=True))
    assert account.models() == [epochs(WANTED, 2).training_name]


def test_what_served_before_is_still_there_for_a_rollback_that_comes_after_the_swap(account: ServingAccount) -> None:
    account.deploy(epochs(WANTED, 1, keep_models=1))
    account.lifecycle.put(f"train/{WANTED.sha256}.jsonl", WANTED.data)
    account.train(epochs(WANTED, 2))
    serving = {
        **epochs(WANTED, 2, keep_models=1).serving(),
        "Later": Resource(contract.PROVISIONED_THROUGHPUT, {"Name": "refused at the front door"}),
    }
    assert account.cloudformation.deploy(SERVING, serving) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.changes().count("UpdateProvisionedModelThroughput") == 2
    assert account.served_model(WANTED) == epochs(WANTED, 1).training_name
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 2))


@pytest.mark.parametrize("tag", [contract.TAG_OWNER, contract.TAG_ENVIRONMENT])
def test_a_model_without_our_owner_and_environment_is_never_retired(account: ServingAccount, tag: str) -> None:
    account.deploy(epochs(WANTED, 1, keep_models=1))
    account.bedrock.untag_resource(resourceARN=account.job(epochs(WANTED, 1))["outputModelArn"], tagKeys=[tag])
    for count in (2, 3, 4):
        account.deploy(epochs(WANTED, count, keep_models=1))
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 3, 4))


@pytest.mark.parametrize(
    ("operation", "seconds", "retired"),
    [("DeleteCustomModel", 8, 1), ("DeleteCustomModel", 4, 2), ("DeleteCustomModel", 1, 3), ("ListCustomModels", 8, 0)],
)
def test_retiring_stops_in_time_for_the_answer_and_goes_on_with_the_next_update(
    account: ServingAccount, monkeypatch: pytest.MonkeyPatch, operation: str, seconds: int, retired: int
) -> None:
    for count in (1, 2, 3, 4):
        account.deploy(epochs(WANTED, count))
    passed = 0.0

    def take_time(**_: object) -> None:
        nonlocal passed
        passed += seconds

    events: Any = account.lifecycle.client.meta.events
    events.register(f"after-call.bedrock.{operation}", take_time)
    monkeypatch.setattr(retirement, "time", SimpleNamespace(monotonic=lambda: passed))
    assert account.serve(epochs(WANTED, 4, keep_models=1)) == "UPDATE_COMPLETE"
    assert len(account.models()) == 4 - retired
    events.unregister(f"after-call.bedrock.{operation}", take_time)
    assert account.serve(epochs(WANTED, 4, keep_models=1).but(detach_when_committed=True)) == "UPDATE_COMPLETE"
    assert account.models() == [epochs(WANTED, 4).training_name]


@pytest.mark.parametrize("operation", ["ListCustomModels", "ListProvisionedModelThroughputs", "ListTagsForResource"])
def test_nothing_that_goes_wrong_while_retiring_fails_the_deployment(account: ServingAccount, operation: str) -> None:
    account.deploy(epochs(WANTED, 1, keep_models=1))
    request = any_request(
        ResourceType=contract.PROVISIONED_THROUGHPUT,
        ResourceProperties=throughput_properties(KeepModels="1", ModelOwner=TRAINING_OWNER),
    )
    account.lifecycle.simulated.faults.add(ApiFault(operation, "AccessDeniedException", times=100))
    Retirement(Bedrock(account.lifecycle.client)).retire(request)
    account.lifecycle.simulated.faults.clear()
    assert account.models() == [epochs(WANTED, 1).training_name]


@pytest.mark.parametrize("changes", [{"KeepModels": "many"}, {"ModelOwner": ""}, {"Name": ""}])
def test_properties_that_retirement_cannot_read_fail_nothing_and_retire_nothing(
    account: ServingAccount, changes: dict[str, str]
) -> None:
    account.deploy(epochs(WANTED, 1))
    properties = throughput_properties(KeepModels="1", ModelOwner=TRAINING_OWNER) | changes
    request = any_request(ResourceType=contract.PROVISIONED_THROUGHPUT, ResourceProperties=properties)
    Retirement(Bedrock(account.lifecycle.client)).retire(request)
    assert account.models() == [epochs(WANTED, 1).training_name]


def test_a_model_that_cannot_be_retired_does_not_fail_the_deployment_and_is_retired_with_the_next(
    account: ServingAccount,
) -> None:
    account.deploy(epochs(WANTED, 1, keep_models=1))
    account.deploy(epochs(WANTED, 2, keep_models=1))
    account.lifecycle.simulated.faults.add(ApiFault("DeleteCustomModel", "ConflictException"))
    assert account.deploy(epochs(WANTED, 3, keep_models=1)) == "UPDATE_COMPLETE"
    assert len(account.models()) == 3
    account.deploy(epochs(WANTED, 4, keep_models=1))
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (3, 4))


def test_a_model_that_may_not_be_deleted_keeps_none_of_the_others(account: ServingAccount) -> None:
    for count in (1, 2, 3, 4):
        account.deploy(epochs(WANTED, count))
    account.lifecycle.simulated.faults.add(ApiFault("DeleteCustomModel", "AccessDeniedException"))
    assert account.serve(epochs(WANTED, 4, keep_models=1)) == "UPDATE_COMPLETE"
    assert len(account.models()) == 2


# What belongs to which resource of the stack.


def renamed(wanted: Wanted, construct_id: str = "Renamed") -> Template:
    return {construct_id: wanted.serving()["Purchase"]}


def test_a_construct_id_can_change_when_the_other_was_removed_in_a_deployment_before(account: ServingAccount) -> None:
    account.deploy(WANTED)
    assert account.cloudformation.deploy(SERVING, {}) == "UPDATE_COMPLETE"
    assert account.cloudformation.deploy(SERVING, renamed(WANTED)) == "UPDATE_COMPLETE"
    arn = account.throughput(WANTED)["provisionedModelArn"]
    assert account.tags(arn) == {**THROUGHPUT.tags, contract.TAG_RESOURCE: "Renamed"}


def test_what_another_resource_has_taken_over_is_left_untouched_by_a_delete(account: ServingAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    account.bedrock.tag_resource(resourceARN=arn, tags=[{"key": contract.TAG_RESOURCE, "value": "Other"}])
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.names() == [WANTED.throughput_name]
    assert account.tags(arn) == {**THROUGHPUT.tags, contract.TAG_RESOURCE: "Other"}


def test_what_an_earlier_stack_of_this_name_left_is_named_and_not_deleted_by_a_create(account: ServingAccount) -> None:
    account.train(WANTED)
    retained, of_another = WANTED.but(model_units=3), WANTED.but(model_units=4)
    account.make_by_hand(retained.throughput_name, THROUGHPUT.tags)
    account.make_by_hand(of_another.throughput_name, {**THROUGHPUT.tags, contract.TAG_RESOURCE: "Other"})
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert account.names() == sorted([retained.throughput_name, of_another.throughput_name])
    for word in (retained.throughput_name, "delete-provisioned-model-throughput", "untag-resource"):
        assert word in account.reason
    assert of_another.throughput_name not in account.reason
    account.cloudformation.delete(SERVING)
    assert account.serve(retained) == "CREATE_COMPLETE"
    assert account.changes().count("CreateProvisionedModelThroughput") == 0


# Tags that are not seen (yet).


def test_what_was_bought_a_moment_ago_is_waited_for_until_its_tags_are_seen(account: ServingAccount) -> None:
    account.train(WANTED)
    turns = account.turns()
    state = turns.taken_up(account.event())
    turns.turn(state)
    account.lifecycle.clock.advance(timedelta(minutes=5))
    hide_tags(account)
    assert says(turns.turn(state)["detail"], account.names()[0], "owner tag", "tag-resource")
    show_tags(account)
    assert turns.turn(state)["status"] == "SUCCESS"
    assert account.changes().count("CreateProvisionedModelThroughput") == 1


def test_without_its_owner_tag_nothing_is_deleted_and_the_delete_says_so(account: ServingAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    account.bedrock.untag_resource(resourceARN=arn, tagKeys=[contract.TAG_OWNER])
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert says(account.cloudformation.reasons[-1], "52 min", "tag", WANTED.throughput_name)
    assert account.names() == [WANTED.throughput_name]


def test_tags_that_somebody_else_added_stay(account: ServingAccount) -> None:
    account.deploy(WANTED)
    arn = account.throughput(WANTED)["provisionedModelArn"]
    account.bedrock.tag_resource(resourceARN=arn, tags=[{"key": "theirs", "value": "any"}])
    assert account.serve(WANTED.but(keep_models=100)) == "UPDATE_COMPLETE"
    assert not {"TagResource", "UntagResource"} & set(account.changes())
    assert account.serve(WANTED.but(tags={})) == "UPDATE_COMPLETE"
    expected = {**THROUGHPUT.tags, "theirs": "any"}
    del expected["team"]
    assert account.tags(arn) == expected


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource"])
def test_tags_that_are_refused_fail_nothing(account: ServingAccount, operation: str) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(ApiFault(operation, "AccessDeniedException", times=100))
    assert account.serve(WANTED.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"


# What is met again though the answer to it was lost, or cannot be done just now.


def test_a_swap_that_may_not_be_asked_for_fails_though_one_is_under_way(account: ServingAccount) -> None:
    account.deploy(WANTED)
    denied = ApiFault("UpdateProvisionedModelThroughput", "ServiceQuotaExceededException", when="after", message="no")
    account.lifecycle.simulated.faults.add(denied)
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reason == "ServiceQuotaExceededException: no"


def test_a_commitment_that_is_refused_as_a_validation_error_names_the_way_out(account: ServingAccount) -> None:
    wanted = WANTED.but(commitment_duration="OneMonth")
    account.deploy(wanted)
    account.lifecycle.simulated.faults.add(ApiFault("DeleteProvisionedModelThroughput", "ValidationException", times=9))
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert "detach_when_committed = true" in account.cloudformation.reasons[-1]


@pytest.mark.parametrize(("times", "status"), [(9, "DELETE_COMPLETE"), (1000, "DELETE_FAILED")])
def test_a_validation_error_may_mean_that_it_is_going_and_is_told_when_the_time_is_up(
    account: ServingAccount, times: int, status: str
) -> None:
    account.deploy(WANTED)
    refused = ApiFault("DeleteProvisionedModelThroughput", "ValidationException", message="no", times=times)
    account.lifecycle.simulated.faults.add(refused)
    assert account.cloudformation.delete(SERVING) == status
    if status == "DELETE_FAILED":
        assert says(account.cloudformation.reasons[-1], "52 min", WANTED.throughput_name, "ValidationException: no")


# Models that are not there, or not whole.
