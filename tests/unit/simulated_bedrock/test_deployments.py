"""Custom model deployments: creation, quotas, update in place, deletion, and what they answer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.bedrock import Clock, DeploymentFault, Quotas, Settings
from sandbox.iam_resources import touched
from tests.support.bedrock_client import ACCOUNT
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import NOVA_TUNABLE, TRAIN_KEY, Account, nova_record, records

MINUTE = timedelta(minutes=1)
REGION = "us-east-1"
ARN = f"arn:aws:bedrock:{REGION}:{ACCOUNT}"


class NovaAccount(Account):
    """An account in a Region in which models of Nova can be tuned and deployed."""

    def __init__(self, settings: Settings | None = None, **knobs: Any) -> None:
        super().__init__(settings or Settings(quotas=Quotas(custom_model_units=1)), region=REGION, **knobs)
        self.put(TRAIN_KEY, records(8, nova_record))

    def model(self, name: str = "job") -> str:
        return self.tuned_model(name, baseModelIdentifier=NOVA_TUNABLE, validationDataConfig=None)

    def deploy(self, model: str, name: str = "serving", **changes: Any) -> str:
        """Deploy a model and return the deployment's ARN."""
        request = {"modelDeploymentName": name, "modelArn": model, **changes}
        return str(self.bedrock.create_custom_model_deployment(**request)["customModelDeploymentArn"])

    def active(self, model: str, name: str = "serving", **changes: Any) -> str:
        arn = self.deploy(model, name, **changes)
        self.pass_time(10 * MINUTE)
        return arn

    def update(self, model: str, name: str = "serving") -> None:
        self.bedrock.update_custom_model_deployment(customModelDeploymentIdentifier=name, modelArn=model)

    def get(self, name: str = "serving") -> dict[str, Any]:
        return dict(self.bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=name))

    def delete(self, name: str = "serving") -> None:
        self.bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=name)

    def answer(self, model_id: str) -> str:
        body = {
            "schemaVersion": "messages-v1",
            "messages": [{"role": "user", "content": [{"text": "What about valve7?"}]}],
        }
        answer = json.loads(self.runtime.invoke_model(modelId=model_id, body=json.dumps(body))["body"].read())
        return str(answer["output"]["message"]["content"][0]["text"])


@pytest.fixture
def nova() -> NovaAccount:
    return NovaAccount()


def test_is_active_after_a_while(nova: NovaAccount) -> None:
    model = nova.model()
    began = nova.clock.now()
    arn = nova.deploy(model, description="for the tests")
    nova.pass_time(9 * MINUTE)
    assert nova.get()["status"] == "Creating"
    nova.pass_time(MINUTE)
    active = nova.get(arn)
    del active["ResponseMetadata"]
    assert active == {
        "customModelDeploymentArn": arn,
        "modelDeploymentName": "serving",
        "modelArn": model,
        "createdAt": began,
        "status": "Active",
        "description": "for the tests",
        "lastUpdatedAt": began + 10 * MINUTE,
    }


def test_carries_the_tags_of_its_creation(nova: NovaAccount) -> None:
    arn = nova.deploy(nova.model(), tags=[{"key": "team", "value": "any"}])
    assert nova.bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "any"}]
    nova.delete()
    with pytest.raises(nova.bedrock.exceptions.ResourceNotFoundException):
        nova.bedrock.list_tags_for_resource(resourceARN=arn)


