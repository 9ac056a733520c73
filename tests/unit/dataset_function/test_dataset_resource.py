"""The dataset's custom resource: every request is answered, and nothing of the data is in any answer."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ResponseStreamingError
from mypy_boto3_s3 import S3Client

from bedrock_lifecycle import contract
from bedrock_lifecycle.dataset.resource import DatasetResource
from tests.support.calls import client_error
from tests.support.dataset_requests import BAD, CANARY, GOOD, Dataset, properties
from tests.support.events import any_event
from tests.support.messages import says
from tests.support.s3_service import BUCKET
from tests.unit.dataset_rules.samples import any_record, lines


def test_a_good_file_is_copied_and_its_size_is_told_in_strings(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=dataset.put(GOOD))
    assert answer["Status"] == "SUCCESS"
    assert answer["Data"] == {"Records": "3", "Bytes": str(len(GOOD)), "Warnings": "0", "VersionId": "null"}
    assert dataset.copied(GOOD)


def test_a_bad_file_is_refused_with_line_place_and_rule_and_is_not_copied(dataset: Dataset) -> None:
    answer = dataset.serve(ResourceProperties=dataset.put(BAD))
    assert (answer["Status"], answer["Data"]) == ("FAILED", {})
    assert says(answer["Reason"], "any.jsonl", "line 2", "messages")
    assert not dataset.copied(BAD)


def test_a_file_that_changed_after_synthesis_is_refused_with_both_digests(dataset: Dataset) -> None:
    dataset.put(BAD)
    answer = dataset.serve(ResourceProperties=properties(GOOD))
    assert all(hashlib.sha256(data).hexdigest() in answer["Reason"] for data in (GOOD, BAD))


class Breaking:
    """An S3 client one of whose calls fails a number of times."""

    def __init__(self, s3: S3Client, times: int, error: Exception, call: str = "get_object") -> None:
        self._s3 = s3
        self._times = times
        self._error = error
        self._call = call

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._s3, name)
        return self._breaking(real) if name == self._call else real

    def _breaking(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **params: Any) -> Any:
            if self._times:
                self._times -= 1
                raise self._error
            return real(*arguments, **params)

        return call


@pytest.mark.parametrize("times", [1, 2])
def test_a_stream_that_breaks_off_is_started_again(dataset: Dataset, times: int) -> None:
    wanted = dataset.put(GOOD)
    breaking = Breaking(dataset.s3, times, ResponseStreamingError(error="any"))
    assert dataset.serve(breaking, ResourceProperties=wanted)["Status"] == "SUCCESS"
    assert dataset.copied(GOOD)


def test_a_stream_that_breaks_off_in_the_middle_leaves_nothing(dataset: Dataset) -> None:
    wanted = dataset.put(GOOD)
    dataset.service.lost_bytes = 10
    answer = dataset.serve(ResourceProperties=wanted)
    dataset.service.lost_bytes = 0
    assert answer["Status"] == "FAILED"
    assert not dataset.copied(GOOD)


def test_a_stream_that_breaks_off_three_times_is_answered(dataset: Dataset) -> None:
    wanted = dataset.put(GOOD)
    breaking = Breaking(dataset.s3, 3, ResponseStreamingError(error="any"))
    answer = dataset.serve(breaking, ResourceProperties=wanted)
    assert says(answer["Reason"], "S3", 3, "ResponseStreamingError")
    assert dataset.pauses == []


DENIED_CALLS = [
    ("get_object", "reading"),
    ("head_object", "writing"),
    ("upload_fileobj", "writing"),
]


@pytest.mark.parametrize("times", [1, 12])
@pytest.mark.parametrize(("call", "_verb"), DENIED_CALLS)
def test_a_permission_that_has_not_arrived_everywhere_is_waited_for(
    dataset: Dataset, call: str, _verb: str, times: int
) -> None:
    wanted = dataset.put(GOOD)
    denied = Breaking(dataset.s3, times, client_error("AccessDenied", "no", 403, "Any"), call)
    assert dataset.serve(denied, ResourceProperties=wanted)["Status"] == "SUCCESS"
    assert dataset.copied(GOOD)
    assert dataset.pauses == [10] * times


@pytest.mark.parametrize(("call", "verb"), DENIED_CALLS)
def test_a_permission_that_never_comes_is_answered_after_two_minutes(dataset: Dataset, call: str, verb: str) -> None:
    wanted = dataset.put(GOOD)
    denied = Breaking(dataset.s3, 1000, client_error("AccessDenied", "no", 403, "Any"), call)
    answer = dataset.serve(denied, ResourceProperties=wanted)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith(f"{verb} s3://{BUCKET}/")
    assert says(answer["Reason"], "dataset function", f"s3://{BUCKET}/")
    assert sum(dataset.pauses) == 120


def test_what_no_waiting_mends_is_answered_at_once(dataset: Dataset) -> None:
    dataset.serve(ResourceProperties=properties(GOOD))
    dataset.serve(ResourceProperties=dataset.put(BAD))
    assert dataset.pauses == []
    assert len(dataset.sent) == 2


def test_an_error_of_the_service_is_told_in_its_words(dataset: Dataset) -> None:
    wanted = dataset.put(GOOD)
    dataset.service.errors["PutObject"] = (400, "KMS.DisabledException")
    assert "KMS.DisabledException" in dataset.serve(ResourceProperties=wanted)["Reason"]


def test_an_unforeseen_error_is_told_by_its_type_alone(dataset: Dataset) -> None:
    breaking = Breaking(dataset.s3, 1, KeyError(f"a record: {CANARY}"))
    answer = dataset.serve(breaking, ResourceProperties=dataset.put(GOOD))
    assert says(answer["Reason"], "KeyError")
    assert CANARY not in answer["Reason"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SourceKey": ""}, ["SourceKey"]),
        ({"MaxRecords": "many"}, ["MaxRecords", "'many'"]),
        ({"DataFormat": "csv"}, ["DataFormat", "messages", "converse", "prompt_completion", "'csv'"]),
        ({"ReservedWords": "User:"}, ["ReservedWords", "JSON"]),
    ],
)
def test_a_property_that_cannot_be_read_is_named(
    dataset: Dataset, changes: Mapping[str, str], named: list[str]
) -> None:
    assert says(dataset.serve(ResourceProperties=properties(GOOD, **changes))["Reason"], *named)


def test_a_request_without_properties_is_answered(dataset: Dataset) -> None:
    assert dataset.serve(ResourceProperties=...)["Status"] == "FAILED"


def test_a_delete_leaves_the_copy_where_it_is(dataset: Dataset) -> None:
    wanted = dataset.put(GOOD)
    dataset.serve(ResourceProperties=wanted)
    dataset.service.calls.clear()
    answer = dataset.serve(RequestType="Delete", PhysicalResourceId="any", ResourceProperties=wanted)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "any")
    assert dataset.service.calls == []
    assert dataset.copied(GOOD)


def test_a_delete_needs_no_property_to_be_right(dataset: Dataset) -> None:
    answer = dataset.serve(RequestType="Delete", PhysicalResourceId="any", ResourceProperties={})
    assert answer["Status"] == "SUCCESS"


def test_the_physical_id_is_the_same_for_every_file(dataset: Dataset) -> None:
    created = dataset.serve(ResourceProperties=dataset.put(GOOD))["PhysicalResourceId"]
    other = lines(any_record(), any_record())
    updated = dataset.serve(
        RequestType="Update",
        PhysicalResourceId=created,
        ResourceProperties=dataset.put(other),
        OldResourceProperties=properties(GOOD),
    )
    assert created == updated["PhysicalResourceId"] == "dataset/v1/Await1"
    assert dataset.copied(GOOD)
    assert dataset.copied(other)


def test_a_failed_update_keeps_the_id_that_cloudformation_knows(dataset: Dataset) -> None:
    answer = dataset.serve(RequestType="Update", PhysicalResourceId="known", ResourceProperties=properties(GOOD))
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "known")


def test_a_second_delivery_copies_nothing_again(dataset: Dataset) -> None:
    wanted = dataset.put(GOOD)
    dataset.serve(ResourceProperties=wanted)
    dataset.service.calls.clear()
    assert dataset.serve(ResourceProperties=wanted)["Status"] == "SUCCESS"
    assert "PutObject" not in dataset.service.calls


def test_an_answer_that_cannot_be_sent_is_raised_so_that_the_event_comes_again(dataset: Dataset) -> None:
    def send(_url: str, _body: bytes) -> bool:
        raise RuntimeError("any")

    resource = DatasetResource(dataset.s3, lambda _: "CREATE_IN_PROGRESS", send)
    with pytest.raises(RuntimeError):
        resource.serve(any_event(ResourceType=contract.DATASET, ResourceProperties=dataset.put(GOOD)))


def test_a_refusal_names_the_file_as_its_user_does(dataset: Dataset) -> None:
    dataset.put(BAD)
    answer = dataset.serve(ResourceProperties=properties(BAD, FileName="questions.jsonl"))
    assert says(answer["Reason"], "questions.jsonl", "line 2", "messages")
