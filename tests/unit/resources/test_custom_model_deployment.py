"""A deployment through real clients: made once, moved in place, deleted only when it is ours."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.engine.engine import Resource as EngineResource
from bedrock_lifecycle.preflight.preflight import Preflight
from bedrock_lifecycle.resources import retirement
from bedrock_lifecycle.resources.bedrock import Bedrock
from bedrock_lifecycle.resources.registry import serving_resources
from sandbox.bedrock import ApiFault, DeploymentFault
from sandbox.bedrock.resources.deployment import Deployment as SimulatedDeployment
from tests.support.cloudformation import Resource, Template
from tests.support.environment import NOVA, NOVA_RECORDS, NOVA_REGION, SERVING, TRAINING, Wanted
from tests.support.events import any_event, deployment_properties
from tests.support.lifecycle import KEY_ARN
from tests.support.messages import says
from tests.support.turns import Turns
from tests.support.wired import QUICK, WiredAccount

WANTED = Wanted(rungs=1, tags={"team": "any"}, base_model=NOVA, data=NOVA_RECORDS, model_units=None, on_demand=True)
OTHER_EPOCHS = WANTED.but(hyper_parameters={"epochCount": "3"})
OTHER_BASE = WANTED.but(base_model="amazon.nova-lite-v1:0:300k")
STACK_ARNS = f"arn:aws:cloudformation:{NOVA_REGION}:111122223333:stack/"
TAGS = {
    "team": "any",
    contract.TAG_OWNER: STACK_ARNS + SERVING,
    contract.TAG_ENVIRONMENT: "prod",
    contract.TAG_RESOURCE: "Deployment",
}


@pytest.fixture
def account() -> WiredAccount:
    return WiredAccount(QUICK, NOVA_REGION)


def deploy_by_hand(account: WiredAccount, name: str, tags: dict[str, str], wanted: Wanted = WANTED) -> str:
    made = account.bedrock.create_custom_model_deployment(
        modelDeploymentName=name,
        modelArn=account.job(wanted)["outputModelArn"],
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )
    account.lifecycle.clock.advance(timedelta(minutes=2))
    return str(made["customModelDeploymentArn"])


def names(account: WiredAccount) -> list[str]:
    return sorted(each["modelDeploymentName"] for each in account.deployments())


def fault(account: WiredAccount, *args: Any, **fields: Any) -> None:
    account.lifecycle.simulated.faults.add(ApiFault(*args, **fields))


def test_a_deployment_is_asked_for_in_exactly_these_words(account: WiredAccount) -> None:
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateCustomModelDeployment")
    assert len(request.pop("clientRequestToken")) == 64
    assert request == {
        "modelDeploymentName": WANTED.deployment_name,
        "modelArn": account.job(WANTED)["outputModelArn"],
        "tags": [{"key": key, "value": value} for key, value in sorted(TAGS.items())],
    }
    assert "CreateProvisionedModelThroughput" not in account.changes()


def test_the_attributes_name_the_deployment_and_what_it_serves(account: WiredAccount) -> None:
    account.deploy(WANTED)
    stack = account.cloudformation.stack(SERVING)
    assert stack is not None
    live = stack.resources["Deployment"]
    assert live.physical_id == f"custom-model-deployment/v1/{WANTED.deployment_name}"
    assert live.attributes == {
        "CustomModelDeploymentArn": account.deployment(WANTED)["customModelDeploymentArn"],
        "ModelDeploymentName": WANTED.deployment_name,
        "ModelArn": account.job(WANTED)["outputModelArn"],
    }
    assert account.deployment(WANTED)["status"] == "Active"


def test_a_name_that_was_used_before_is_deployed_under_another_token(account: WiredAccount) -> None:
    account.deploy(WANTED)
    account.destroy()
    account.deploy(WANTED)
    requests = account.requests("CreateCustomModelDeployment")
    assert len({request["modelDeploymentName"] for request in requests}) == 1
    assert len({request["clientRequestToken"] for request in requests}) == 2
    assert names(account) == [WANTED.deployment_name]


def test_another_model_of_the_same_base_is_moved_to_in_place(account: WiredAccount) -> None:
    account.deploy(WANTED)
    arn = account.deployment(WANTED)["customModelDeploymentArn"]
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    wanted_model = account.job(OTHER_EPOCHS)["outputModelArn"]
    assert account.requests("UpdateCustomModelDeployment") == [
        {"customModelDeploymentIdentifier": WANTED.deployment_name, "modelArn": wanted_model}
    ]
    served = account.deployment(OTHER_EPOCHS)
    assert (served["customModelDeploymentArn"], served["modelArn"]) == (arn, wanted_model)
    assert served["updateDetails"]["updateStatus"] == "UpdateCompleted"


def test_the_swap_is_answered_only_when_it_is_completed(account: WiredAccount) -> None:
    account.deploy(WANTED)
    states: list[str] = []

    def look() -> None:
        event = account.cloudformation.events[-1]
        if event["LogicalResourceId"] == "Deployment" and event["RequestId"] in account.lifecycle.answers:
            states.append(account.deployment(WANTED)["updateDetails"]["updateStatus"])

    account.cloudformation.watch = look
    account.deploy(OTHER_EPOCHS)
    assert states == ["UpdateCompleted"]


def test_going_back_trains_nothing_and_moves_in_place(account: WiredAccount) -> None:
    for wanted in (WANTED, OTHER_EPOCHS, WANTED):
        account.deploy(wanted)
    assert account.changes().count("CreateModelCustomizationJob") == 2
    assert account.changes().count("UpdateCustomModelDeployment") == 2
    assert account.changes().count("CreateCustomModelDeployment") == 1
    assert account.served_model(WANTED) == WANTED.training_name


def test_another_base_model_is_deployed_before_the_old_one_goes(account: WiredAccount) -> None:
    account.deploy(WANTED)
    assert account.deploy(OTHER_BASE) == "UPDATE_COMPLETE"
    assert names(account) == [OTHER_BASE.deployment_name]
    assert account.changes()[-2:] == ["CreateCustomModelDeployment", "DeleteCustomModelDeployment"]


def test_tags_that_change_later_reach_the_deployment(account: WiredAccount) -> None:
    account.deploy(WANTED)
    assert account.deploy(WANTED.but(tags={"cost-center": "4711"})) == "UPDATE_COMPLETE"
    expected = {**TAGS, "cost-center": "4711"}
    del expected["team"]
    assert account.tags(account.deployment(WANTED)["customModelDeploymentArn"]) == expected
    assert account.changes().count("CreateCustomModelDeployment") == 1


def test_destroying_leaves_no_deployment_and_keeps_the_model(account: WiredAccount) -> None:
    account.deploy(WANTED)
    assert account.destroy() == ["DELETE_COMPLETE", "DELETE_COMPLETE"]
    assert names(account) == []
    assert account.requests("DeleteCustomModelDeployment") == [
        {"customModelDeploymentIdentifier": WANTED.deployment_name}
    ]
    assert account.models() == [WANTED.training_name]


# Its quota, how many there are, the way to have fewer and the way to have more.
NO_DEPLOYMENTS: Final = ("L-1EF80F3E", 0, "aws bedrock delete-custom-model-deployment", 1, "Service Quotas")


def test_a_quota_that_is_used_up_is_told_before_the_training_is_paid(account: WiredAccount) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, *NO_DEPLOYMENTS)
    assert account.jobs() == []


def test_a_quota_that_is_used_up_meanwhile_is_told_before_anything_is_asked_for(account: WiredAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, *NO_DEPLOYMENTS)
    assert "CreateCustomModelDeployment" not in account.changes()


def test_a_key_that_is_switched_off_is_told_before_anything_is_asked_for(account: WiredAccount) -> None:
    account.train(WANTED)
    account.lifecycle.world.disabled_keys.add(KEY_ARN)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert account.reason.startswith(f"key {KEY_ARN} is Disabled")
    assert "CreateCustomModelDeployment" not in account.changes()


def test_a_quota_that_cannot_be_read_is_told_in_the_service_s_words(account: WiredAccount) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})
    template = WANTED.serving()
    deployment = template["Deployment"]
    unquoted = {name: value for name, value in deployment.properties.items() if name != "Quotas"}
    template = {**template, "Deployment": dataclasses.replace(deployment, properties=unquoted)}
    account.train(WANTED.but(on_demand=False))
    assert account.cloudformation.deploy(SERVING, template) == "ROLLBACK_COMPLETE"
    assert account.reason == "ServiceQuotaExceededException: The account can have at most 0 custom model deployments"
    assert account.changes().count("CreateCustomModelDeployment") == 1
    assert len(account.jobs()) == 1


def test_deployments_of_others_that_are_in_progress_are_waited_for(account: WiredAccount) -> None:
    account.train(WANTED)
    for number in range(2):
        account.bedrock.create_custom_model_deployment(
            modelDeploymentName=f"theirs-{number}", modelArn=account.job(WANTED)["outputModelArn"]
        )
    assert account.serve(WANTED) == "CREATE_COMPLETE"
    assert account.changes().count("CreateCustomModelDeployment") > 1
    assert names(account) == sorted([WANTED.deployment_name, "theirs-0", "theirs-1"])


def test_nothing_is_deployed_while_the_training_runs(account: WiredAccount) -> None:
    account.train(WANTED.but(rungs=0))
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.training_name, "0 min", "deploy")
    assert "CreateCustomModelDeployment" not in account.changes()


@pytest.mark.parametrize("tags", [{"team": "theirs"}, {contract.TAG_OWNER: f"{STACK_ARNS}other"}])
def test_a_deployment_of_another_is_refused_and_left_as_it_is(account: WiredAccount, tags: dict[str, str]) -> None:
    account.train(WANTED)
    arn = deploy_by_hand(account, WANTED.deployment_name, tags)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, "name")
    assert account.tags(arn) == tags


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("failed", "no room"), ("stuck", "52 min")],
)
def test_a_deployment_that_comes_to_nothing_is_deleted_before_it_is_answered(
    account: WiredAccount, outcome: Any, reason: str
) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.faults.add(DeploymentFault(outcome, message="no room"))
    left: list[list[str]] = []

    def look() -> None:
        if account.cloudformation.events[-1]["RequestId"] in account.lifecycle.answers:
            left.append(names(account))

    account.cloudformation.watch = look
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, reason)
    assert left[0] == []


def test_a_delete_with_an_id_that_cloudformation_made_up_finds_what_is_ours(account: WiredAccount) -> None:
    account.train(WANTED)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=30)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert len(account.requests("CreateCustomModelDeployment")) == 1
    assert names(account) == []


def test_what_an_interrupted_update_left_goes_with_the_next_update(account: WiredAccount) -> None:
    account.deploy(WANTED)
    deploy_by_hand(account, "faq-prod-left-over", TAGS)
    deploy_by_hand(account, "of-another", {**TAGS, contract.TAG_RESOURCE: "Other"})
    account.deploy(OTHER_EPOCHS)
    assert names(account) == sorted([WANTED.deployment_name, "of-another"])


def test_what_an_interrupted_update_left_goes_with_the_whole_stack(account: WiredAccount) -> None:
    account.deploy(WANTED)
    deploy_by_hand(account, "faq-prod-left-over", TAGS)
    account.cloudformation.delete(SERVING)
    assert names(account) == []


# An update that fails.


def fail_updates(account: WiredAccount, times: int = 1) -> None:
    account.lifecycle.simulated.faults.add(DeploymentFault("failed", on="update", times=times))


def test_an_update_that_fails_is_told_in_words_and_the_old_model_still_serves(account: WiredAccount) -> None:
    account.deploy(WANTED)
    fail_updates(account)
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, OTHER_EPOCHS.training_name, "deploy")
    assert account.served_model(WANTED) == WANTED.training_name
    # The rollback has found it serving, and left it alone.
    assert account.changes().count("UpdateCustomModelDeployment") == 1


def test_the_same_deploy_again_tries_the_update_again(account: WiredAccount) -> None:
    account.deploy(WANTED)
    fail_updates(account)
    account.deploy(OTHER_EPOCHS)
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name
    assert account.changes().count("CreateModelCustomizationJob") == 2


def test_an_update_whose_answer_was_lost_and_that_failed_is_tried_once_more(account: WiredAccount) -> None:
    account.deploy(WANTED)
    fail_updates(account, times=2)
    fault(account, "UpdateCustomModelDeployment", "InternalServerException", when="after")
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, OTHER_EPOCHS.training_name, "deploy")
    assert account.changes().count("UpdateCustomModelDeployment") == 2


def test_an_update_that_never_ends_is_waited_for_by_the_rollback_and_then_told(account: WiredAccount) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(DeploymentFault("stuck", on="update"))
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_FAILED"
    assert says(account.reason, "52 min", WANTED.deployment_name)
    assert account.served_model(WANTED) == WANTED.training_name


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException"])
def test_a_swap_that_is_under_way_already_is_waited_for(account: WiredAccount, code: str) -> None:
    account.deploy(WANTED)
    fault(account, "UpdateCustomModelDeployment", code, when="after")
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException", "ServiceQuotaExceededException"])
def test_a_swap_that_is_refused_for_good_fails_in_the_service_s_words(account: WiredAccount, code: str) -> None:
    account.deploy(WANTED)
    fault(account, "UpdateCustomModelDeployment", code, message="no")
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.reason == f"{code}: no"
    assert account.served_model(WANTED) == WANTED.training_name


# Deletes that do not go through at once.


@pytest.mark.parametrize("code", ["ConflictException", "ResourceNotFoundException", "ThrottlingException"])
def test_a_deployment_that_cannot_be_deleted_just_now_is_looked_at_again(account: WiredAccount, code: str) -> None:
    account.deploy(WANTED)
    fault(account, "DeleteCustomModelDeployment", code)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == []


def test_a_deployment_that_is_refused_while_it_is_being_created_is_deleted_later(account: WiredAccount) -> None:
    account.train(WANTED)
    fault(account, "DeleteCustomModelDeployment", "ValidationException", times=3)
    account.cloudformation.cancel_at = account.lifecycle.now + timedelta(seconds=15)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert names(account) == []


def test_a_deployment_whose_update_never_ends_is_deleted_where_bedrock_allows_it(
    account: WiredAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(DeploymentFault("stuck", on="update"))
    account.deploy(OTHER_EPOCHS)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    monkeypatch.setattr(SimulatedDeployment, "is_updating", False)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert names(account) == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_deployment_that_may_not_be_deleted_fails_the_delete_in_the_service_s_words(
    account: WiredAccount, code: str
) -> None:
    account.deploy(WANTED)
    fault(account, "DeleteCustomModelDeployment", code, message="no", times=1000)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert f"{code}: no" in account.cloudformation.reasons[-1]


def turns_of(account: WiredAccount) -> Turns:
    resources = serving_resources(Bedrock(account.lifecycle.client), Preflight(account.lifecycle.aws))
    resource: EngineResource = resources[contract.CUSTOM_MODEL_DEPLOYMENT]
    return Turns(resource, contract.CUSTOM_MODEL_DEPLOYMENT)


def deployment_event(**changes: Any) -> dict[str, Any]:
    return any_event(
        ResourceType=contract.CUSTOM_MODEL_DEPLOYMENT,
        LogicalResourceId="Deployment",
        ResourceProperties=deployment_properties(TrainingId=WANTED.training_id, BaseModel=WANTED.base_model),
        **changes,
    )


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_nothing_is_deployed_for_a_stack_that_no_longer_waits(account: WiredAccount, kind: str) -> None:
    account.train(WANTED)
    turns = turns_of(account)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(deployment_event(RequestType=kind, PhysicalResourceId="any"))
    assert turns.turn(state)["next"] == "wait"
    turns.pass_time(timedelta(minutes=2))
    assert says(turns.turn(state)["reason"], "ROLLBACK_IN_PROGRESS")
    assert names(account) == []


def test_a_delete_that_comes_late_ends_nothing_that_serves_again(account: WiredAccount) -> None:
    account.deploy(WANTED)
    turns = turns_of(account)
    turns.stacks.now_is = "UPDATE_COMPLETE"
    known = f"custom-model-deployment/v1/{WANTED.deployment_name}"
    state = turns.taken_up(deployment_event(RequestType="Delete", PhysicalResourceId=known))
    turns.turn(state)
    turns.pass_time(timedelta(minutes=2))
    assert turns.turn(state)["status"] == "FAILED"
    assert names(account) == [WANTED.deployment_name]


def hide_tags(account: WiredAccount) -> None:
    events: Any = account.lifecycle.client.meta.events
    events.register("after-call.bedrock.ListTagsForResource", _without_tags, unique_id="hidden")


def show_tags(account: WiredAccount) -> None:
    events: Any = account.lifecycle.client.meta.events
    events.unregister("after-call.bedrock.ListTagsForResource", unique_id="hidden")


def _without_tags(parsed: dict[str, Any], **_: object) -> None:
    parsed["tags"] = []


def test_a_delete_right_after_the_create_forgets_nothing_whose_tags_are_not_seen(account: WiredAccount) -> None:
    account.train(WANTED)
    turns = turns_of(account)
    turns.turn(turns.taken_up(deployment_event()))
    hide_tags(account)
    turns.stacks.now_is = "ROLLBACK_IN_PROGRESS"
    state = turns.taken_up(deployment_event(RequestType="Delete", RequestId="delete", PhysicalResourceId="made-up"))
    assert says(turns.turn(state)["detail"], "tag", WANTED.deployment_name)
    show_tags(account)
    turns.turn(state)
    assert turns.turn(state)["status"] == "SUCCESS"
    assert names(account) == []


def test_a_construct_id_that_changes_is_refused_and_what_serves_goes_on_serving(account: WiredAccount) -> None:
    account.deploy(WANTED)
    renamed: Template = {"Renamed": WANTED.serving()["Deployment"]}
    assert account.cloudformation.deploy(SERVING, renamed) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, "Deployment", "id")
    assert account.deployment(WANTED)["status"] == "Active"
    assert "DeleteCustomModelDeployment" not in account.changes()


def test_a_rollback_to_a_model_that_is_gone_leaves_what_serves(account: WiredAccount) -> None:
    account.deploy(WANTED)
    account.train(OTHER_EPOCHS)
    watched = iter([None])

    def lose_the_model_before() -> None:
        moved = account.deployment(WANTED)["modelArn"] == account.job(OTHER_EPOCHS)["outputModelArn"]
        if moved and next(watched, ...) is None:
            account.bedrock.delete_custom_model(modelIdentifier=WANTED.training_name)

    account.cloudformation.watch = lose_the_model_before
    serving = {
        **OTHER_EPOCHS.serving(),
        "Later": Resource(contract.CUSTOM_MODEL_DEPLOYMENT, {"Name": "refused at the front door"}),
    }
    assert account.cloudformation.deploy(SERVING, serving) == "UPDATE_ROLLBACK_COMPLETE"
    assert account.models() == [OTHER_EPOCHS.training_name]
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name


# Old models.


def epochs(count: int, keep_models: int | None = None) -> Wanted:
    return WANTED.but(hyper_parameters={"epochCount": str(count)}, keep_models=keep_models)


def test_models_beyond_the_newest_are_retired_once_the_new_one_serves(account: WiredAccount) -> None:
    for count in (1, 2, 3, 4):
        account.deploy(epochs(count, keep_models=2))
    assert account.models() == sorted(epochs(count).training_name for count in (3, 4))
    assert account.served_model(WANTED) == epochs(4).training_name


def served_by_another(account: WiredAccount) -> None:
    deploy_by_hand(account, "by-hand", {}, epochs(1))


def about_to_be_served_by_another(account: WiredAccount) -> None:
    account.train(epochs(5))
    deploy_by_hand(account, "by-hand", {}, epochs(5))
    account.lifecycle.simulated.faults.add(DeploymentFault("stuck", on="update"))
    account.bedrock.update_custom_model_deployment(
        customModelDeploymentIdentifier="by-hand", modelArn=account.job(epochs(1))["outputModelArn"]
    )


@pytest.mark.parametrize("keep", [served_by_another, about_to_be_served_by_another])
def test_a_model_that_another_deployment_serves_or_is_moving_to_is_never_asked_to_go(
    account: WiredAccount, keep: Callable[[WiredAccount], None]
) -> None:
    account.deploy(epochs(1, keep_models=1))
    account.lifecycle.clock.advance(timedelta(hours=1))
    keep(account)
    for count in (2, 3, 4):
        account.deploy(epochs(count, keep_models=1))
    kept = account.job(epochs(1))["outputModelArn"]
    assert {"modelIdentifier": kept} not in account.requests("DeleteCustomModel")
    assert epochs(1).training_name in account.models()


def test_retiring_gives_up_when_there_is_no_time_to_find_out_what_serves(
    account: WiredAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(count))
    theirs = [f"by-hand-{number}" for number in range(6)]
    for name in theirs:
        deploy_by_hand(account, name, {}, epochs(3))
    passed = 0.0

    def take_time(**_: object) -> None:
        nonlocal passed
        passed += 3

    events: Any = account.lifecycle.client.meta.events
    events.register("after-call.bedrock.GetCustomModelDeployment", take_time)
    monkeypatch.setattr(retirement, "time", SimpleNamespace(monotonic=lambda: passed))
    assert account.serve(epochs(3, keep_models=1)) == "UPDATE_COMPLETE"
    looked_at = [its["customModelDeploymentIdentifier"] for its in account.requests("GetCustomModelDeployment")]
    assert len(set(looked_at) & set(theirs)) == 3
    assert len(account.models()) == 3


# A model that is given by its ARN.


def given(account: WiredAccount, wanted: Wanted) -> Wanted:
    return WANTED.but(given_model=account.job(wanted)["outputModelArn"])


def test_a_given_model_is_served_and_nothing_is_trained(account: WiredAccount) -> None:
    account.train(WANTED)
    account.cloudformation.delete(TRAINING)
    jobs = account.changes().count("CreateModelCustomizationJob")
    assert account.serve(given(account, WANTED)) == "CREATE_COMPLETE"
    assert account.changes().count("CreateModelCustomizationJob") == jobs
    assert account.served_model(WANTED) == WANTED.training_name
    assert not account.requests("DeleteCustomModel")


def test_a_given_model_takes_the_place_of_a_trained_one_and_goes_back_in_place(account: WiredAccount) -> None:
    account.deploy(WANTED)
    account.train(OTHER_EPOCHS)
    assert account.serve(given(account, OTHER_EPOCHS)) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name
    assert account.serve(WANTED) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == WANTED.training_name
    assert account.changes().count("CreateCustomModelDeployment") == 1


def test_a_given_model_that_does_not_exist_is_refused(account: WiredAccount) -> None:
    account.train(WANTED)
    arn = account.job(WANTED)["outputModelArn"][:-12] + "000000000000"
    assert account.serve(WANTED.but(given_model=arn)) == "ROLLBACK_COMPLETE"
    assert says(account.reason, arn, "model_arn")


def test_a_given_model_of_another_base_is_refused_before_anything_is_deployed(account: WiredAccount) -> None:
    account.train(OTHER_BASE)
    wanted = given(account, OTHER_BASE)
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, OTHER_BASE.base_model, NOVA, "base_model")
    assert "CreateCustomModelDeployment" not in account.changes()


def test_the_given_model_of_the_deployment_before_is_never_retired(account: WiredAccount) -> None:
    account.deploy(epochs(1))
    account.lifecycle.clock.advance(timedelta(hours=1))
    for count in (2, 3):
        account.train(epochs(count))
    account.serve(given(account, epochs(1)))
    assert account.serve(epochs(3, keep_models=1)) == "UPDATE_COMPLETE"
    assert account.models() == sorted(epochs(count).training_name for count in (1, 3))
