"""What AWS does not promise away, on demand: each through the control interface, and seen by a client."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.bedrock.wire.models import service_model
from tests.support.bedrock_client import client
from tests.unit.simulated_bedrock.scenario import HAIKU_TUNABLE, NOVA_TUNABLE, Account
from tests.unit.simulated_bedrock.test_deployments import NovaAccount

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
NOVA = NOVA_TUNABLE.rpartition(":")[0]
# How each kind of thing is made, found, listed; the member of the list; the parameter that names it.
KINDS = ("job", "model", "throughput", "deployment")


@pytest.fixture
def nova() -> NovaAccount:
    return NovaAccount()


def fault(account: Account, kind: str, /, **fields: Any) -> None:
    account.simulated.handle_control("faults", {"add": [{"type": kind, **fields}]})


def clear(account: Account) -> None:
    account.simulated.handle_control("faults", {"clear": True})


def make(nova: NovaAccount, kind: str) -> str:
    """Make a thing of a kind, at this moment; return its ARN."""
    if kind == "job":
        return nova.create_job(baseModelIdentifier=NOVA_TUNABLE, validationDataConfig=None)
    if kind == "model":
        make(nova, "job")
        while (found := nova.job())["status"] == "InProgress":
            nova.pass_time(MINUTE)
        return str(found["outputModelArn"])
    model = nova.model()
    return nova.throughput(model) if kind == "throughput" else nova.deploy(model)


def get(nova: NovaAccount, kind: str, name: str) -> dict[str, Any]:
    calls: dict[str, Callable[[], Any]] = {
        "job": lambda: nova.bedrock.get_model_customization_job(jobIdentifier=name),
        "model": lambda: nova.bedrock.get_custom_model(modelIdentifier=name),
        "throughput": lambda: nova.bedrock.get_provisioned_model_throughput(provisionedModelId=name),
        "deployment": lambda: nova.bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=name),
    }
    return dict(calls[kind]())


def listed(nova: NovaAccount, kind: str) -> list[Any]:
    calls: dict[str, Callable[[], Any]] = {
        "job": lambda: nova.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"],
        "model": lambda: nova.bedrock.list_custom_models()["modelSummaries"],
        "throughput": lambda: nova.bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"],
        "deployment": lambda: nova.bedrock.list_custom_model_deployments()["modelDeploymentSummaries"],
    }
    return list(calls[kind]())


def seen(nova: NovaAccount, kind: str, arn: str) -> set[str]:
    """Return where a thing with a tag is seen: in Get, in List, in its tags."""
    where = {"list"} if listed(nova, kind) else set()
    if nova.bedrock.list_tags_for_resource(resourceARN=arn)["tags"]:
        where.add("tags")
    try:
        get(nova, kind, arn)
    except nova.bedrock.exceptions.ResourceNotFoundException:
        return where
    return {*where, "get"}


@contextmanager
def refused(error: str) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == error


# --- not seen for a while ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["get", "list", "tags"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_made_is_not_seen_for_so_many_seconds_there_and_there_alone(
    nova: NovaAccount, kind: str, where: str
) -> None:
    arn = make(nova, kind)
    nova.bedrock.tag_resource(resourceARN=arn, tags=[{"key": "team", "value": "any"}])
    everywhere = {"get", "list", "tags"}
    assert seen(nova, kind, arn) == everywhere
    fault(nova, "unseen", where=where, seconds=40)
    assert seen(nova, kind, arn) == everywhere - {where}
    nova.pass_time(39 * SECOND)
    assert seen(nova, kind, arn) == everywhere - {where}
    nova.pass_time(SECOND)
    assert seen(nova, kind, arn) == everywhere


def test_only_the_kind_that_is_named_is_not_seen(nova: NovaAccount) -> None:
    fault(nova, "unseen", where="get", seconds=40, kind="deployment")
    nova.throughput(nova.model())
    assert get(nova, "throughput", "serving")


def test_what_is_not_seen_is_not_found_by_its_delete_and_bills_all_the_same(nova: NovaAccount) -> None:
    model = nova.model()
    fault(nova, "unseen", where="get", seconds=40)
    nova.throughput(model)
    with refused("ResourceNotFoundException"):
        nova.bedrock.delete_provisioned_model_throughput(provisionedModelId="serving")
    nova.pass_time(MINUTE)
    assert nova.simulated.handle_control("meter", {})["modelUnitSeconds"] == 60


def test_a_create_is_not_blind(nova: NovaAccount) -> None:
    model = nova.model()
    fault(nova, "unseen", where="get", seconds=40)
    arn = nova.deploy(model, clientRequestToken="once")
    assert nova.deploy(model, clientRequestToken="once") == arn
    with refused("ValidationException"):
        nova.deploy(model)


# --- another error ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("job", "GetModelCustomizationJob"),
        ("model", "GetCustomModel"),
        ("throughput", "GetProvisionedModelThroughput"),
        ("deployment", "GetCustomModelDeployment"),
    ],
)
def test_a_name_that_is_not_there_can_be_told_with_another_error(nova: NovaAccount, kind: str, operation: str) -> None:
    arn = make(nova, kind)
    fault(nova, "not-there", operation=operation, error="AccessDeniedException", message="no")
    with refused("AccessDeniedException"):
        get(nova, kind, "nobody")
    assert get(nova, kind, arn)
    clear(nova)
    with refused("ResourceNotFoundException"):
        get(nova, kind, "nobody")


# --- members left out -------------------------------------------------------------------------------------------


def required_of(operation: str) -> set[str]:
    shape: Any = service_model("bedrock").operation_model(operation).output_shape
    return set(shape.required_members)


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("job", "GetModelCustomizationJob"),
        ("model", "GetCustomModel"),
        ("throughput", "GetProvisionedModelThroughput"),
        ("deployment", "GetCustomModelDeployment"),
    ],
)
def test_what_the_service_model_does_not_require_is_left_out(nova: NovaAccount, kind: str, operation: str) -> None:
    arn = make(nova, kind)
    if kind == "throughput":
        # All that it may leave out is there in a failure or a commitment alone.
        nova.bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)
        nova.throughput(nova.model("other"), commitmentDuration="OneMonth")
    name = {"job": "job", "model": "job-model"}.get(kind, "serving")
    whole = get(nova, kind, name).keys()
    fault(nova, "omission", operation=operation)
    assert required_of(operation) < whole - {"ResponseMetadata"}
    assert get(nova, kind, name).keys() - {"ResponseMetadata"} == required_of(operation)


def test_a_member_can_be_kept_or_be_the_only_one_that_is_left_out(nova: NovaAccount) -> None:
    make(nova, "model")
    required = required_of("GetModelCustomizationJob")
    fault(nova, "omission", operation="GetModelCustomizationJob", keep=["status"])
    assert nova.job().keys() - {"ResponseMetadata"} == required | {"status"}
    clear(nova)
    whole = nova.job().keys()
    fault(nova, "omission", operation="GetModelCustomizationJob", members=["endTime", "jobArn"])
    assert whole - nova.job().keys() == {"endTime"}


def test_an_empty_list_is_left_out_and_a_full_one_tells_of_each_what_it_must(nova: NovaAccount) -> None:
    fault(nova, "omission", operation="ListCustomModels")
    assert nova.bedrock.list_custom_models().keys() == {"ResponseMetadata"}
    make(nova, "model")
    (summary,) = nova.bedrock.list_custom_models()["modelSummaries"]
    assert summary.keys() == {"modelArn", "modelName", "creationTime", "baseModelArn", "baseModelName"}


def test_a_quota_may_tell_nothing(account: Account) -> None:
    quotas = client(account.simulated, "service-quotas")
    fault(account, "omission", operation="GetServiceQuota")
    found = quotas.get_service_quota(ServiceCode="bedrock", QuotaCode="L-CB5B847D")
    assert found.keys() == {"ResponseMetadata"}


# --- a deletion that shows --------------------------------------------------------------------------------------


def delete(nova: NovaAccount, kind: str) -> None:
    if kind == "throughput":
        nova.bedrock.delete_provisioned_model_throughput(provisionedModelId="serving")
    else:
        nova.delete()


@pytest.mark.parametrize("error", ["ConflictException", "ValidationException"])
@pytest.mark.parametrize("status", ["", "Deleting"])
@pytest.mark.parametrize("kind", ["throughput", "deployment"])
def test_what_was_deleted_is_shown_for_so_long_and_refuses_a_further_delete(
    nova: NovaAccount, kind: str, status: str, error: str
) -> None:
    arn = make(nova, kind)
    nova.pass_time(10 * MINUTE)
    before = get(nova, kind, arn)["status"]
    fault(nova, "deletion", seconds=30, status=status, error=error)
    delete(nova, kind)
    for _ in range(2):
        assert get(nova, kind, "serving")["status"] == (status or before)
        assert [each["status"] for each in listed(nova, kind)] == [status or before]
        with refused(error):
            delete(nova, kind)
        nova.pass_time(15 * SECOND)
    assert listed(nova, kind) == []
    with refused("ResourceNotFoundException"):
        delete(nova, kind)


def test_what_was_deleted_and_is_shown_bills_no_more_serves_nobody_and_holds_its_name(nova: NovaAccount) -> None:
    model = nova.model()
    arn = nova.in_service(model, clientRequestToken="once")
    fault(nova, "deletion", seconds=30)
    delete(nova, "throughput")
    billed = nova.simulated.handle_control("meter", {})["throughputs"]
    assert [each["deleted"] for each in billed] == [True]
    nova.pass_time(29 * SECOND)
    assert nova.simulated.handle_control("meter", {})["throughputs"] == billed
    with refused("ResourceNotFoundException"):
        nova.answer(arn)
    with refused("ValidationException"):
        nova.throughput(model, clientRequestToken="once")
    nova.pass_time(SECOND)
    assert nova.throughput(model, clientRequestToken="once") != arn


# --- Legacy between look and create -----------------------------------------------------------------------------


def status_of(account: Account, model_id: str) -> str:
    found = account.bedrock.get_foundation_model(modelIdentifier=model_id)["modelDetails"]
    return str(found["modelLifecycle"]["status"])


def test_a_base_model_turns_legacy_at_the_create_which_tells_a_server_error(account: Account) -> None:
    fault(account, "legacy")
    assert status_of(account, HAIKU_TUNABLE) == "ACTIVE"
    for _ in range(2):
        with refused("InternalServerException"):
            account.create_job()
        assert status_of(account, HAIKU_TUNABLE) == "LEGACY"
    assert account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"] == []
    clear(account)
    assert status_of(account, HAIKU_TUNABLE) == "ACTIVE"
    account.create_job()


def test_a_base_model_may_turn_legacy_at_a_purchase(account: Account) -> None:
    model = account.tuned_model()
    fault(account, "legacy", operation="CreateProvisionedModelThroughput", error="ValidationException")
    with refused("ValidationException"):
        account.throughput(model)
    assert status_of(account, HAIKU_TUNABLE) == "LEGACY"


def test_another_base_model_does_not_turn_legacy(nova: NovaAccount) -> None:
    fault(nova, "legacy", model="amazon.nova-lite-v1:0:300k")
    make(nova, "job")


# --- jobs that do not start -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "details"),
    [
        ("Validation", ["Completed", "NotStarted", "NotStarted"]),
        ("DataProcessing", ["Completed", "Completed", "NotStarted"]),
        ("Training", ["Completed", "Completed", "InProgress"]),
    ],
)
def test_a_job_is_stuck_after_a_phase_until_it_is_stopped(account: Account, phase: str, details: list[str]) -> None:
    fault(account, "job", phase=phase, outcome="stuck")
    account.create_job()
    account.pass_time(timedelta(hours=74))
    job = account.job()
    assert job["status"] == "InProgress"
    assert "failureMessage" not in job
    told = [job["statusDetails"][f"{name}Details"]["status"] for name in ("validation", "dataProcessing", "training")]
    assert told == details
    account.bedrock.stop_model_customization_job(jobIdentifier="job")
    account.pass_time(MINUTE)
    assert account.job()["status"] == "Stopped"
    assert account.job()["statusDetails"]["validationDetails"]["status"] == "Completed"
    bills = account.simulated.handle_control("meter", {})["trainedTokens"] > 0
    assert bills is (phase == "Training")


def test_a_job_may_fail_within_a_minute_without_a_reason(account: Account) -> None:
    reason = "Encountered an internal error when processing the request."
    fault(account, "job", phase="Validation", seconds=60, message=reason)
    account.create_job()
    account.create_job("other")
    account.pass_time(MINUTE)
    assert (account.job()["status"], account.job()["failureMessage"]) == ("Failed", reason)
    assert account.job("other")["status"] == "InProgress"
    account.pass_time()
    assert account.job("other")["status"] == "Completed"


# --- authorization ----------------------------------------------------------------------------------------------


def test_an_authorization_that_means_nothing(nova: NovaAccount) -> None:
    fault(nova, "authorization")
    told = nova.bedrock.get_foundation_model_availability(modelId=NOVA)
    assert told["authorizationStatus"] == "NOT_AUTHORIZED"
    assert told["agreementAvailability"]["status"] == told["entitlementAvailability"] == "AVAILABLE"
    assert told["regionAvailability"] == "AVAILABLE"
    assert nova.answer(nova.active(nova.model()))


def test_an_authorization_that_is_meant(nova: NovaAccount) -> None:
    fault(nova, "authorization", enforced=True, model=NOVA)
    told = nova.bedrock.get_foundation_model_availability(modelId=NOVA)
    assert told["authorizationStatus"] == "NOT_AUTHORIZED"
    assert told["agreementAvailability"]["status"] == "AVAILABLE"
    with refused("AccessDeniedException"):
        make(nova, "job")
    with refused("AccessDeniedException"):
        nova.answer(NOVA)
    clear(nova)
    make(nova, "job")


# --- another team's tags ----------------------------------------------------------------------------------------


def test_the_tags_of_one_thing_may_not_be_read_for_as_long_as_that_is_asked_for(nova: NovaAccount) -> None:
    ours, theirs = nova.model("ours"), nova.model("theirs")
    denied = {"operation": "ListTagsForResource", "error": "AccessDeniedException", "resource": theirs}
    fault(nova, "api", **denied, times=0)
    for _ in range(3):
        with refused("AccessDeniedException"):
            nova.bedrock.list_tags_for_resource(resourceARN=theirs)
        nova.bedrock.list_tags_for_resource(resourceARN=ours)
    clear(nova)
    nova.bedrock.list_tags_for_resource(resourceARN=theirs)
