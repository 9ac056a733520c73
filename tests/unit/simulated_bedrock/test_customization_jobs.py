"""Customization jobs: creation, phases, names, lists, stopping."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.bedrock import Clock, Quotas, Settings
from tests.support.bedrock_client import ACCOUNT
from tests.support.messages import saying
from tests.unit.simulated_bedrock.scenario import (
    HAIKU,
    HAIKU_TUNABLE,
    NOVA_TUNABLE,
    TRAIN_KEY,
    VALIDATION_KEY,
    Account,
    nova_record,
    records,
    uri,
)

MINUTE = timedelta(minutes=1)
START = datetime(2025, 11, 15, tzinfo=UTC)


def phases(job: dict[str, Any]) -> list[str]:
    details = job["statusDetails"]
    return [details[f"{name}Details"]["status"] for name in ("validation", "dataProcessing", "training")]


def test_goes_through_its_phases_by_the_clock(account: Account) -> None:
    arn = account.create_job()
    assert arn.startswith(f"arn:aws:bedrock:us-west-2:{ACCOUNT}:model-customization-job/{HAIKU_TUNABLE}/")
    seen = []
    for minutes in (0, 9, 10, 29, 30, 89, 90):
        account.pass_time(START + minutes * MINUTE - account.clock.now())
        job = account.job()
        seen.append((minutes, job["status"], phases(job)))
    assert seen == [
        (0, "InProgress", ["InProgress", "NotStarted", "NotStarted"]),
        (9, "InProgress", ["InProgress", "NotStarted", "NotStarted"]),
        (10, "InProgress", ["Completed", "InProgress", "NotStarted"]),
        (29, "InProgress", ["Completed", "InProgress", "NotStarted"]),
        (30, "InProgress", ["Completed", "Completed", "InProgress"]),
        (89, "InProgress", ["Completed", "Completed", "InProgress"]),
        (90, "Completed", ["Completed", "Completed", "Completed"]),
    ]


def test_tells_the_request_and_the_result(account: Account) -> None:
    arn = account.create_job(clientRequestToken="token-1")
    before = account.job()
    assert "outputModelArn" not in before
    assert "trainingMetrics" not in before
    account.pass_time()
    job = account.job(arn)
    assert job["jobArn"] == arn
    assert job["clientRequestToken"] == "token-1"
    assert job["hyperParameters"] == {"epochCount": "2"}
    assert job["baseModelArn"] == f"arn:aws:bedrock:us-west-2::foundation-model/{HAIKU_TUNABLE}"
    assert job["outputModelArn"].startswith(f"arn:aws:bedrock:us-west-2:{ACCOUNT}:custom-model/{HAIKU_TUNABLE}/")
    assert job["creationTime"] == START
    assert job["endTime"] == START + 90 * MINUTE
    assert job["trainingMetrics"]["trainingLoss"] > 0
    assert len(job["validationMetrics"]) == 1


def test_what_is_seen_does_not_depend_on_how_often_one_looks(account: Account) -> None:
    watched, unwatched = account, Account()
    for each in (watched, unwatched):
        each.create_job(clientRequestToken="same")
    for _ in range(48):
        watched.pass_time(timedelta(hours=1))
        watched.job()
    unwatched.pass_time(timedelta(hours=48))
    first, second = watched.job(), unwatched.job()
    for job in (first, second):
        del job["ResponseMetadata"]
    assert first == second
    assert watched.world.objects == unwatched.world.objects
    assert watched.world.events == unwatched.world.events


def test_always_has_a_validation_config(account: Account) -> None:
    account.create_job(validationDataConfig=None)
    account.pass_time()
    job = account.job()
    assert job["validationDataConfig"] == {"validators": []}
    assert job["validationMetrics"] == []


def test_nova_is_tuned_in_us_east_1() -> None:
    account = Account(region="us-east-1")
    account.put(TRAIN_KEY, records(8, nova_record))
    account.put(VALIDATION_KEY, records(1, nova_record))
    sent = {"learningRate": "0.00002", "batchSize": "1"}
    account.create_job(baseModelIdentifier=NOVA_TUNABLE, hyperParameters=sent)
    account.pass_time()
    assert account.job()["status"] == "Completed"


def test_the_base_may_be_named_by_its_arn(account: Account) -> None:
    arn = f"arn:aws:bedrock:us-west-2::foundation-model/{HAIKU_TUNABLE}"
    account.create_job(baseModelIdentifier=arn)
    assert account.job()["baseModelArn"] == arn


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"baseModelIdentifier": HAIKU}, "cannot be customized in us-west-2"),
        ({"baseModelIdentifier": "anthropic.claude-9"}, "model identifier is invalid"),
        ({"baseModelIdentifier": NOVA_TUNABLE}, "model identifier is invalid"),
        ({"baseModelIdentifier": "no-such-custom-model"}, "model identifier is invalid"),
        ({"trainingDataConfig": {}}, "must hold an s3Uri"),
        ({"hyperParameters": {"learningRate": "0.1"}}, "Unknown hyperparameters learningRate"),
        ({"hyperParameters": {"epochCount": "0"}}, "epochCount must be of type integer and between 1 and 10"),
        ({"hyperParameters": {"epochCount": "11"}}, "between 1 and 10"),
        ({"hyperParameters": {"epochCount": "2.0"}}, "of type integer"),
        ({"hyperParameters": {"epochCount": "1_0"}}, "of type integer"),
        ({"hyperParameters": {"batchSize": "3"}}, "between 4 and 256"),
        ({"hyperParameters": {"learningRateMultiplier": "0.05"}}, "between 0.1 and 2"),
        ({"hyperParameters": {"learningRateMultiplier": "NaN"}}, "of type float"),
        ({"hyperParameters": {"earlyStoppingThreshold": "0.11"}}, "between 0 and 0.1"),
        ({"hyperParameters": {"earlyStoppingPatience": "0"}}, "between 1 and 10"),
    ],
)
def test_refuses_a_request_that_cannot_succeed(account: Account, change: dict[str, Any], expected: str) -> None:
    with pytest.raises(account.bedrock.exceptions.ValidationException, match=expected):
        account.create_job(**change)


@pytest.mark.parametrize("kind", ["CONTINUED_PRE_TRAINING", "DISTILLATION", "REINFORCEMENT_FINE_TUNING", "IMPORTED"])
def test_says_that_other_customizations_are_not_simulated(account: Account, kind: str) -> None:
    with pytest.raises(account.bedrock.exceptions.ClientError, match="simulated"):
        account.create_job(customizationType=kind)


def test_refuses_a_legacy_base_model() -> None:
    account = Account(clock=Clock(datetime(2026, 3, 10, tzinfo=UTC), rate=0))
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="Legacy"):
        account.create_job()


def test_refuses_a_base_model_past_its_end_of_life() -> None:
    account = Account(clock=Clock(datetime(2026, 9, 10, tzinfo=UTC), rate=0))
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="identifier"):
        account.create_job()


def test_a_job_that_began_before_legacy_runs_to_its_end() -> None:
    account = Account(clock=Clock(datetime(2026, 3, 9, 23, 59, tzinfo=UTC), rate=0))
    account.create_job()
    account.pass_time()
    assert account.job()["status"] == "Completed"


def test_names_of_jobs_are_used_up_for_ever(account: Account) -> None:
    account.tuned_model("first")
    with pytest.raises(account.bedrock.exceptions.ConflictException, match=saying("first", "exists")):
        account.create_job("first", customModelName="another")


def test_names_of_models_are_used_up_for_ever(account: Account) -> None:
    account.tuned_model("first")
    account.bedrock.delete_custom_model(modelIdentifier="first-model")
    with pytest.raises(account.bedrock.exceptions.ConflictException, match=saying("first-model", "use")):
        account.create_job("second", customModelName="first-model")


def test_a_failed_job_uses_up_its_names(account: Account) -> None:
    account.put(TRAIN_KEY, records(1))
    account.create_job("first")
    account.pass_time()
    with pytest.raises(account.bedrock.exceptions.ConflictException):
        account.create_job("first")


def test_a_repeated_token_returns_the_first_job(account: Account) -> None:
    first = account.create_job(clientRequestToken="again")
    account.pass_time()
    assert account.create_job(clientRequestToken="again") == first
    assert len(account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"]) == 1
    assert account.job_statuses().count("InProgress") == 1


def test_the_same_calls_give_the_same_arns(account: Account) -> None:
    assert account.create_job() == Account().create_job()
    assert account.create_job("other") != account.job()["jobArn"]


def test_at_most_ten_jobs_at_once(account: Account) -> None:
    for number in range(10):
        account.create_job(f"job{number}")
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException, match=saying(10)):
        account.create_job("job10")
    account.pass_time()
    account.create_job("job10")


def test_counts_the_models_that_exist_or_will() -> None:
    account = Account(Settings(quotas=Quotas(custom_models=2)))
    account.tuned_model("first")
    account.create_job("second")
    with pytest.raises(account.bedrock.exceptions.ServiceQuotaExceededException, match=saying(2)):
        account.create_job("third")


def test_stops_after_a_while_and_leaves_no_model(account: Account) -> None:
    account.create_job()
    account.pass_time(45 * MINUTE)
    account.bedrock.stop_model_customization_job(jobIdentifier="job")
    stopping = account.job()
    assert (stopping["status"], phases(stopping)[2]) == ("Stopping", "Stopping")
    account.pass_time(MINUTE)
    stopped = account.job()
    assert (stopped["status"], phases(stopped)) == ("Stopped", ["Completed", "Completed", "Stopped"])
    assert stopped["endTime"] == START + 46 * MINUTE
    assert "outputModelArn" not in stopped
    account.pass_time()
    assert account.job()["status"] == "Stopped"
    assert account.bedrock.list_custom_models()["modelSummaries"] == []
    assert not any("output/" in key for _, key in account.world.objects)


def test_stops_in_its_first_phase(account: Account) -> None:
    account.create_job()
    account.bedrock.stop_model_customization_job(jobIdentifier="job")
    account.pass_time()
    assert phases(account.job()) == ["Stopped", "NotStarted", "NotStarted"]


@pytest.mark.parametrize("times_stopped", [0, 1])
def test_only_a_job_in_progress_can_be_stopped(account: Account, times_stopped: int) -> None:
    arn = account.create_job()
    for _ in range(times_stopped):
        account.bedrock.stop_model_customization_job(jobIdentifier=arn)
    if not times_stopped:
        account.pass_time()
    with pytest.raises(account.bedrock.exceptions.ConflictException, match="progress"):
        account.bedrock.stop_model_customization_job(jobIdentifier=arn)


@pytest.mark.parametrize(
    "identifier", ["absent", f"arn:aws:bedrock:us-west-2:{ACCOUNT}:model-customization-job/{HAIKU_TUNABLE}/{'0' * 12}"]
)
def test_an_absent_job_is_not_found(account: Account, identifier: str) -> None:
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.job(identifier)
    with pytest.raises(account.bedrock.exceptions.ResourceNotFoundException):
        account.bedrock.stop_model_customization_job(jobIdentifier=identifier)


def test_lists_in_pages_newest_first(account: Account) -> None:
    for number in range(5):
        account.create_job(f"job{number}")
        account.pass_time(MINUTE)
    pages = account.bedrock.get_paginator("list_model_customization_jobs").paginate(PaginationConfig={"PageSize": 2})
    names = [[each["jobName"] for each in page["modelCustomizationJobSummaries"]] for page in pages]
    assert names == [["job4", "job3"], ["job2", "job1"], ["job0"]]


def test_a_job_that_comes_between_two_pages_hides_none(account: Account) -> None:
    for number in range(3):
        account.create_job(f"job{number}")
        account.pass_time(MINUTE)
    first = account.bedrock.list_model_customization_jobs(maxResults=2)
    account.create_job("late")
    rest = account.bedrock.list_model_customization_jobs(maxResults=2, nextToken=first["nextToken"])
    assert [each["jobName"] for each in rest["modelCustomizationJobSummaries"]] == ["job0"]


@pytest.mark.parametrize("token", ["nonsense", "bm9uZQ==", "%%%", "a"])
def test_refuses_a_token_it_did_not_give(account: Account, token: str) -> None:
    account.create_job()
    with pytest.raises(account.bedrock.exceptions.ValidationException, match="nextToken"):
        account.bedrock.list_model_customization_jobs(nextToken=token)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"statusEquals": "InProgress"}, ["late"]),
        ({"statusEquals": "Completed"}, ["early"]),
        ({"statusEquals": "Failed"}, []),
        ({"nameContains": "arl"}, ["early"]),
        ({"creationTimeAfter": START}, ["late"]),
        ({"creationTimeBefore": START + MINUTE}, ["early"]),
        ({"sortBy": "CreationTime", "sortOrder": "Ascending"}, ["early", "late"]),
        ({"sortOrder": "Descending"}, ["late", "early"]),
    ],
)
def test_filters_and_sorts(account: Account, filters: dict[str, Any], expected: list[str]) -> None:
    account.tuned_model("early")
    account.create_job("late")
    found = account.bedrock.list_model_customization_jobs(**filters)["modelCustomizationJobSummaries"]
    assert [each["jobName"] for each in found] == expected


def test_lists_the_model_of_a_job_that_has_one(account: Account) -> None:
    model_arn = account.tuned_model("early")
    account.create_job("late")
    late, early = account.bedrock.list_model_customization_jobs()["modelCustomizationJobSummaries"]
    assert early["customModelArn"] == model_arn
    assert "customModelArn" not in late


def test_keeps_the_network_it_was_given(account: Account) -> None:
    network = {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    account.create_job(vpcConfig=network)
    assert account.job()["vpcConfig"] == network


def test_a_custom_model_is_no_base_here(account: Account) -> None:
    model_arn = account.tuned_model("first")
    with pytest.raises(account.bedrock.exceptions.ClientError, match="custom model"):
        account.create_job("second", baseModelIdentifier=model_arn)


def test_training_on_invocation_logs_is_not_simulated(account: Account) -> None:
    source = {"invocationLogsConfig": {"invocationLogSource": {"s3Uri": uri("logs/")}}}
    with pytest.raises(account.bedrock.exceptions.ClientError, match=saying("invocation logs", "simulated")):
        account.create_job(trainingDataConfig=source)