def test_a_repeated_token_deploys_once(nova: NovaAccount) -> None:
    model = nova.model()
    first = nova.deploy(model, clientRequestToken="once")
    assert nova.deploy(model, clientRequestToken="once") == first
    assert len(nova.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"]) == 1


def test_refuses_a_name_that_is_taken(nova: NovaAccount) -> None:
    model = nova.model()
    nova.deploy(model)
    with pytest.raises(nova.bedrock.exceptions.ValidationException, match=saying("serving", "exists")):
        nova.deploy(model)


def test_a_name_is_free_again_after_a_deletion_and_the_arn_is_another(nova: NovaAccount) -> None:
    model = nova.model()
    first = nova.deploy(model)
    nova.delete()
    assert nova.deploy(model) != first


def test_a_model_is_named_by_its_arn_alone(nova: NovaAccount) -> None:
    nova.model()
    with pytest.raises(nova.bedrock.exceptions.ValidationException, match="modelArn"):
        nova.deploy("job-model-of-twenty-characters")


def test_refuses_a_model_that_does_not_exist(nova: NovaAccount) -> None:
    with pytest.raises(nova.bedrock.exceptions.ResourceNotFoundException, match="custom-model"):
        nova.deploy(f"{ARN}:custom-model/{NOVA_TUNABLE}/abcdefghijkl")


def test_refuses_a_model_whose_base_is_served_by_provisioned_throughput_alone(account: Account) -> None:
    model = account.tuned_model()
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="on-demand"):
        account.bedrock.create_custom_model_deployment(modelDeploymentName="serving", modelArn=model)


@pytest.mark.parametrize(("day", "deployable"), [(15, False), (16, True)])
def test_refuses_a_model_that_was_customized_before_there_were_deployments(day: int, deployable: bool) -> None:
    nova = NovaAccount(clock=Clock(datetime(2025, 7, day, 23, tzinfo=UTC), rate=0))
    model = nova.model()
    if deployable:
        nova.deploy(model)
        return
    with pytest.raises(nova.bedrock.exceptions.ValidationException, match="2025-07-16"):
        nova.deploy(model)


def test_at_most_ten_exist_and_two_are_in_progress(nova: NovaAccount) -> None:
    model = nova.model()
    for number in range(8):
        nova.active(model, f"serving-{number}")
    nova.deploy(model, "ninth")
    nova.deploy(model, "tenth")
    with pytest.raises(nova.bedrock.exceptions.ServiceQuotaExceededException, match=saying(10)):
        nova.deploy(model, "eleventh")
    nova.delete("serving-0")
    with pytest.raises(nova.bedrock.exceptions.ServiceQuotaExceededException, match=saying(2)):
        nova.deploy(model, "eleventh")
    nova.pass_time(10 * MINUTE)
    nova.deploy(model, "eleventh")


def test_several_for_a_time_answer_side_by_side_and_leave_nothing(nova: NovaAccount) -> None:
    models = [nova.model(f"model-{number}") for number in range(3)]
    arns = [nova.deploy(model, f"candidate-{number}") for number, model in enumerate(models[:2])]
    with pytest.raises(nova.bedrock.exceptions.ServiceQuotaExceededException, match="in progress"):
        nova.deploy(models[2], "candidate-2")
    nova.pass_time(10 * MINUTE)
    arns.append(nova.active(models[2], "candidate-2"))
    nova.delete("candidate-1")
    assert [nova.get(f"candidate-{number}")["status"] for number in (0, 2)] == ["Active", "Active"]
    assert nova.answer(arns[0]) == nova.answer(arns[2])
    with pytest.raises(nova.runtime.exceptions.ResourceNotFoundException):
        nova.answer(arns[1])
    for number in (0, 2):
        nova.delete(f"candidate-{number}")
    assert nova.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"] == []
    meter = nova.simulated.handle_control("meter", {})
    assert {each["customModelDeploymentArn"]: each["deleted"] for each in meter["deployments"]} == dict.fromkeys(
        arns, True
    )
    assert [each["target"] for each in meter["invocations"]] == sorted([arns[0], arns[2]])


def test_an_update_counts_as_in_progress(nova: NovaAccount) -> None:
    nova.simulated.handle_control("quotas", {"set": {"deployments_in_progress": 1}})
    first, second = nova.model("first"), nova.model("second")
    nova.active(first)
    nova.update(second)
    with pytest.raises(nova.bedrock.exceptions.ServiceQuotaExceededException, match="in progress"):
        nova.deploy(first, "other")


