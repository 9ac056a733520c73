"""What the list of a stack's resources says of what serves."""

from typing import Any

import pytest

from bedrock_lifecycle.resources.stack_resources import has_failed, holder


def resource(logical_id: str, physical_id: str | None, status: str = "UPDATE_COMPLETE") -> dict[str, Any]:
    its = {"LogicalResourceId": logical_id, "ResourceType": "any", "ResourceStatus": status}
    return its | ({"PhysicalResourceId": physical_id} if physical_id else {})


def test_another_resource_with_the_physical_id_holds_it() -> None:
    others = [resource("Other", "other"), resource("Unmade", None, "CREATE_IN_PROGRESS"), resource("Holder", "it")]
    assert holder([resource("Asking", "it"), *others], "it", besides="Asking") == "Holder"


def test_a_resource_alone_with_its_physical_id_shares_it_with_none() -> None:
    assert holder([resource("Asking", "it"), resource("Other", "other")], "it", besides="Asking") == ""


@pytest.mark.parametrize(
    ("status", "holds", "failed"),
    [
        ("CREATE_IN_PROGRESS", False, False),
        ("CREATE_FAILED", False, True),
        ("CREATE_COMPLETE", True, False),
        ("UPDATE_IN_PROGRESS", True, False),
        ("UPDATE_COMPLETE", True, False),
        ("UPDATE_FAILED", True, True),
        ("UPDATE_ROLLBACK_COMPLETE", True, False),
        ("DELETE_IN_PROGRESS", False, False),
        ("DELETE_FAILED", False, False),
        ("DELETE_SKIPPED", False, False),
        ("DELETE_COMPLETE", False, False),
    ],
)
def test_what_was_never_made_or_is_given_up_holds_nothing(status: str, holds: bool, failed: bool) -> None:
    found = [resource("Asking", "it", "UPDATE_IN_PROGRESS"), resource("Other", "it", status)]
    assert holder(found, "it", besides="Asking") == ("Other" if holds else "")
    assert has_failed(found) is failed
