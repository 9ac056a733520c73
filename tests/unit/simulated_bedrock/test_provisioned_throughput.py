"""Provisioned Throughputs: purchase, quota, update, commitment, deletion."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.bedrock import Clock, Quotas, Settings, ThroughputFault
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import HAIKU, HAIKU_TUNABLE, Account

MINUTE = timedelta(minutes=1)


def get(account: Account, name: str = "serving") -> dict[str, Any]:
    return dict(account.bedrock.get_provisioned_model_throughput(provisionedModelId=name))


def test_is_in_service_after_a_while(account: Account) -> None:
    model = account.tuned_model()
    arn = account.throughput(model, modelUnits=2)
    creating = get(account)
    assert creating["status"] == "Creating"
    account.pass_time(9 * MINUTE)
    assert get(account)["status"] == "Creating"
    account.pass_time(MINUTE)
    serving = get(account, arn)
    assert serving["status"] == "InService"
    assert serving["provisionedModelArn"] == arn
    assert serving["modelArn"] == serving["desiredModelArn"] == model
    assert serving["foundationModelArn"].endswith(f"::foundation-model/{HAIKU_TUNABLE}")
    assert serving["modelUnits"] == serving["desiredModelUnits"] == 2
    assert "commitmentDuration" not in serving
    assert "failureMessage" not in serving


def test_a_model_may_be_named_instead_of_its_arn(account: Account) -> None:
    model = account.tuned_model()
    account.throughput("job-model")
    assert get(account)["modelArn"] == model


def test_the_quota_is_zero_unless_it_was_raised() -> None:
    account = Account(Settings())
    model = account.tuned_model()
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException, match=saying("quota", 0)):
        account.throughput(model)


def test_the_quota_counts_the_units_of_all_throughputs() -> None:
    account = Account(Settings(quotas=Quotas(custom_model_units=3)))
    model = account.tuned_model()
    first = account.throughput(model, "first", modelUnits=2)
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException, match=saying("quota", 2)):
        account.throughput(model, "second", modelUnits=2)
    account.throughput(model, "second", modelUnits=1)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=first)
    account.throughput(model, "third", modelUnits=2)


def test_a_single_purchase_may_have_a_quota_of_its_own() -> None:
    account = Account(Settings(quotas=Quotas(custom_model_units=9, model_units_per_throughput=1)))
    model = account.tuned_model()
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException, match=saying("quota", 1)):
        account.throughput(model, modelUnits=2)


def test_base_models_have_a_quota_of_their_own(account: Account) -> None:
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException):
        account.throughput(f"{HAIKU}:48k")
    account.simulated.handle_control("quotas", {"set": {"base_model_units": 1}})
    account.throughput(f"{HAIKU}:48k")
    assert get(account)["modelArn"].endswith(f"{HAIKU}:48k")


def test_refuses_a_base_model_that_is_served_on_demand_only(account: Account) -> None:
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="Provisioned"):
        account.throughput(HAIKU)


def test_refuses_a_model_that_does_not_exist_yet(account: Account) -> None:
    account.create_job()
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException, match="job-model"):
        account.throughput("job-model")


def test_refuses_a_name_that_is_taken(account: Account) -> None:
    model = account.tuned_model()
    account.throughput(model)
    with pytest.raises(account.bedrock.exceptions.ValidationException, match=saying("serving", "exists")):
        account.throughput(model)


def test_a_name_is_free_again_after_a_deletion_and_the_arn_is_another(account: Account) -> None:
    model = account.tuned_model()
    first = account.throughput(model)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=first)
    assert account.throughput(model) != first


def test_a_repeated_token_buys_once(account: Account) -> None:
    model = account.tuned_model()
    first = account.throughput(model, clientRequestToken="once")
    assert account.throughput(model, clientRequestToken="once") == first
    assert len(account.bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]) == 1


def test_refuses_a_legacy_base_model() -> None:
    account = Account(clock=Clock(datetime(2026, 3, 9, 12, tzinfo=UTC), rate=0))
    model = account.tuned_model()
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="Legacy"):
        account.throughput(model)


def test_serves_the_old_model_until_the_new_one_lands(account: Account) -> None:
    first, second = account.tuned_model("first"), account.tuned_model("second")
    account.in_service(first)
    account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId="second-model")
    updating = get(account)
    assert (updating["status"], updating["modelArn"], updating["desiredModelArn"]) == ("Updating", first, second)
    account.pass_time(10 * MINUTE)
    landed = get(account)
    assert (landed["status"], landed["modelArn"], landed["desiredModelArn"]) == ("InService", second, second)


def test_can_go_back_to_its_base_model(account: Account) -> None:
    account.in_service(account.tuned_model())
    account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=HAIKU_TUNABLE)
    account.pass_time()
    assert get(account)["modelArn"].endswith(f"foundation-model/{HAIKU_TUNABLE}")


def test_takes_a_new_name_at_once(account: Account) -> None:
    arn = account.in_service(account.tuned_model())
    account.bedrock.update_provisioned_model_throughput(provisionedModelId=arn, desiredProvisionedModelName="renamed")
    assert get(account, "renamed")["status"] == "InService"
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        get(account, "serving")


def test_refuses_the_name_of_another(account: Account) -> None:
    model = account.tuned_model()
    account.in_service(model, "one")
    account.in_service(model, "two")
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="exists"):
        account.bedrock.update_provisioned_model_throughput(provisionedModelId="two", desiredProvisionedModelName="one")


@pytest.mark.parametrize("status", ["Creating", "Updating"])
def test_refuses_an_update_while_it_is_not_in_service(account: Account, status: str) -> None:
    first, second = account.tuned_model("first"), account.tuned_model("second")
    account.throughput(first)
    if status == "Updating":
        account.pass_time(10 * MINUTE)
        account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=second)
    with pytest.raises(account.bedrock.exceptions.ValidationException, match=status):
        account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=first)


def test_refuses_a_model_of_another_base(account: Account) -> None:
    account.in_service(account.tuned_model())
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="base model"):
        account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=f"{HAIKU}:48k")


def test_a_throughput_of_a_base_model_keeps_it(account: Account) -> None:
    account.simulated.handle_control("quotas", {"set": {"base_model_units": 1}})
    model = account.tuned_model()
    account.in_service(HAIKU_TUNABLE)
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="custom model"):
        account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=model)


@pytest.mark.parametrize("minutes", [0, 30])
def test_is_gone_at_once_when_deleted(account: Account, minutes: int) -> None:
    arn = account.throughput(account.tuned_model())
    account.pass_time(minutes * MINUTE)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
    for _ in range(2):
        with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
            get(account, arn)
        account.pass_time()
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)


def test_cannot_be_deleted_while_it_is_updating(account: Account) -> None:
    first, second = account.tuned_model("first"), account.tuned_model("second")
    account.in_service(first)
    account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=second)
    with pytest.raises(account.bedrock.exceptions.ConflictException, match="Updating"):
        account.bedrock.delete_provisioned_model_throughput(provisionedModelId="serving")


@pytest.mark.parametrize(("commitment", "days"), [("OneMonth", 30), ("SixMonths", 180)])
def test_cannot_be_deleted_inside_its_commitment(account: Account, commitment: str, days: int) -> None:
    account.throughput(account.tuned_model(), commitmentDuration=commitment)
    bought = account.clock.now()
    serving = get(account)
    assert serving["commitmentDuration"] == commitment
    assert serving["commitmentExpirationTime"] == bought + timedelta(days=days)
    account.pass_time(timedelta(days=days) - MINUTE)
    with pytest.raises(account.bedrock.exceptions.ConflictException, match="committed"):
        account.bedrock.delete_provisioned_model_throughput(provisionedModelId="serving")
    account.pass_time(MINUTE)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId="serving")


def test_a_commitment_renews_by_itself(account: Account) -> None:
    account.throughput(account.tuned_model(), commitmentDuration="OneMonth")
    bought = account.clock.now()
    account.pass_time(timedelta(days=30))
    assert get(account)["commitmentExpirationTime"] == bought + timedelta(days=60)


def test_may_never_leave_creating(account: Account) -> None:
    model = account.tuned_model()
    account.simulated.faults.add(ThroughputFault("stuck"))
    account.throughput(model, "stuck")
    account.throughput(model, "sound")
    account.pass_time(timedelta(days=30))
    assert get(account, "stuck")["status"] == "Creating"
    assert get(account, "sound")["status"] == "InService"
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId="stuck")


@pytest.mark.parametrize("on", ["creation", "update"])
def test_may_fail(account: Account, on: Any) -> None:
    first, second = account.tuned_model("first"), account.tuned_model("second")
    account.simulated.faults.add(ThroughputFault("failed", on=on, message="no capacity"))
    account.throughput(first)
    assert "failureMessage" not in get(account)
    account.pass_time(10 * MINUTE)
    if on == "update":
        account.bedrock.update_provisioned_model_throughput(provisionedModelId="serving", desiredModelId=second)
        account.pass_time(10 * MINUTE)
    failed = get(account)
    assert (failed["status"], failed["failureMessage"], failed["modelArn"]) == ("Failed", "no capacity", first)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId="serving")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["late", "early"]),
        ({"statusEquals": "Creating"}, ["late"]),
        ({"nameContains": "arl"}, ["early"]),
        ({"sortOrder": "Ascending"}, ["early", "late"]),
    ],
)
def test_are_listed(account: Account, filters: dict[str, Any], expected: list[str]) -> None:
    model = account.tuned_model()
    account.in_service(model, "early")
    account.throughput(model, "late")
    filters = {**filters, "modelArnEquals": model}
    found = account.bedrock.list_provisioned_model_throughputs(**filters)["provisionedModelSummaries"]
    assert [each["provisionedModelName"] for each in found] == expected
