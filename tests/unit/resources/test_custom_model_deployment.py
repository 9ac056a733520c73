"""A deployment through real clients: made once, moved in place, deleted only when it is ours."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest

from bedrock_lifecycle import contract
from bedrock_lifecycle.resources import retirement
from sandbox.bedrock import ApiFault, DeploymentFault
from sandbox.bedrock.resources.deployment import Deployment as SimulatedDeployment
from tests.support.environment import NOVA, SERVING, TRAINING, Wanted
from tests.support.lifecycle import KEY_ARN
from tests.support.messages import says
from tests.unit.resources.serving_ways import ON_DEMAND, ServingAccount, epochs

WANTED = ON_DEMAND.wanted
OTHER_EPOCHS = WANTED.but(hyper_parameters={"epochCount": "3"})
OTHER_BASE = WANTED.but(base_model="amazon.nova-lite-v1:0:300k")


@pytest.fixture
def account() -> ServingAccount:
    return ServingAccount(ON_DEMAND)


def test_a_deployment_is_asked_for_in_exactly_these_words(account: ServingAccount) -> None:
    assert account.deploy(WANTED) == "CREATE_COMPLETE"
    (request,) = account.requests("CreateCustomModelDeployment")
    assert len(request.pop("clientRequestToken")) == 64
    assert request == {
        "modelDeploymentName": WANTED.deployment_name,
        "modelArn": account.job(WANTED)["outputModelArn"],
        "tags": [{"key": key, "value": value} for key, value in sorted(ON_DEMAND.tags.items())],
    }
    assert "CreateProvisionedModelThroughput" not in account.changes()


def test_the_attributes_name_the_deployment_and_what_it_serves(account: ServingAccount) -> None:
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


def test_another_model_of_the_same_base_is_moved_to_in_place(account: ServingAccount) -> None:
    account.deploy(WANTED)
    arn = account.deployment(WANTED)["customModelDeploymentArn"]
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    wanted_model = account.job(OTHER_EPOCHS)["outputModelArn"]
    assert account.requests("UpdateCustomModelDeployment") == [
        {"customModelDeploymentIdentifier": arn, "modelArn": wanted_model}
    ]
    served = account.deployment(OTHER_EPOCHS)
    assert (served["customModelDeploymentArn"], served["modelArn"]) == (arn, wanted_model)
    assert served["updateDetails"]["updateStatus"] == "UpdateCompleted"


def test_the_swap_is_answered_only_when_it_is_completed(account: ServingAccount) -> None:
    account.deploy(WANTED)
    states: list[str] = []

    def look() -> None:
        event = account.cloudformation.events[-1]
        if event["LogicalResourceId"] == "Deployment" and event["RequestId"] in account.lifecycle.answers:
            states.append(account.deployment(WANTED)["updateDetails"]["updateStatus"])

    account.cloudformation.watch = look
    account.deploy(OTHER_EPOCHS)
    assert states == ["UpdateCompleted"]


def test_another_base_model_is_deployed_before_the_old_one_goes(account: ServingAccount) -> None:
    account.deploy(WANTED)
    assert account.deploy(OTHER_BASE) == "UPDATE_COMPLETE"
    assert account.names() == [OTHER_BASE.deployment_name]
    assert account.changes()[-2:] == ["CreateCustomModelDeployment", "DeleteCustomModelDeployment"]


# Its quota, how many there are, the way to have fewer and the way to have more.
NO_DEPLOYMENTS: Final = ("L-1EF80F3E", 0, "aws bedrock delete-custom-model-deployment", 1, "Service Quotas")


def test_a_quota_that_is_used_up_is_told_before_the_training_is_paid(account: ServingAccount) -> None:
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})
    assert account.deploy(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, *NO_DEPLOYMENTS)
    assert account.jobs() == []


def test_a_quota_that_is_used_up_meanwhile_is_told_before_anything_is_asked_for(account: ServingAccount) -> None:
    account.train(WANTED)
    account.lifecycle.simulated.handle_control("quotas", {"set": {"deployments": 0}})
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert says(account.reason, *NO_DEPLOYMENTS)
    assert "CreateCustomModelDeployment" not in account.changes()


def test_a_key_that_is_switched_off_is_told_before_anything_is_asked_for(account: ServingAccount) -> None:
    account.train(WANTED)
    account.lifecycle.world.disabled_keys.add(KEY_ARN)
    assert account.serve(WANTED) == "ROLLBACK_COMPLETE"
    assert account.reason.startswith(f"key {KEY_ARN} is Disabled")
    assert "CreateCustomModelDeployment" not in account.changes()


def test_a_quota_that_cannot_be_read_is_told_in_the_service_s_words(account: ServingAccount) -> None:
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


def test_deployments_of_others_that_are_in_progress_are_waited_for(account: ServingAccount) -> None:
    account.train(WANTED)
    for number in range(2):
        account.bedrock.create_custom_model_deployment(
            modelDeploymentName=f"theirs-{number}", modelArn=account.job(WANTED)["outputModelArn"]
        )
    assert account.serve(WANTED) == "CREATE_COMPLETE"
    assert account.changes().count("CreateCustomModelDeployment") > 1
    assert account.names() == sorted([WANTED.deployment_name, "theirs-0", "theirs-1"])


def test_what_an_interrupted_update_left_goes_with_the_next_update(account: ServingAccount) -> None:
    account.deploy(WANTED)
    account.make_by_hand("faq-prod-left-over", ON_DEMAND.tags)
    account.make_by_hand("of-another", {**ON_DEMAND.tags, contract.TAG_RESOURCE: "Other"})
    account.deploy(OTHER_EPOCHS)
    assert account.names() == sorted([WANTED.deployment_name, "of-another"])


# An update that fails.


def fail_updates(account: ServingAccount, times: int = 1) -> None:
    account.lifecycle.simulated.faults.add(DeploymentFault("failed", on="update", times=times))


def test_an_update_that_fails_is_told_in_words_and_the_old_model_still_serves(account: ServingAccount) -> None:
    account.deploy(WANTED)
    fail_updates(account)
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, OTHER_EPOCHS.training_name, "deploy")
    assert account.served_model(WANTED) == WANTED.training_name
    # The rollback has found it serving, and left it alone.
    assert account.changes().count("UpdateCustomModelDeployment") == 1


def test_the_same_deploy_again_tries_the_update_again(account: ServingAccount) -> None:
    account.deploy(WANTED)
    fail_updates(account)
    account.deploy(OTHER_EPOCHS)
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name
    assert account.changes().count("CreateModelCustomizationJob") == 2


def test_an_update_whose_answer_was_lost_and_that_failed_is_tried_once_more(account: ServingAccount) -> None:
    account.deploy(WANTED)
    fail_updates(account, times=2)
    account.fault("Update", "InternalServerException", when="after")
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_COMPLETE"
    assert says(account.reason, WANTED.deployment_name, OTHER_EPOCHS.training_name, "deploy")
    assert account.changes().count("UpdateCustomModelDeployment") == 2


def test_an_update_that_never_ends_is_waited_for_by_the_rollback_and_then_told(account: ServingAccount) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(DeploymentFault("stuck", on="update"))
    assert account.deploy(OTHER_EPOCHS) == "UPDATE_ROLLBACK_FAILED"
    assert says(account.reason, "52 min", WANTED.deployment_name)
    assert account.served_model(WANTED) == WANTED.training_name


# Deletes that do not go through at once.


def test_a_deployment_whose_update_never_ends_is_deleted_where_bedrock_allows_it(
    account: ServingAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.deploy(WANTED)
    account.lifecycle.simulated.faults.add(DeploymentFault("stuck", on="update"))
    account.deploy(OTHER_EPOCHS)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    monkeypatch.setattr(SimulatedDeployment, "is_updating", False)
    assert account.cloudformation.delete(SERVING) == "DELETE_COMPLETE"
    assert account.names() == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_deployment_that_may_not_be_deleted_fails_the_delete_in_the_service_s_words(
    account: ServingAccount, code: str
) -> None:
    account.deploy(WANTED)
    account.fault("Delete", code, message="no", times=1000)
    assert account.cloudformation.delete(SERVING) == "DELETE_FAILED"
    assert f"{code}: no" in account.cloudformation.reasons[-1]


# Old models.


def served_by_another(account: ServingAccount) -> None:
    account.make_by_hand("by-hand", {}, epochs(WANTED, 1))


def about_to_be_served_by_another(account: ServingAccount) -> None:
    account.train(epochs(WANTED, 5))
    account.make_by_hand("by-hand", {}, epochs(WANTED, 5))
    account.lifecycle.simulated.faults.add(DeploymentFault("stuck", on="update"))
    account.bedrock.update_custom_model_deployment(
        customModelDeploymentIdentifier="by-hand", modelArn=account.job(epochs(WANTED, 1))["outputModelArn"]
    )


@pytest.mark.parametrize("keep", [served_by_another, about_to_be_served_by_another])
def test_a_model_that_another_deployment_serves_or_is_moving_to_is_never_asked_to_go(
    account: ServingAccount, keep: Callable[[ServingAccount], None]
) -> None:
    account.deploy(epochs(WANTED, 1, keep_models=1))
    account.lifecycle.clock.advance(timedelta(hours=1))
    keep(account)
    for count in (2, 3, 4):
        account.deploy(epochs(WANTED, count, keep_models=1))
    kept = account.job(epochs(WANTED, 1))["outputModelArn"]
    assert {"modelIdentifier": kept} not in account.requests("DeleteCustomModel")
    assert epochs(WANTED, 1).training_name in account.models()


def test_retiring_gives_up_when_there_is_no_time_to_find_out_what_serves(
    account: ServingAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(WANTED, count))
    theirs = [f"by-hand-{number}" for number in range(6)]
    for name in theirs:
        account.make_by_hand(name, {}, epochs(WANTED, 3))
    passed = 0.0

    def take_time(**_: object) -> None:
        nonlocal passed
        passed += 3

    events: Any = account.lifecycle.client.meta.events
    events.register("after-call.bedrock.GetCustomModelDeployment", take_time)
    monkeypatch.setattr(retirement, "time", SimpleNamespace(monotonic=lambda: passed))
    assert account.serve(epochs(WANTED, 3, keep_models=1)) == "UPDATE_COMPLETE"
    looked_at = [its["customModelDeploymentIdentifier"] for its in account.requests("GetCustomModelDeployment")]
    assert len(set(looked_at) & set(theirs)) == 3
    assert len(account.models()) == 3


def test_a_model_that_is_promoted_while_others_are_retired_is_kept(account: ServingAccount) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(WANTED, count))
        account.lifecycle.clock.advance(timedelta(hours=1))
    held = str(account.bedrock.get_custom_model(modelIdentifier=epochs(WANTED, 1).training_name)["modelArn"])
    hold: Any = [{"key": contract.hold_tag("staging"), "value": "any"}]

    def promote(**_: object) -> None:
        account.bedrock.tag_resource(resourceARN=held, tags=hold)

    # When the models were listed it was not held: only the look right before its delete sees it.
    events: Any = account.lifecycle.client.meta.events
    events.register("after-call.bedrock.DeleteCustomModel", promote)
    assert account.serve(epochs(WANTED, 3, keep_models=1)) == "UPDATE_COMPLETE"
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 3))
    assert len(account.requests("DeleteCustomModel")) == 1


def test_a_deployment_that_goes_meanwhile_keeps_what_it_served_and_hinders_no_retirement(
    account: ServingAccount,
) -> None:
    for count in (1, 2, 3):
        account.deploy(epochs(WANTED, count))
        account.lifecycle.clock.advance(timedelta(hours=1))
    account.make_by_hand("by-hand", {}, epochs(WANTED, 1))
    gone = ApiFault("GetCustomModelDeployment", "ResourceNotFoundException", times=0, resource="by-hand")
    account.lifecycle.simulated.faults.add(gone)
    assert account.serve(epochs(WANTED, 3, keep_models=1)) == "UPDATE_COMPLETE"
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 3))


# A model that is given by its ARN.


def given(account: ServingAccount, wanted: Wanted) -> Wanted:
    return WANTED.but(given_model=account.job(wanted)["outputModelArn"])


def test_a_given_model_is_served_and_nothing_is_trained(account: ServingAccount) -> None:
    account.train(WANTED)
    account.cloudformation.delete(TRAINING)
    jobs = account.changes().count("CreateModelCustomizationJob")
    assert account.serve(given(account, WANTED)) == "CREATE_COMPLETE"
    assert account.changes().count("CreateModelCustomizationJob") == jobs
    assert account.served_model(WANTED) == WANTED.training_name
    assert not account.requests("DeleteCustomModel")


def test_a_given_model_takes_the_place_of_a_trained_one_and_goes_back_in_place(account: ServingAccount) -> None:
    account.deploy(WANTED)
    account.train(OTHER_EPOCHS)
    assert account.serve(given(account, OTHER_EPOCHS)) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == OTHER_EPOCHS.training_name
    assert account.serve(WANTED) == "UPDATE_COMPLETE"
    assert account.served_model(WANTED) == WANTED.training_name
    assert account.changes().count("CreateCustomModelDeployment") == 1


def test_a_given_model_that_does_not_exist_is_refused(account: ServingAccount) -> None:
    account.train(WANTED)
    arn = account.job(WANTED)["outputModelArn"][:-12] + "000000000000"
    assert account.serve(WANTED.but(given_model=arn)) == "ROLLBACK_COMPLETE"
    assert says(account.reason, arn, "model_arn")


def test_a_given_model_of_another_base_is_refused_before_anything_is_deployed(account: ServingAccount) -> None:
    account.train(OTHER_BASE)
    wanted = given(account, OTHER_BASE)
    assert account.serve(wanted) == "ROLLBACK_COMPLETE"
    assert says(account.reason, OTHER_BASE.base_model, NOVA, "base_model")
    assert "CreateCustomModelDeployment" not in account.changes()


def test_the_given_model_of_the_deployment_before_is_never_retired(account: ServingAccount) -> None:
    account.deploy(epochs(WANTED, 1))
    account.lifecycle.clock.advance(timedelta(hours=1))
    for count in (2, 3):
        account.train(epochs(WANTED, count))
    account.serve(given(account, epochs(WANTED, 1)))
    assert account.serve(epochs(WANTED, 3, keep_models=1)) == "UPDATE_COMPLETE"
    assert account.models() == sorted(epochs(WANTED, count).training_name for count in (1, 3))
