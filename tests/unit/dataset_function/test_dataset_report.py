"""The full report on a file: written for good and for bad data, without a word of it, and never a reason to fail."""

import hashlib
import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from bedrock_lifecycle.dataset.rules.catalogue import CATALOGUE
from bedrock_lifecycle.dataset.rules.findings import PLACES_PER_RULE
from tests.support.dataset_requests import BAD, CANARY, GOOD, Dataset, destination
from tests.support.messages import says
from tests.support.s3_service import BUCKET
from tests.unit.dataset_rules.samples import any_limits, any_record, lines, turn

REPORT = "output/dataset-reports/train-any.json"
WHERE = f"s3://{BUCKET}/{REPORT}"


def put(dataset: Dataset, data: bytes) -> dict[str, str]:
    return {**dataset.put(data), "ReportKey": REPORT, "FileName": "questions.jsonl"}


def report(dataset: Dataset) -> dict[str, Any]:
    body = dataset.s3.get_object(Bucket=BUCKET, Key=REPORT)["Body"].read()
    assert CANARY.encode() not in body
    found: dict[str, Any] = json.loads(body)
    return found


def test_good_data_has_a_report(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=put(dataset, GOOD))
    assert (answer["Status"], says(answer["Reason"], WHERE)) == ("SUCCESS", True)
    assert report(dataset) == {
        "version": 1,
        "file": "questions.jsonl",
        "uri": f"s3://{BUCKET}/{destination(GOOD)}",
        "sha256": hashlib.sha256(GOOD).hexdigest(),
        "accepted": True,
        "versionId": "null",
        "bytes": len(GOOD),
        "records": 3,
        "characters": 3 * len(f"{CANARY}anyany"),
        "errors": 0,
        "warnings": 0,
        "counts": {},
        "findings": [],
        "limits": any_limits().to_properties(),
    }


def test_bad_data_has_a_report_and_the_refusal_says_where(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=put(dataset, BAD))
    assert answer["Status"] == "FAILED"
    assert says(answer["Reason"], "line 2", WHERE)
    found = report(dataset)
    assert (found["accepted"], found["errors"]) == (False, sum(each["count"] for each in found["counts"].values()))
    assert found["counts"]["message-count"] == {"level": "error", "count": 1}
    (finding,) = [each for each in found["findings"] if each["rule"] == "message-count"]
    assert finding["line"] == 2
    assert finding["path"] == "messages"
    assert finding["level"] == "error"
    assert finding["message"]


def test_of_many_findings_each_rule_has_its_first_places_and_the_true_count(dataset: Dataset) -> None:
    many = lines(*[any_record(messages=CANARY)] * (PLACES_PER_RULE + 20), "no object")
    dataset.serve(ResourceProperties=put(dataset, many))
    found = report(dataset)
    places = [each["rule"] for each in found["findings"]]
    assert found["counts"]["messages"]["count"] == PLACES_PER_RULE + 20
    assert places.count("messages") == PLACES_PER_RULE
    assert found["counts"].keys() <= CATALOGUE.keys()
    assert "record" in places


def test_a_file_that_is_too_large_to_be_read_has_a_report(dataset: Dataset) -> None:
    dataset.serve(ResourceProperties={**put(dataset, GOOD), "MaxFileBytes": "9"})
    found = report(dataset)
    assert (found["bytes"], found["counts"]) == (len(GOOD), {"file-size": {"level": "error", "count": 1}})


@pytest.mark.parametrize("data", [GOOD, BAD], ids=["good", "bad"])
@pytest.mark.parametrize(
    ("error", "told"), [((403, "AccessDenied"), "(AccessDenied)"), ((503, "SlowDown"), "(SlowDown)")]
)
def test_a_report_that_cannot_be_written_changes_no_verdict(
    dataset: Dataset, data: bytes, error: tuple[int, str], told: str
) -> None:
    wanted = put(dataset, data)
    dataset.s3.copy_object(Bucket=BUCKET, Key=destination(data), CopySource=f"{BUCKET}/{wanted['SourceKey']}")
    dataset.service.errors["PutObject"] = error
    answer = dataset.serve(ResourceProperties=wanted)
    assert answer["Status"] == ("SUCCESS" if data == GOOD else "FAILED")
    assert says(answer["Reason"], WHERE, told)
    assert (data == GOOD) is ("Records" in answer["Data"])
    assert (data == BAD) is ("line 2" in answer["Reason"])


def test_a_report_that_cannot_be_sent_changes_no_verdict(dataset: Dataset) -> None:
    class Unreachable:
        def __getattr__(self, name: str) -> Any:
            return getattr(dataset.s3, name)

        def put_object(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="https://s3.invalid")

    answer = dataset.serve(Unreachable(), ResourceProperties=put(dataset, GOOD))
    assert answer["Status"] == "SUCCESS"
    assert answer["Reason"].endswith("(EndpointConnectionError)")


def test_bytes_that_are_not_those_asked_for_leave_the_report_on_those_alone(dataset: Dataset) -> None:
    wanted = put(dataset, GOOD)
    dataset.serve(ResourceProperties=wanted)
    before = report(dataset)
    dataset.s3.put_object(Bucket=BUCKET, Key=destination(GOOD), Body=BAD)
    answer = dataset.serve(ResourceProperties=wanted)
    assert answer["Status"] == "FAILED"
    assert report(dataset) == before


def test_a_resource_without_a_place_for_it_has_no_report(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=dataset.put(GOOD))
    assert (answer["Status"], answer["Reason"]) == ("SUCCESS", "")
    assert dataset.service.calls.count("PutObject") == 1


def test_an_answer_stays_small_however_long_a_report_is(dataset: Dataset) -> None:
    bad = lines(*[any_record(messages=[turn("user", "x" * 10)], **{"key" * 50: 1})] * 50)
    dataset.serve(ResourceProperties=put(dataset, bad))
    assert len(dataset.sent[-1][1]) <= 4096
