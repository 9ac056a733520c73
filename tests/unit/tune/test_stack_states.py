"""What is read from CloudFormation before and after a deploy."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tune.account import stack_states
from tune.account.stack_states import StackState, failure_reasons, wait_while_in_progress


def any_event(status: str, reason: str = "", kind: str = "Custom::Thing", event_id: str = "e") -> dict[str, Any]:
    return {"EventId": event_id, "ResourceStatus": status, "ResourceStatusReason": reason, "ResourceType": kind}


class Events:
    """A CloudFormation client that has these events of one stack, newest first."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def get_paginator(self, operation: str) -> "Events":
        assert operation == "describe_stack_events"
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        return [{"StackEvents": page} for page in self._pages]


class NoStack:
    """A CloudFormation client without any stack."""

    def __init__(
        self, code: str = "ValidationError", message: str = "Stack with id dev-Training does not exist"
    ) -> None:
        self._error = ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")

    def describe_stacks(self, **_: str) -> None:
        raise self._error

    def get_paginator(self, _: str) -> "NoStack":
        return self

    def paginate(self, **_: str) -> None:
        raise self._error


@pytest.mark.parametrize(
    ("status", "in_progress"),
    [
        ("CREATE_IN_PROGRESS", True),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("DELETE_IN_PROGRESS", True),
        ("REVIEW_IN_PROGRESS", False),
        ("CREATE_COMPLETE", False),
        ("ROLLBACK_COMPLETE", False),
        (None, False),
    ],
)
def test_a_stack_is_in_progress_while_cloudformation_works_on_it(status: str | None, in_progress: bool) -> None:
    assert StackState("dev-Training", status).is_in_progress is in_progress


@pytest.mark.parametrize("status", [None, "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_stack_without_resources_does_not_exist(status: str | None) -> None:
    assert not StackState("dev-Training", status).exists


def test_a_failed_stack_exists() -> None:
    assert StackState("dev-Training", "DELETE_FAILED").exists


def test_a_stack_that_cloudformation_does_not_know_has_no_status() -> None:
    assert stack_states.read(NoStack(), "dev-Training") == StackState("dev-Training")  # type: ignore[arg-type]


def test_another_error_is_not_taken_for_a_missing_stack() -> None:
    denied: Any = NoStack("AccessDenied", "not authorized")
    with pytest.raises(ClientError, match="not authorized"):
        stack_states.read(denied, "dev-Training")


def test_waits_until_no_stack_is_in_progress_and_tells_which_one_it_waits_for() -> None:
    rounds: Iterator[list[str | None]] = iter(
        [["CREATE_IN_PROGRESS", None], ["CREATE_COMPLETE", "CREATE_IN_PROGRESS"], ["CREATE_COMPLETE", None]]
    )
    told: list[str] = []
    slept: list[float] = []
    wait_while_in_progress(
        lambda: [StackState(name, status) for name, status in zip("ab", next(rounds), strict=True)],
        lambda state: told.append(state.name),
        slept.append,
    )
    assert told == ["a", "b"]
    assert slept == [stack_states.WAIT_SECONDS] * 2


def test_tells_the_reasons_of_failures_oldest_first_and_once() -> None:
    events = [
        any_event("ROLLBACK_IN_PROGRESS", "The following resource(s) failed", "AWS::CloudFormation::Stack"),
        any_event("CREATE_FAILED", "second"),
        any_event("CREATE_FAILED", "Resource creation cancelled"),
        any_event("CREATE_FAILED", "first"),
        any_event("CREATE_FAILED", "first"),
        any_event("CREATE_COMPLETE", "fine"),
    ]
    assert failure_reasons(events) == ["first", "second"]


def test_failures_before_an_event_are_not_told_again() -> None:
    client: Any = Events(
        [any_event("UPDATE_FAILED", "new", event_id="3")], [any_event("UPDATE_FAILED", "old", event_id="2")]
    )
    assert stack_states.newest_event_id(client, "dev-Training") == "3"
    assert stack_states.failures_since(client, "dev-Training", "2") == ["new"]
    assert stack_states.failures_since(client, "dev-Training", None) == ["old", "new"]


def test_a_stack_that_does_not_exist_has_no_events() -> None:
    client: Any = NoStack()
    assert stack_states.newest_event_id(client, "dev-Training") is None
    assert stack_states.failures_since(client, "dev-Training", None) == []
