"""What a policy keeps stays, and what an interrupted update left does not."""

import pytest

from bedrock_lifecycle.contract import RequestType
from bedrock_lifecycle.decisions.retained import FOR_GOOD, IF_COMPLETE, mark, stays


@pytest.mark.parametrize(
    ("found", "replaces", "expected"),
    [
        ("", False, FOR_GOOD),
        ("", True, IF_COMPLETE),
        # It was kept before, and serves again.
        (FOR_GOOD, True, FOR_GOOD),
        # That its update was complete nobody has told since.
        (IF_COMPLETE, False, IF_COMPLETE),
        (IF_COMPLETE, True, IF_COMPLETE),
    ],
)
def test_what_serves_is_marked_on_a_condition_while_its_update_may_be_taken_back(
    found: str, replaces: bool, expected: str
) -> None:
    assert mark(found, replaces=replaces) == expected


@pytest.mark.parametrize(
    ("found", "event", "expected"),
    [
        (FOR_GOOD, "Create", True),
        (FOR_GOOD, "Update", True),
        (FOR_GOOD, "Delete", True),
        (IF_COMPLETE, "Create", True),
        (IF_COMPLETE, "Update", False),
        (IF_COMPLETE, "Delete", False),
        ("", "Create", False),
        ("", "Update", False),
        ("", "Delete", False),
    ],
)
def test_a_mark_on_a_condition_keeps_only_what_no_request_can_be_about_any_more(
    found: str, event: RequestType, expected: bool
) -> None:
    assert stays(found, event) is expected
