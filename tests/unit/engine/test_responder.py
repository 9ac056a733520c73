"""The end of a workflow is told to CloudFormation as it was."""

import json
from typing import Any

import pytest

from bedrock_lifecycle.engine import responder
from tests.support.events import RESPONSE_URL, any_event
from tests.support.messages import says

STEP = {
    "next": "answer",
    "status": "SUCCESS",
    "physicalId": "training-await/v1/Await1",
    "reason": "ready",
    "attributes": {"State": "ready"},
}


def answer(state: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent for a state."""
    sent: list[tuple[str, bytes]] = []

    def send(url: str, body: bytes) -> bool:
        sent.append((url, body))
        return True

    assert responder.respond(state, send) == {"delivered": True}
    ((url, body),) = sent
    assert url == RESPONSE_URL
    parsed: dict[str, Any] = json.loads(body)
    return parsed


def any_failure(cause: str, error: str = "States.TaskFailed", **changes: Any) -> dict[str, Any]:
    return {"event": any_event(**changes), "physicalId": "derived", "failure": {"Error": error, "Cause": cause}}


def test_a_step_is_answered_as_it_is() -> None:
    told = answer({"event": any_event(), "physicalId": "other", "step": STEP})
    assert (told["Status"], told["PhysicalResourceId"], told["Reason"]) == (
        "SUCCESS",
        "training-await/v1/Await1",
        "ready",
    )
    assert told["Data"] == {"State": "ready"}


@pytest.mark.parametrize(
    ("cause", "error", "told"),
    [
        ('{"errorMessage": "the table is gone", "errorType": "ClientError"}', "ClientError", "the table is gone"),
        ('{"errorType": "Runtime.ImportModuleError"}', "Runtime.ImportModuleError", "Runtime.ImportModuleError"),
        ("Task timed out after 30.00 seconds", "Sandbox.Timedout", "Task timed out after 30.00 seconds"),
        ("", "States.Timeout", "States.Timeout"),
        ('["a", "list"]', "States.TaskFailed", "States.TaskFailed"),
    ],
)
def test_the_error_that_ended_a_workflow_is_told_in_its_own_words(cause: str, error: str, told: str) -> None:
    body = answer(any_failure(cause, error))
    assert (body["Status"], says(body["Reason"], told)) == ("FAILED", True)


def test_an_error_that_says_nothing_is_told_as_unknown() -> None:
    body = answer({"event": any_event(), "physicalId": "derived", "failure": {}})
    assert body["Reason"]


def test_a_create_that_failed_is_answered_with_the_id_that_the_front_door_chose() -> None:
    assert answer(any_failure("any"))["PhysicalResourceId"] == "derived"


def test_an_update_that_failed_is_answered_with_the_id_it_came_with() -> None:
    body = answer(any_failure("any", RequestType="Update", PhysicalResourceId="known"))
    assert body["PhysicalResourceId"] == "known"


def test_an_answer_that_a_later_turn_came_to_goes_before_an_older_error() -> None:
    # A delete is tried again after its turns failed, and the error stays in the workflow's state.
    told = answer({**any_failure("any"), "step": STEP})
    assert (told["Status"], told["Reason"]) == ("SUCCESS", "ready")


@pytest.mark.parametrize("step", [{"next": "wait", "seconds": 10, "detail": "soon"}, {}])
def test_an_error_after_a_turn_that_answers_nothing_is_the_error_s_answer(step: dict[str, Any]) -> None:
    told = answer({**any_failure("out of memory"), "step": step})
    assert (told["Status"], says(told["Reason"], "out of memory")) == ("FAILED", True)
    assert (told["PhysicalResourceId"], told["Data"]) == ("derived", {})


def test_a_state_without_answer_and_without_error_fails_the_request() -> None:
    told = answer({"event": any_event(), "physicalId": "derived"})
    assert (told["Status"], bool(told["Reason"])) == ("FAILED", True)


def test_an_answer_that_nobody_takes_ends_the_workflow_all_the_same() -> None:
    state = {"event": any_event(), "physicalId": "any", "step": STEP}
    assert responder.respond(state, lambda _url, _body: False) == {"delivered": False}
