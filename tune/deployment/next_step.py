"""What a run of `deploy --detach` does about one stack. Each run begins with nothing but the stacks' states."""

from enum import Enum, auto
from typing import Final

from tune.account.stack_states import NEVER_EXECUTED, is_in_progress

_IN_ORDER: Final = (
    None,
    NEVER_EXECUTED,
    "DELETE_COMPLETE",
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
)
# The CDK CLI deletes a stack whose creation was rolled back, and makes it anew.
_ROLLED_BACK: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE")


class NextStep(Enum):
    """What is done about a stack."""

    PREPARE = auto()
    """Compare it with its template, and begin what is to be changed."""
    LEAVE = auto()
    """Begin nothing: it, its training or its evaluation goes on by itself."""
    TELL = auto()
    """Begin nothing: this very template has failed. What creates and deletes again and again bills each time."""
    REPAIR = auto()
    """Begin nothing: CloudFormation takes no change set for a stack in this state."""


def next_step(status: str | None, *, was_tried: bool, needs_time: bool, goes_on: bool) -> NextStep:
    """Decide about one stack.

    Args:
        status: Its status in CloudFormation, None where there is no stack.
        was_tried: Whether its last operation was of the template that it is to have.
        needs_time: Whether that failed for nothing but a training, or an evaluation, that needs more time.
        goes_on: Whether that is seen to go on.
    """
    if is_in_progress(status):
        return NextStep.LEAVE
    if status in _IN_ORDER:
        return NextStep.PREPARE
    if status not in _ROLLED_BACK:
        return NextStep.REPAIR
    if needs_time:
        return NextStep.LEAVE if goes_on else NextStep.PREPARE
    return NextStep.TELL if was_tried else NextStep.PREPARE
