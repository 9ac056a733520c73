"""The line that tells how far a training is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tune.account import training_progress

CREATED = datetime(2024, 11, 15, 0, 0, tzinfo=UTC)


def job(**changes: Any) -> dict[str, Any]:
    details = {
        "validationDetails": {"status": "Completed"},
        "dataProcessingDetails": {"status": "InProgress"},
        "trainingDetails": {"status": "NotStarted"},
    }
    return {
        "jobName": "docstrings-dev-abc-1",
        "status": "InProgress",
        "creationTime": CREATED,
        "statusDetails": details,
        "ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 15 Nov 2024 02:10:00 GMT"}},
    } | changes


def test_tells_time_by_the_services_own_clock_and_the_phases() -> None:
    told = str(training_progress.progress(job()))
    assert told == "training docstrings-dev-abc-1: 2 h 10 min  validation ✓  data processing …"


def test_tells_the_status_of_a_job_without_phases() -> None:
    found = training_progress.progress({key: value for key, value in job().items() if key != "statusDetails"})
    assert str(found) == "training docstrings-dev-abc-1: 2 h 10 min  InProgress"


def test_tells_how_a_training_ended_and_how_long_it_took() -> None:
    ended = training_progress.progress(job(status="Completed", endTime=CREATED + timedelta(hours=3)))
    assert not ended.is_running
    assert str(ended) == "training docstrings-dev-abc-1: Completed after 3 h 0 min"


def test_a_clock_without_fractions_gives_no_negative_time() -> None:
    assert training_progress.progress(job(creationTime=CREATED + timedelta(days=1))).ran == timedelta()


def test_what_keeps_it_from_looking_disturbs_nobody() -> None:
    class Throttled:
        def get_model_customization_job(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetModelCustomizationJob")

    client: Any = Throttled()
    assert training_progress.Watch(client, "any").look() is None


def test_knows_a_failure_that_only_needs_more_time() -> None:
    assert training_progress.goes_on(
        ["Received response status [FAILED]: training a-1 is still running after 10 h 0 min and"]
    )
    assert not training_progress.goes_on(["training a-1 failed: the data was refused"])
    assert not training_progress.goes_on([])
