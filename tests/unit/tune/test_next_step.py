"""What a detached deployment does about a stack: one row for each state of it."""

from typing import Any

import boto3
import pytest

from tune.deployment.next_step import NextStep, next_step

PREPARE, LEAVE, TELL, REPAIR = NextStep.PREPARE, NextStep.LEAVE, NextStep.TELL, NextStep.REPAIR
# The same whatever is known of its last operation.
FIXED = {
    None: PREPARE,
    "REVIEW_IN_PROGRESS": PREPARE,
    "DELETE_COMPLETE": PREPARE,
    "CREATE_COMPLETE": PREPARE,
    "UPDATE_COMPLETE": PREPARE,
    "IMPORT_COMPLETE": PREPARE,
    "IMPORT_ROLLBACK_COMPLETE": PREPARE,
    "CREATE_IN_PROGRESS": LEAVE,
    "UPDATE_IN_PROGRESS": LEAVE,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": LEAVE,
    "ROLLBACK_IN_PROGRESS": LEAVE,
    "UPDATE_ROLLBACK_IN_PROGRESS": LEAVE,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": LEAVE,
    "DELETE_IN_PROGRESS": LEAVE,
    "IMPORT_IN_PROGRESS": LEAVE,
    "IMPORT_ROLLBACK_IN_PROGRESS": LEAVE,
    "CREATE_FAILED": REPAIR,
    "UPDATE_FAILED": REPAIR,
    "UPDATE_ROLLBACK_FAILED": REPAIR,
    "DELETE_FAILED": REPAIR,
    "IMPORT_ROLLBACK_FAILED": REPAIR,
}
ROLLED_BACK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE")
KNOWN = [
    {"was_tried": tried, "needs_time": needs, "goes_on": training}
    for tried in (False, True)
    for needs in (False, True)
    for training in (False, True)
]


def test_every_state_of_a_stack_has_a_row() -> None:
    model = boto3.client("cloudformation", region_name="us-east-1").meta.service_model
    assert {*model.shape_for("StackStatus").enum} == {*FIXED, *ROLLED_BACK} - {None}


@pytest.mark.parametrize(("status", "step"), FIXED.items())
@pytest.mark.parametrize("known", KNOWN, ids=str)
def test_most_states_decide_by_themselves(status: str | None, step: NextStep, known: dict[str, Any]) -> None:
    assert next_step(status, **known) is step


@pytest.mark.parametrize("status", ROLLED_BACK)
@pytest.mark.parametrize(
    ("was_tried", "needs_time", "goes_on", "step"),
    [
        (False, False, False, PREPARE),
        (False, False, True, PREPARE),
        # What was created and deleted may have been billed: not again by itself.
        (True, False, False, TELL),
        (True, False, True, TELL),
        # The training is adopted when it has ended.
        (True, True, True, LEAVE),
        (False, True, True, LEAVE),
        (True, True, False, PREPARE),
        (False, True, False, PREPARE),
    ],
)
def test_what_was_rolled_back_is_begun_again_where_that_costs_nothing_twice(
    status: str, *, was_tried: bool, needs_time: bool, goes_on: bool, step: NextStep
) -> None:
    assert next_step(status, was_tried=was_tried, needs_time=needs_time, goes_on=goes_on) is step
