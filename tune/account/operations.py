"""What the last operation on a stack was asked with: CloudFormation keeps the token of a request at each of its events.

The API reference says so of a StackEvent: all events of an operation have its ClientRequestToken.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tune.account import stack_states

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

UNKNOWN_COMMIT: Final = "unknown"
_TOKEN: Final = re.compile(r"(?P<change_set>.+)-(?P<commit>[0-9a-f]{12}(?:-changed)?|unknown)-[0-9a-f]{16}")


@dataclass(frozen=True)
class Operation:
    """What `deploy --detach` was at; both are empty for what something else has asked for."""

    change_set: str = ""
    """The name of the change set."""
    commit: str = ""
    """The commit of the settings, with `-changed` where tracked files were; empty where git told none."""


def token_of(*, change_set: str, name: str, commit: str) -> str:
    """Return the token with which a change set is executed, the same each time; of 128 characters at most.

    Args:
        change_set: Its ARN.
        name: Its name.
        commit: As git tells it, or UNKNOWN_COMMIT.
    """
    return f"{name}-{commit}-{hashlib.sha256(change_set.encode()).hexdigest()[:16]}"


def latest(cloudformation: "CloudFormationClient", stack: str) -> Operation:
    """Return the last operation on a stack."""
    found = _TOKEN.fullmatch(stack_states.newest_token(cloudformation, stack))
    if not found:
        return Operation()
    commit = found["commit"]
    return Operation(found["change_set"], "" if commit == UNKNOWN_COMMIT else commit)