def test_serves_the_old_model_until_the_new_one_lands(nova: NovaAccount) -> None:
    first = nova.model("first")
    nova.put(TRAIN_KEY, records(8, lambda prompt, _: nova_record(prompt, "Second.")))
    second = nova.model("second")
    arn = nova.active(first)
    nova.update(second)
    updating = nova.get()
    assert (updating["status"], updating["modelArn"]) == ("Active", first)
    assert updating["updateDetails"] == {"modelArn": second, "updateStatus": "Updating"}
    assert nova.answer(arn) == "[simulated] Aye, valve 7 be shut."
    nova.pass_time(10 * MINUTE)
    landed = nova.get()
    assert (landed["status"], landed["modelArn"]) == ("Active", second)
    assert landed["updateDetails"] == {"modelArn": second, "updateStatus": "UpdateCompleted"}
    assert nova.answer(arn) == "[simulated] Second."


def test_an_update_that_fails_leaves_the_old_model_serving_and_can_be_repeated(nova: NovaAccount) -> None:
    first, second = nova.model("first"), nova.model("second")
    arn = nova.active(first)
    nova.simulated.faults.add(DeploymentFault("failed", on="update"))
    nova.update(second)
    nova.pass_time(10 * MINUTE)
    failed = nova.get()
    assert (failed["status"], failed["modelArn"]) == ("Active", first)
    assert failed["updateDetails"] == {"modelArn": second, "updateStatus": "UpdateFailed"}
    assert nova.answer(arn).endswith("be shut.")
    nova.update(second)
    nova.pass_time(10 * MINUTE)
    assert nova.get()["modelArn"] == second


@pytest.mark.parametrize("state", ["Creating", "being updated", "Failed"])
def test_refuses_an_update_unless_it_is_active(nova: NovaAccount, state: str) -> None:
    first, second = nova.model("first"), nova.model("second")
    if state == "Failed":
        nova.simulated.faults.add(DeploymentFault("failed"))
    nova.deploy(first)
    if state != "Creating":
        nova.pass_time(10 * MINUTE)
    if state == "being updated":
        nova.update(second)
    with pytest.raises(nova.bedrock.exceptions.ValidationException, match=state):
        nova.update(first)


def test_refuses_a_model_of_another_base(nova: NovaAccount) -> None:
    nova.active(nova.model())
    lite = nova.tuned_model("lite", baseModelIdentifier="amazon.nova-lite-v1:0:300k", validationDataConfig=None)
    with pytest.raises(nova.bedrock.exceptions.ValidationException, match="base model"):
        nova.update(lite)


@pytest.mark.parametrize("minutes", [0, 30])
def test_is_gone_at_once_when_deleted(nova: NovaAccount, minutes: int) -> None:
    model = nova.model()
    arn = nova.deploy(model)
    nova.pass_time(minutes * MINUTE)
    nova.delete(arn)
    refused: tuple[Callable[[], object], ...] = (nova.get, nova.delete, lambda: nova.update(model))
    for ask in refused:
        with pytest.raises(nova.bedrock.exceptions.ResourceNotFoundException):
            ask()
    with pytest.raises(nova.runtime.exceptions.ResourceNotFoundException):
        nova.answer(arn)


def test_cannot_be_deleted_while_it_is_updated(nova: NovaAccount) -> None:
    first, second = nova.model("first"), nova.model("second")
    nova.active(first)
    nova.update(second)
    with pytest.raises(nova.bedrock.exceptions.ConflictException, match="updated"):
        nova.delete()


def test_keeps_the_models_that_it_serves_or_will_serve_from_being_deleted(nova: NovaAccount) -> None:
    first, second = nova.model("first"), nova.model("second")
    nova.active(first)
    nova.update(second)
    for model in (first, second):
        with pytest.raises(nova.bedrock.exceptions.ConflictException, match="used"):
            nova.bedrock.delete_custom_model(modelIdentifier=model)
    nova.pass_time(10 * MINUTE)
    nova.bedrock.delete_custom_model(modelIdentifier=first)


