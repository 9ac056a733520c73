"""What CloudFormation's list of a stack's resources (`ListStackResources`) says of what serves."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

StackResource = Mapping[str, Any]

# The states of a resource that does not hold what its physical ID names: it never did, or it is being given up.
_HOLDS_NOTHING: Final = ("CREATE_IN_PROGRESS", "CREATE_FAILED", "DELETE_")
_LEFT_FAILED: Final = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})


def holder(found: Iterable[StackResource], physical_id: str, besides: str) -> str:
    """Return the logical ID of a resource that holds a physical ID, besides one; nothing without one."""
    for each in found:
        is_it = each.get("PhysicalResourceId") == physical_id and each["LogicalResourceId"] != besides
        if is_it and not each["ResourceStatus"].startswith(_HOLDS_NOTHING):
            return str(each["LogicalResourceId"])
    return ""


def has_failed(found: Iterable[StackResource]) -> bool:
    """Tell whether a resource has failed and was left so: a rollback would have taken it back."""
    return any(each["ResourceStatus"] in _LEFT_FAILED for each in found)
