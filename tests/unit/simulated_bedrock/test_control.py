"""The controls that AWS does not have: clock, quotas, faults, meter, reset."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.bedrock import ApiFault, ControlError, EventFault, Phase, Settings
from tests.support.bedrock_client import ACCOUNT, client
from tests.unit.simulated_bedrock.scenario import ROLE_ARN, Account, job_request

HOUR = timedelta(hours=1)


def control(account: Account, path: str, /, **request: Any) -> dict[str, Any]:
    answer = account.simulated.handle_control(path, request)
    return dict(json.loads(json.dumps(answer)))


def test_the_clock_can_be_read_and_turned(account: Account) -> None:
    assert control(account, "clock") == {"now": "2025-11-15T00:00:00+00:00", "rate": 0.0}
    account.create_job()
    assert control(account, "/_sandbox/clock", advance_seconds=7200)["now"] == "2025-11-15T02:00:00+00:00"
    assert account.job_statuses() == ["InProgress", "Completed"]
    assert control(account, "clock", rate=3600)["rate"] == 3600


def test_access_to_a_model_can_be_taken_away_and_given_back(account: Account) -> None:
    model = "anthropic.claude-3-haiku-20240307-v1:0"
    assert control(account, "access", deny=[model]) == {"denied": [model]}
    with pytest.raises(account.bedrock.exceptions.AccessDeniedException, match="access"):
        account.create_job()
    found = account.bedrock.get_foundation_model_availability(modelId=model)
    assert found["agreementAvailability"] == {"status": "NOT_AVAILABLE"}
    assert control(account, "access", allow=[model]) == {"denied": []}
    account.create_job()
    control(account, "access", deny=[model])
    control(account, "reset")
    account.create_job("after-the-reset")


def test_the_meter_counts_what_was_asked_for_also_where_it_was_refused(account: Account) -> None:
    account.create_job("one")
    with pytest.raises(account.bedrock.exceptions.ConflictException):
        account.create_job("one")
    calls = control(account, "meter")["calls"]
    assert calls["CreateModelCustomizationJob"] == 2
    assert "CreateProvisionedModelThroughput" not in calls


def test_quotas_can_be_raised_everywhere_or_in_one_place() -> None:
    account = Account(Settings())
    model = account.tuned_model()
    control(account, "quotas", set={"custom_model_units": 1}, account=ACCOUNT, region="us-east-1")
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException):
        account.throughput(model)
    control(account, "quotas", set={"custom_model_units": 1})
    account.throughput(model)


@pytest.mark.parametrize(
    ("path", "request_", "expected"),
    [
        ("time", {}, "there is no control 'time'"),
        ("clock", {"speed": 2}, "clock takes advance_seconds, rate, not speed"),
        ("clock", {"rate": -1}, "rate must be"),
        ("clock", {"advance_seconds": -1}, "time only moves forward"),
        ("meter", {"all": True}, "meter takes nothing"),
        ("quotas", {"set": {"units": 1}}, "there is no quota 'units'"),
        ("quotas", {"set": {"custom_models": -1}}, "a quota is a number"),
        ("quotas", {"account": ACCOUNT}, "account and region go together"),
        ("faults", {"add": [{"type": "fire"}]}, "a fault has a type"),
        ("faults", {"add": [{"type": "job"}]}, "missing 1 required positional argument: 'phase'"),
        ("faults", {"add": [{"type": "job", "phase": "Tea"}]}, "'Tea' is not a valid Phase"),
        ("faults", {"add": [{"type": "event", "outcome": "stuck"}]}, "outcome: expected dropped, doubled"),
        ("faults", {"add": [{"type": "api", "operation": "X", "often": 1}]}, "often: expected no field"),
        ("faults", {"add": [{"type": "api", "operation": "X", "times": "2"}]}, "times: expected int"),
        ("faults", {"add": [{"type": "unseen", "where": "sky", "seconds": 1}]}, "where: expected get, list, tags"),
        ("faults", {"add": [{"type": "omission", "operation": "X", "keep": "status"}]}, "keep: expected a list"),
        ("faults", {"add": [{"type": "job", "phase": "Training", "seconds": "9"}]}, "seconds: expected int"),
    ],
)
def test_refuses_a_control_that_makes_no_sense(
    account: Account, path: str, request_: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ControlError, match=expected):
        account.simulated.handle_control(path, request_)


def test_an_operation_can_fail_before_its_effect(account: Account) -> None:
    control(account, "faults", add=[{"type": "api", "operation": "CreateModelCustomizationJob"}])
    with pytest.raises(account.bedrock.exceptions.ThrottlingException) as caught:
        account.create_job()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"] == []
    account.create_job()


def test_an_operation_can_have_its_effect_and_answer_with_an_error(account: Account) -> None:
    model = account.tuned_model()
    account.simulated.faults.add(
        ApiFault("CreateProvisionedModelThroughput", error="InternalServerException", when="after")
    )
    with pytest.raises(account.bedrock.exceptions.InternalServerException):
        account.throughput(model, clientRequestToken="once")
    assert len(account.bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]) == 1
    account.throughput(model, clientRequestToken="once")
    assert len(account.bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]) == 1


def test_botocore_retries_a_lost_answer_with_the_same_token(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    account.simulated.faults.add(
        ApiFault("CreateModelCustomizationJob", error="ServiceUnavailableException", when="after")
    )
    patient = client(account.simulated, "bedrock", attempts=3)
    arn = patient.create_model_customization_job(**job_request())["jobArn"]
    jobs = account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"]
    assert [each["jobArn"] for each in jobs] == [arn]


def test_a_fault_may_let_some_calls_pass_and_last(account: Account) -> None:
    account.create_job()
    account.simulated.faults.add(ApiFault("GetModelCustomizationJob", skip=1, times=2))
    account.job()
    for _ in range(2):
        with pytest.raises(account.bedrock.exceptions.ThrottlingException):
            account.job()
    account.job()


def test_a_new_role_can_be_unknown_for_a_while(account: Account) -> None:
    message = "Could not assume provided IAM role"
    account.simulated.faults.add(
        ApiFault("CreateModelCustomizationJob", "ValidationException", message=message, times=2)
    )
    for _ in range(2):
        with pytest.raises(account.bedrock.exceptions.ValidationException, match=message):
            account.create_job()
    assert account.create_job()


@pytest.mark.parametrize("phase", list(Phase))
def test_the_next_job_can_fail_in_a_phase(account: Account, phase: Phase) -> None:
    control(account, "faults", add=[{"type": "job", "phase": phase, "message": "the hall is on fire"}])
    account.create_job("first")
    account.create_job("second")
    account.pass_time()
    statuses = [account.job(name)["status"] for name in ("first", "second")]
    assert sorted(statuses) == ["Completed", "Failed"]
    failed = account.job(("first", "second")[statuses.index("Failed")])
    assert failed["failureMessage"] == "the hall is on fire"
    details = [failed["statusDetails"][f"{name}Details"] for name in ("validation", "dataProcessing", "training")]
    assert details[list(Phase).index(phase)]["status"] == "Failed"


def test_faults_can_be_listed_and_forgotten(account: Account) -> None:
    account.simulated.faults.add(EventFault("dropped", times=3))
    pending = control(account, "faults")["pending"]
    assert pending == [{"outcome": "dropped", "times": 3}]
    assert control(account, "faults", clear=True)["pending"] == []


def test_trained_tokens_are_counted_once(account: Account) -> None:
    account.tuned_model()
    once = control(account, "meter")
    account.pass_time()
    assert control(account, "meter") == once
    per_epoch = once["trainedTokens"] // 2
    assert per_epoch > 64
    assert once["jobs"] == [
        {
            "jobArn": account.job()["jobArn"],
            "jobName": "job",
            "status": "Completed",
            "trainedTokens": per_epoch * 2,
        }
    ]


def test_a_stopped_job_is_metered_for_what_it_had_trained(account: Account) -> None:
    account.create_job("whole")
    account.create_job("half")
    account.pass_time(HOUR)  # the training of two epochs of 30 minutes began half an hour ago
    account.bedrock.stop_model_customization_job(jobIdentifier="half")
    account.pass_time()
    tokens = {job["jobName"]: job["trainedTokens"] for job in control(account, "meter")["jobs"]}
    assert tokens["half"] == tokens["whole"] // 2 > 0


def test_a_job_that_never_trained_costs_nothing(account: Account) -> None:
    account.role.may_read = False
    account.create_job()
    account.pass_time()
    assert control(account, "meter")["trainedTokens"] == 0


def test_unit_hours_are_counted_until_the_deletion(account: Account) -> None:
    model = account.tuned_model()
    account.throughput(model, "first", modelUnits=2)
    account.pass_time(3 * HOUR)
    account.bedrock.delete_provisioned_model_throughput(provisionedModelId="first")
    account.throughput(model, "second")
    account.pass_time(HOUR)
    meter = control(account, "meter")
    assert meter["modelUnitSeconds"] == 7 * 3600
    assert [(each["provisionedModelName"], each["deleted"]) for each in meter["throughputs"]] == [
        ("first", True),
        ("second", False),
    ]


def test_a_reset_forgets_everything_but_the_time(account: Account) -> None:
    account.tuned_model()
    control(account, "quotas", set={"custom_model_units": 0})
    account.simulated.faults.add(ApiFault("ListCustomModels"))
    now = account.clock.now()
    assert control(account, "reset") == {}
    assert account.bedrock.list_custom_models()["modelSummaries"] == []
    assert account.clock.now() == now
    account.throughput(account.tuned_model())
    assert ROLE_ARN in account.world.roles