@pytest.mark.parametrize(("outcome", "status"), [("stuck", "Creating"), ("failed", "Failed")])
def test_a_creation_can_come_to_nothing(nova: NovaAccount, outcome: str, status: str) -> None:
    model = nova.model()
    nova.simulated.handle_control("faults", {"add": [{"type": "deployment", "outcome": outcome, "message": "no room"}]})
    arn = nova.active(model)
    nova.pass_time()
    found = nova.get()
    assert found["status"] == status
    assert found.get("failureMessage") == ("no room" if status == "Failed" else None)
    with pytest.raises(nova.runtime.exceptions.ModelNotReadyException, match=status):
        nova.answer(arn)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["second", "first"]),
        ({"nameContains": "first"}, ["first"]),
        ({"statusEquals": "Creating"}, ["second"]),
        ({"statusEquals": "Active"}, ["first"]),
        ({"sortOrder": "Ascending", "maxResults": 1}, ["first"]),
        ({"createdAfter": datetime(2025, 11, 17, 12, tzinfo=UTC)}, ["second"]),
        ({"createdBefore": datetime(2025, 11, 17, 12, tzinfo=UTC)}, ["first"]),
    ],
)
def test_are_listed(nova: NovaAccount, filters: dict[str, Any], expected: list[str]) -> None:
    model = nova.model()
    nova.deploy(model, "first")
    nova.pass_time(timedelta(days=1))
    nova.deploy(model, "second")
    found = nova.bedrock.list_custom_model_deployments(**filters)["modelDeploymentSummaries"]
    assert [each["customModelDeploymentName"] for each in found] == expected
    assert {each["modelArn"] for each in found} == {model}


def test_are_listed_by_the_model_that_they_serve(nova: NovaAccount) -> None:
    first, second = nova.model("first"), nova.model("second")
    nova.deploy(first, "one")
    nova.deploy(second, "two")
    found = nova.bedrock.list_custom_model_deployments(modelArnEquals=second)["modelDeploymentSummaries"]
    assert [each["customModelDeploymentName"] for each in found] == ["two"]


def test_are_metered_as_what_was_there_and_bill_nothing_by_the_hour(nova: NovaAccount) -> None:
    model = nova.model()
    nova.active(model, "gone")
    nova.delete("gone")
    nova.active(model, "there")
    nova.pass_time()
    meter = nova.simulated.handle_control("meter", {})
    assert [(each["modelDeploymentName"], each["deleted"]) for each in meter["deployments"]] == [
        ("gone", True),
        ("there", False),
    ]
    assert meter["modelUnitSeconds"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "resources"),
    [
        ("POST", "", {"modelArn": f"{ARN}:custom-model/any"}, ["custom-model/any", "custom-model-deployment/new"]),
        ("PATCH", "/any", {"modelArn": f"{ARN}:custom-model/any"}, ["custom-model-deployment/any", "custom-model/any"]),
        ("GET", "/any", {}, ["custom-model-deployment/any"]),
        ("DELETE", f"/{ARN}:custom-model-deployment/any", {}, ["custom-model-deployment/any"]),
    ],
)
def test_are_authorized_on_deployment_and_model(
    method: str, path: str, body: dict[str, str], resources: list[str]
) -> None:
    path = f"/model-customization/custom-model-deployments{path}"
    found = touched("bedrock", method, path, json.dumps(body).encode(), REGION, ACCOUNT)
    assert found == [f"{ARN}:{resource}" for resource in resources]


def test_listing_supports_no_resource_types() -> None:
    assert touched("bedrock", "GET", "/model-customization/custom-model-deployments", b"", REGION, ACCOUNT) == ["*"]
