"""Step Functions as the lifecycle asks it, checked by botocore's own model of the service."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from bedrock_lifecycle.decisions.evaluation_run import EvaluationRun
from bedrock_lifecycle.engine.outcome import Again
from bedrock_lifecycle.resources.evaluation_runs import EvaluationRuns, newest

MACHINE: Final = "arn:aws:states:us-east-1:111122223333:stateMachine:evaluations"
ARN: Final = "arn:aws:states:us-east-1:111122223333:execution:evaluations:0123456789ab-1"
NAME: Final = "0123456789ab-1"
NOW: Final = datetime(2026, 11, 30, tzinfo=UTC)


class Stubbed:
    def __init__(self) -> None:
        client: Any = boto3.client("stepfunctions", "us-east-1", aws_access_key_id="any", aws_secret_access_key="any")
        self.stub = Stubber(client)
        self.stub.activate()
        self.runs = EvaluationRuns(client, MACHINE)


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    stubbed = Stubbed()
    yield stubbed
    stubbed.stub.assert_no_pending_responses()


def listed(name: str, status: str) -> dict[str, Any]:
    return {
        "executionArn": f"{ARN[:-14]}{name}", "stateMachineArn": MACHINE, "name": name, "status": status,
        "startDate": NOW,
    }  # fmt: skip


def test_runs_are_listed_page_by_page_and_the_newest_is_told_by_its_number(stubbed: Stubbed) -> None:
    pages = [["0123456789ab-10", "ffffffffffff-99"], ["0123456789ab-9", "by-hand"]]
    for number, names in enumerate(pages):
        last = number == len(pages) - 1
        page = {"executions": [listed(name, "RUNNING") for name in names], **({} if last else {"nextToken": "t"})}
        asked = {"stateMachineArn": MACHINE, **({"nextToken": "t"} if number else {})}
        stubbed.stub.add_response("list_executions", page, asked)
    found = stubbed.runs.listed()
    assert list(found) == [name for page in pages for name in page]
    assert found["by-hand"] == EvaluationRun("by-hand", f"{ARN[:-14]}by-hand", "RUNNING")
    assert (newest(found, "0123456789ab"), newest(found, "eeeeeeeeeeee")) == (10, 0)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [({"outcome": "bounded", "reason": "at 5"}, ("bounded", "at 5")), ({}, ("", "")), (None, ("", ""))],
)
def test_a_run_tells_what_it_came_to(stubbed: Stubbed, told: object, outcome: tuple[str, str]) -> None:
    output = {} if told is None else {"output": json.dumps(told)}
    answer = {
        "executionArn": ARN, "stateMachineArn": MACHINE, "name": NAME, "status": "SUCCEEDED",
        "startDate": NOW, **output,
    }  # fmt: skip
    stubbed.stub.add_response("describe_execution", answer, {"executionArn": ARN})
    assert stubbed.runs.described(ARN) == EvaluationRun(NAME, ARN, "SUCCEEDED", *outcome)


@pytest.mark.parametrize(
    ("told", "owner"), [({"evaluation": "any", "owner": "arn:stack"}, "arn:stack"), ({}, ""), ([], ""), (None, "")]
)
def test_a_run_tells_whose_it_is_and_what_was_started_by_hand_tells_anything(
    stubbed: Stubbed, told: object, owner: str
) -> None:
    given = {} if told is None else {"input": json.dumps(told)}
    stubbed.stub.add_response("describe_execution", {**listed(NAME, "RUNNING"), **given}, {"executionArn": ARN})
    assert stubbed.runs.described(ARN) == EvaluationRun(NAME, ARN, "RUNNING", owner=owner)


def test_a_run_is_started_with_its_evaluation_and_whose_it_is(stubbed: Stubbed) -> None:
    asked = {
        "stateMachineArn": MACHINE,
        "name": NAME,
        "input": '{"evaluation": "0123456789ab", "owner": "arn:stack"}',
    }
    stubbed.stub.add_response("start_execution", {"executionArn": ARN, "startDate": NOW}, asked)
    assert stubbed.runs.start(NAME, "0123456789ab", "arn:stack") == ARN


def test_a_run_that_is_not_seen_is_none(stubbed: Stubbed) -> None:
    stubbed.stub.add_client_error("describe_execution", "ExecutionDoesNotExist")
    assert stubbed.runs.described(ARN) is None


def test_a_name_that_is_taken_is_looked_for_again(stubbed: Stubbed) -> None:
    stubbed.stub.add_client_error("start_execution", "ExecutionAlreadyExists")
    with pytest.raises(Again, match=NAME):
        stubbed.runs.start(NAME, "0123456789ab", "any")


@pytest.mark.parametrize("code", ["ExecutionDoesNotExist", "ValidationException"])
def test_a_run_that_is_over_stays_so(stubbed: Stubbed, code: str) -> None:
    stubbed.stub.add_client_error("stop_execution", code)
    stubbed.runs.stop(EvaluationRun(NAME, ARN, "RUNNING"))


@pytest.mark.parametrize("operation", ["stop_execution", "describe_execution"])
def test_any_other_refusal_is_raised(stubbed: Stubbed, operation: str) -> None:
    stubbed.stub.add_client_error(operation, "AccessDeniedException")
    act = {"stop_execution": lambda: stubbed.runs.stop(EvaluationRun(NAME, ARN, "RUNNING"))}
    with pytest.raises(ClientError):
        act.get(operation, lambda: stubbed.runs.described(ARN))()
