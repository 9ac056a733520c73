"""A run of an evaluation's workflow, as the decisions see it."""

from dataclasses import dataclass
from typing import Final

# How a run says that it has ended, in its output.
COMPLETE: Final = "complete"
BOUNDED: Final = "bounded"
FAILED: Final = "failed"
REFUSED: Final = "refused"

_GOING: Final = frozenset({"RUNNING", "PENDING_REDRIVE"})
_SUCCEEDED: Final = "SUCCEEDED"


@dataclass(frozen=True)
class EvaluationRun:
    """One run.

    status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE (Step Functions, DescribeExecution).
    outcome, reason: what its output says, once it has succeeded and where that was read.
    owner: the owner tag of the stack that started it, where that was read.
    """

    name: str
    arn: str
    status: str
    outcome: str = ""
    reason: str = ""
    owner: str = ""

    @property
    def is_going(self) -> bool:
        return self.status in _GOING

    @property
    def has_succeeded(self) -> bool:
        """Whether it ended by itself; what it came to is its outcome."""
        return self.status == _SUCCEEDED
