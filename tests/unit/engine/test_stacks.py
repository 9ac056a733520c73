"""What the status and the history of a stack say about a request."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from bedrock_lifecycle.engine import stacks
from bedrock_lifecycle.engine.stacks import Stacks
from tests.support.events import NOW, STACK_ID, any_request

# Every status of a stack (CloudFormation API reference, `Stack`).
STATUSES = [
    "CREATE_IN_PROGRESS",
    "CREATE_FAILED",
    "CREATE_COMPLETE",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_FAILED",
    "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS",
    "DELETE_FAILED",
    "DELETE_COMPLETE",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
    "IMPORT_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_FAILED",
    "IMPORT_ROLLBACK_COMPLETE",
]
AWAITED = {
    ("Create", "CREATE_IN_PROGRESS"),
    ("Create", "UPDATE_IN_PROGRESS"),
    ("Update", "UPDATE_IN_PROGRESS"),
    ("Update", "UPDATE_ROLLBACK_IN_PROGRESS"),
    # Whatever clears something away.
    ("Delete", "DELETE_IN_PROGRESS"),
    ("Delete", "ROLLBACK_IN_PROGRESS"),
    ("Delete", "UPDATE_IN_PROGRESS"),
    ("Delete", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
    ("Delete", "UPDATE_ROLLBACK_IN_PROGRESS"),
    ("Delete", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"),
    ("Delete", "REVIEW_IN_PROGRESS"),
    ("Delete", "IMPORT_IN_PROGRESS"),
    ("Delete", "IMPORT_ROLLBACK_IN_PROGRESS"),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_request_is_awaited_only_while_the_stack_is_doing_what_it_is_part_of(kind: str, status: str) -> None:
    request = any_request(RequestType=kind, PhysicalResourceId="any")
    assert stacks.is_awaited(request, status) is ((kind, status) in AWAITED)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_only_an_update_in_a_rollback_takes_an_update_back(kind: str, status: str) -> None:
    request = any_request(RequestType=kind, PhysicalResourceId="any")
    assert stacks.is_rollback(request, status) is ((kind, status) == ("Update", "UPDATE_ROLLBACK_IN_PROGRESS"))


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    client = boto3.client("cloudformation", "us-west-2", aws_access_key_id="any", aws_secret_access_key="any")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def view(stubber: Stubber) -> Stacks:
    client: Any = stubber.client
    return Stacks(client)


def event(status: str, physical_id: str = STACK_ID) -> dict[str, Any]:
    return {
        "StackId": STACK_ID,
        "EventId": "any",
        "StackName": "any",
        "Timestamp": datetime(2024, 11, 15, tzinfo=UTC),
        "PhysicalResourceId": physical_id,
        "ResourceStatus": status,
    }


def add_history(stubber: Stubber, *pages: list[dict[str, Any]]) -> None:
    """Let CloudFormation tell events, from the newest on."""
    for number, page in enumerate(pages):
        expected = {"StackName": STACK_ID} | ({"NextToken": str(number)} if number else {})
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        stubber.add_response("describe_stack_events", {"StackEvents": page, **more}, expected)


def test_a_stack_s_status_is_asked_for_by_its_id(stubber: Stubber) -> None:
    stack = {"StackName": "any", "CreationTime": NOW, "StackStatus": "UPDATE_IN_PROGRESS"}
    stubber.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": STACK_ID})
    assert view(stubber).status(STACK_ID) == "UPDATE_IN_PROGRESS"


def test_a_stack_that_cloudformation_does_not_know_is_gone(stubber: Stubber) -> None:
    stubber.add_client_error("describe_stacks", "ValidationError", f"Stack with id {STACK_ID} does not exist", 400)
    assert view(stubber).status(STACK_ID) == "DELETE_COMPLETE"


def test_a_stack_that_is_not_in_the_list_is_gone(stubber: Stubber) -> None:
    stubber.add_response("describe_stacks", {"Stacks": []}, {"StackName": STACK_ID})
    assert view(stubber).status(STACK_ID) == "DELETE_COMPLETE"


@pytest.mark.parametrize("code", ["Throttling", "AccessDenied", "ValidationError"])
def test_any_other_error_says_nothing_about_the_stack(stubber: Stubber, code: str) -> None:
    stubber.add_client_error("describe_stacks", code, "Rate exceeded", 400)
    with pytest.raises(ClientError):
        view(stubber).status(STACK_ID)


@pytest.mark.parametrize("complete", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_was_complete_when_one_of_its_own_events_says_so(stubber: Stubber, complete: str) -> None:
    add_history(stubber, [event("DELETE_IN_PROGRESS"), event(complete), event("CREATE_IN_PROGRESS")])
    assert view(stubber).was_complete_once(STACK_ID) is True


def test_a_stack_that_went_from_its_creation_to_its_deletion_was_never_complete(stubber: Stubber) -> None:
    add_history(
        stubber,
        [event("DELETE_IN_PROGRESS"), event("ROLLBACK_COMPLETE"), event("ROLLBACK_IN_PROGRESS")],
        [event("CREATE_FAILED"), event("CREATE_IN_PROGRESS")],
    )
    assert view(stubber).was_complete_once(STACK_ID) is False


def test_a_resource_that_was_complete_does_not_make_its_stack_complete(stubber: Stubber) -> None:
    add_history(stubber, [event("DELETE_IN_PROGRESS"), event("CREATE_COMPLETE", "bucket"), event("CREATE_IN_PROGRESS")])
    assert view(stubber).was_complete_once(STACK_ID) is False


def test_the_creation_is_looked_for_on_every_page(stubber: Stubber) -> None:
    resources = [event("CREATE_COMPLETE", "bucket")] * 3
    add_history(stubber, [event("DELETE_IN_PROGRESS"), *resources], resources, [event("UPDATE_COMPLETE")])
    assert view(stubber).was_complete_once(STACK_ID) is True


@pytest.mark.parametrize("left", [[], ["DELETE_IN_PROGRESS"], ["DELETE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"]])
def test_a_history_that_does_not_reach_back_to_the_creation_is_that_of_an_old_stack(
    stubber: Stubber, left: list[str]
) -> None:
    add_history(stubber, [event(status) for status in left])
    assert view(stubber).was_complete_once(STACK_ID) is True


def resource(logical_id: str, physical_id: str | None, status: str = "UPDATE_COMPLETE") -> dict[str, Any]:
    its = {
        "LogicalResourceId": logical_id,
        "ResourceType": "any",
        "ResourceStatus": status,
        "LastUpdatedTimestamp": NOW,
    }
    return its | ({"PhysicalResourceId": physical_id} if physical_id else {})


def add_resources(stubber: Stubber, *pages: list[dict[str, Any]]) -> None:
    for number, page in enumerate(pages):
        expected = {"StackName": STACK_ID} | ({"NextToken": str(number)} if number else {})
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        stubber.add_response("list_stack_resources", {"StackResourceSummaries": page, **more}, expected)


def test_the_resources_of_every_page_are_listed(stubber: Stubber) -> None:
    first, second = resource("Asking", "it"), resource("Unmade", None, "CREATE_IN_PROGRESS")
    add_resources(stubber, [first], [second])
    assert view(stubber).resources(STACK_ID) == [first, second]
